#include "inventory/file_ledger.hpp"

#include "base/text.hpp"
#include "mailchimp/catalogue.hpp"

namespace chimplift {
namespace {

/// It was asked for, and did not come. That takes away nothing that had come before.
bool did_not_come(FileOutcome outcome) {
  return outcome == FileOutcome::missing || outcome == FileOutcome::skipped || outcome == FileOutcome::failed;
}

bool is_of_same(const FileRecord& one, const FileRecord& other) {
  return one.source_url == other.source_url && one.expected_bytes == other.expected_bytes;
}

}  // namespace

void KnownFiles::note(FileRecord record) {
  const std::pair<std::string, std::string> key{record.kind, record.id};
  FileRecord& known = records[key];
  if (has_bytes(known.outcome) && did_not_come(record.outcome)) {
    failed_since.insert_or_assign(key, std::move(record));
    return;
  }
  if (has_bytes(record.outcome)) {
    lost.erase(key);
    const auto failed = failed_since.find(key);
    if (failed != failed_since.end() && is_of_same(failed->second, record)) failed_since.erase(failed);
  } else if (has_bytes(known.outcome)) {
    lost.emplace(key, std::move(known));
  }
  known = std::move(record);
}

Result<FileLedger> read_file_ledger(const AccountArchive& archive) {
  FileLedger ledger;
  KnownFiles known;
  TRY(each_record(archive, [&ledger, &known](LedgerRecord& record) -> Result<void> {
    if (auto* page = std::get_if<PageRecord>(&record)) {
      const Stream* stream = find_stream(page->unit.stream);
      if (stream != nullptr && !stream->files.empty()) ledger.pages[page->unit.stream].push_back(std::move(*page));
    } else if (auto* file = std::get_if<FileRecord>(&record)) {
      ++ledger.file_lines;
      known.note(std::move(*file));
    }
    return {};
  }));
  ledger.files = std::move(known.records);
  return ledger;
}

bool is_doubtful(std::string_view path, i64 bytes, std::string_view content_type) {
  if (bytes == 0) return true;
  const std::string type = to_lower(trim(content_type.substr(0, content_type.find(';'))));
  if (type == "text/html") return !path.ends_with(".html") && !path.ends_with(".htm");
  return (type == "application/json" || type == "application/problem+json") && !path.ends_with(".json");
}

}  // namespace chimplift
