#include "inventory/local_bodies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/clock.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "inventory/read_contents.hpp"
#include "mailchimp/links.hpp"

namespace chimplift {
namespace {

constexpr std::string_view kHtml = ".html";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
// Versions that were made and are not on the disk yet.
constexpr i64 kMostQueuedBytes = 64'000'000;

/// "a.html" → "a.local.html".
std::string local_path(const WantedFile& body) {
  std::string_view name = body.id;
  if (name.ends_with(kHtml)) name.remove_suffix(kHtml.size());
  return fmt::format("{}/{}.local.html", body.kind, safe_name(name));
}

std::string type_of(std::string_view body) {
  if (body.ends_with(kHtml)) return "text/html";
  return body.ends_with(".json") ? "application/json" : "text/plain";
}

/// Opened from a folder, such a page shows wrong letters: what it declares, or a browser guesses, is not what it is kept in. A byte order
/// mark says it above all else (WHATWG Encoding, "BOM sniff"; HTML, "determining the character encoding": the first 1024 bytes count).
bool needs_byte_order_mark(std::string_view html) {
  constexpr std::size_t kDeclaredWithin = 1024;
  if (html.starts_with(kByteOrderMark) || std::ranges::none_of(html, [](char c) { return static_cast<unsigned char>(c) > 0x7F; }))
    return false;
  std::string start = to_lower(html.substr(0, kDeclaredWithin));
  std::erase_if(start, [](char c) { return c == '"' || c == '\'' || c == ' '; });
  return start.find("charset=utf-8") == std::string::npos;
}

/// The path of a file as a page in another folder below the same root names it.
std::string path_from(const std::string& page, const std::string& file) {
  std::filesystem::path relative = std::filesystem::path(file).lexically_relative(std::filesystem::path(page).parent_path());
  return relative.generic_string();
}

class LocalBodies {
 public:
  LocalBodies(AccountArchive& archive, FileLedger ledger) : archive_(&archive), ledger_(std::move(ledger)) {}

  Result<void> make(const Stream& stream, const Settings& settings) {
    const auto pages = ledger_.pages.find(stream.table);
    if (pages == ledger_.pages.end()) return {};
    const Discoverer discoverer(stream);
    // From the last page on: of two that name the same body, the later one counts.
    for (auto page = pages->second.rbegin(); page != pages->second.rend(); ++page) {
      if (settings.is_interrupted()) return {};
      const Result<std::string> body = archive_->read_body(*page);
      if (!body && body.error().kind == ErrorKind::archive) continue;  // verify names it
      if (!body) return tl::unexpected(body.error());
      const Result<PageContents> contents = read_contents(*archive_, *page, *body, discoverer.shape());
      if (!contents) continue;
      Discovery found = discoverer.discover(page->unit.parents, *body, *contents);
      for (auto file = found.files.rbegin(); file != found.files.rend(); ++file) {
        if (!file->content || !seen_.insert(local_id(*file)).second) continue;
        if (has_local_version(*file)) TRY(keep(*file));
        mend(std::move(*file));
      }
      if (archive_->queued_bytes() > kMostQueuedBytes) TRY(archive_->flush());
    }
    return {};
  }

 private:
  /// A body that its account still has was mended when its page came; of one that was deleted since, only the archive's page is left.
  void mend(WantedFile body) {
    const auto had = ledger_.files.find({body.kind, body.id});
    if (had == ledger_.files.end() || had->second.outcome != FileOutcome::damaged) return;
    FileRecord record = body_record(body, system_clock().now_micros());
    archive_->keep(FileToKeep{std::move(record), std::move(body.content), {}});
  }

  Result<void> keep(const WantedFile& body) {
    std::string text = local_version(body, ledger_.files);
    FileRecord record{.kind = std::string(kLocalBodies),
                      .id = local_id(body),
                      .path = local_path(body),
                      .content_type = "text/html",
                      .outcome = FileOutcome::made,
                      .at = format_utc(system_clock().now_micros())};
    const auto had = ledger_.files.find({record.kind, record.id});
    if (had != ledger_.files.end() && had->second.sha256 == sha256_hex(text)) {
      TRY_ASSIGN(const bool is_there, archive_->has_file(had->second));
      if (is_there) return {};
    }
    archive_->keep(FileToKeep{std::move(record), std::move(text), {}});
    return {};
  }

  AccountArchive* archive_;
  FileLedger ledger_;
  std::set<std::string> seen_;
};

}  // namespace

bool has_local_version(const WantedFile& file) { return file.content && file.rule != nullptr && file.rule->is_html; }

std::string local_id(const WantedFile& body) { return body.kind + "/" + body.id; }

std::string local_version(const WantedFile& body, const FileRecords& files) {
  const std::string page = local_path(body);
  std::string text = with_images_replaced(*body.content, [&](const std::string& address) -> std::optional<std::string> {
    const auto image = files.find({std::string(kImages), address});
    if (image == files.end() || image->second.outcome != FileOutcome::fetched) return std::nullopt;
    return path_from(page, image->second.path);
  });
  if (needs_byte_order_mark(*body.content)) text.insert(0, kByteOrderMark);
  return text;
}

FileRecord body_record(const WantedFile& body, i64 now_micros) {
  return {.kind = body.kind,
          .id = body.id,
          .path = body.kind + "/" + safe_name(body.id),
          .content_type = type_of(body.id),
          .outcome = FileOutcome::fetched,
          .at = format_utc(now_micros)};
}

Result<void> make_local_bodies(AccountArchive& archive, const Settings& settings) {
  TRY(archive.flush());
  TRY_ASSIGN(FileLedger ledger, read_file_ledger(archive));
  LocalBodies bodies(archive, std::move(ledger));
  for (const Stream* stream : settings.selection.pulled()) {
    const auto is_body = [](const FileRule& rule) { return rule.source == FileRule::Source::body; };
    if (!settings.selection.has(*stream) || std::ranges::none_of(stream->files, is_body)) continue;
    TRY(bodies.make(*stream, settings));
  }
  return archive.flush();
}

}  // namespace chimplift
