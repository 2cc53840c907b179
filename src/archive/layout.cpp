#include "archive/layout.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "base/hash.hpp"
#include "base/text.hpp"

namespace chimplift {
namespace {

// File systems take 255 bytes; a suffix (".variant-1.html.part") has to fit behind the name.
constexpr std::size_t kLongestName = 180;
constexpr std::size_t kLongestExtension = 8;

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

std::string AccountLayout::uri_of(std::string_view file) const {
  std::error_code ignored;
  const std::filesystem::path whole = std::filesystem::absolute(files() / file, ignored).lexically_normal();
  std::string uri = "file://";
  for (const std::filesystem::path& part : whole.relative_path()) uri.append("/").append(percent_encode(part.native()));
  return uri;
}

Result<void> open_archive_folder(const std::filesystem::path& archive, bool may_create) {
  const std::filesystem::path file = archive / "archive.json";
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) {
    if (!may_create) {
      return fail(ErrorKind::destination, fmt::format("{} holds no archive of chimplift", archive.string()),
                  "Name the folder that `chimplift sync` wrote with --archive.");
    }
    TRY(make_folders(archive));
    const nlohmann::ordered_json facts = {
        {"format", "chimplift archive"}, {"version", kArchiveVersion}, {"written_by", "chimplift " CHIMPLIFT_VERSION}};
    return write_file(file, facts.dump(1) + "\n");
  }
  TRY_ASSIGN(const std::string text, read_file(file));
  const nlohmann::json facts = nlohmann::json::parse(text, nullptr, false);
  const auto field = [&facts](const char* name) { return facts.is_object() && facts.contains(name) ? facts[name] : nlohmann::json(); };
  const i64 version = field("version").is_number_integer() ? field("version").get<i64>() : 0;
  if (field("format") != "chimplift archive" || version < 1) {
    return fail(ErrorKind::archive, fmt::format("{} is not the file that chimplift wrote", file.string()),
                "Name another folder with --archive, or bring back the file from a copy.");
  }
  if (version > kArchiveVersion) {
    return fail(ErrorKind::archive,
                fmt::format("the archive in {} has format version {}; this program knows versions up to {}", archive.string(), version,
                            kArchiveVersion),
                "Use the chimplift that wrote it, or a newer one. Nothing was changed.");
  }
  return {};
}

Result<File> lock_account(const AccountLayout& layout, std::string_view account_name) {
  TRY(make_folders(layout.root));
  TRY_ASSIGN(File file, File::open_append(layout.lock()));
  TRY_ASSIGN(const bool locked, file.try_lock());
  if (!locked) {
    return fail(ErrorKind::busy, fmt::format("another run works on account \"{}\" in {}", account_name, layout.root.parent_path().string()),
                "Wait until it has ended, or end it; two runs on one account would break Mailchimp's limit of 10 requests.");
  }
  return file;
}

}  // namespace chimplift
