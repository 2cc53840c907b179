#include "archive/layout.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

#include "base/hash.hpp"
#include "base/text.hpp"

namespace chimplift {
namespace {

// File systems take 255 bytes; a suffix (".variant-1.html.part") has to fit behind the name.
constexpr std::size_t kLongestName = 180;
constexpr std::size_t kLongestExtension = 8;

/// A folder beside the archive may be about something else: have other files in a folder of that name, or not let us in.
bool holds_segments(Tree& folder) {
  const auto files = folder.list(std::string(kRaw));
  return files && std::ranges::any_of(*files, [](const auto& file) { return file.first.ends_with(".ndjson.zst"); });
}

/// An account with pages, if there is one.
Result<std::optional<std::string>> find_account(Tree& archive) {
  TRY_ASSIGN(const std::vector<std::string> folders, archive.folders());
  for (const std::string& folder : folders) {
    if (is_plain_name(folder) && holds_segments(*archive.below(folder))) return std::optional(folder);
  }
  return std::optional<std::string>();
}

/// archive.json is durable before any page is. Without it nobody knows in which version of the format the pages are.
Result<void> lost_archive_json(Tree& archive, const std::string& file, const std::string& account) {
  return fail(ErrorKind::archive, fmt::format("{} is gone, and there are pages in {}", archive.name_of(file), archive.name_of(account)),
              "Bring it back from the newest copy; or write it anew, as docs/archive-format.md shows it, with the version that the first "
              "line of that account's ledger has. Nothing was changed.");
}

}  // namespace

std::string safe_name(std::string_view name) {
  std::string safe;
  for (const char c : name) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || (c == '.' && !safe.empty());
    safe += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  if (safe.empty()) return "%";
  if (safe.size() > kLongestName) safe = safe.substr(0, kLongestName - 65) + "~" + sha256_hex(name);
  return safe;
}

std::string extension_of(std::string_view name) {
  name = name.substr(0, name.find_first_of("?#"));
  name = name.substr(name.find_last_of('/') + 1);
  const std::size_t dot = name.find_last_of('.');
  if (dot == std::string_view::npos || dot + 1 == name.size() || name.size() - dot - 1 > kLongestExtension) return {};
  const std::string extension = to_lower(name.substr(dot + 1));
  return extension.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") == std::string::npos ? extension : std::string();
}

std::string raw_path(std::string_view stream, std::string_view segment) {
  return fmt::format("{}/{}/{}", kRaw, safe_name(stream), segment);
}

std::string ledger_piece_name(i64 number) { return fmt::format("{:08}.ndjson", number); }

i64 ledger_piece_number(std::string_view name) {
  i64 number = 0;
  const auto [end, failed] = std::from_chars(name.data(), name.data() + name.size(), number);
  return failed == std::errc() && std::string_view(end, static_cast<std::size_t>(name.data() + name.size() - end)) == ".ndjson" ? number
                                                                                                                                : 0;
}

std::string file_path(std::string_view path) { return fmt::format("{}/{}", kFiles, path); }

bool is_plain_name(std::string_view name) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.%~";
  return !name.empty() && !name.starts_with('.') && name.find_first_not_of(kPlain) == std::string_view::npos;
}

Result<void> open_archive_root(Tree& archive, bool may_create) {
  const std::string file = "archive.json";
  TRY_ASSIGN(std::optional<std::string> text, archive.read(file));
  if (!text) {
    TRY_ASSIGN(const std::optional<std::string> account, find_account(archive));
    if (account) {
      TRY_ASSIGN(text, archive.read(file));  // another run may have begun the archive meanwhile
      if (!text) return lost_archive_json(archive, file, *account);
    }
  }
  if (!text) {
    if (!may_create) {
      return fail(ErrorKind::destination, fmt::format("{} holds no archive of chimplift", archive.name_of("")),
                  "Name the place that `chimplift sync` wrote with --archive.");
    }
    const nlohmann::ordered_json facts = {
        {"format", "chimplift archive"}, {"version", kArchiveVersion}, {"written_by", "chimplift " CHIMPLIFT_VERSION}};
    return archive.write(file, facts.dump(1) + "\n");
  }
  const nlohmann::json facts = nlohmann::json::parse(*text, nullptr, false);
  const auto field = [&facts](const char* name) { return facts.is_object() && facts.contains(name) ? facts[name] : nlohmann::json(); };
  const i64 version = field("version").is_number_integer() ? field("version").get<i64>() : 0;
  if (field("format") != "chimplift archive" || version < 1) {
    return fail(ErrorKind::archive, fmt::format("{} is not the file that chimplift wrote", archive.name_of(file)),
                "Name another place with --archive, or bring back the file from a copy.");
  }
  if (version > kArchiveVersion) {
    return fail(ErrorKind::archive,
                fmt::format("the archive in {} has format version {}; this program knows versions up to {}", archive.name_of(""), version,
                            kArchiveVersion),
                "Use the chimplift that wrote it, or a newer one. Nothing was changed.");
  }
  return {};
}

/// The first line is durable before any page is.
Result<void> check_ledger_is_not_lost(Tree& account, const std::string& ledger) {
  TRY_ASSIGN(const auto pages, account.list(std::string(kRaw)));
  if (pages.empty()) return {};
  return fail(ErrorKind::archive, fmt::format("the ledger {} is gone or empty, and there are pages", ledger),
              "Bring it back from the newest copy, or name another place with --archive. Nothing was changed.");
}

}  // namespace chimplift
