#include "inventory/file_ledger.hpp"

#include "base/text.hpp"
#include "mailchimp/catalogue.hpp"

namespace chimplift {

Result<FileLedger> read_file_ledger(const AccountArchive& archive) {
  FileLedger ledger;
  TRY(each_record(archive, [&ledger](LedgerRecord& record) -> Result<void> {
    if (auto* page = std::get_if<PageRecord>(&record)) {
      const Stream* stream = find_stream(page->unit.stream);
      if (stream != nullptr && !stream->files.empty()) ledger.pages[page->unit.stream].push_back(std::move(*page));
    } else if (auto* file = std::get_if<FileRecord>(&record)) {
      ++ledger.file_lines;
      std::pair<std::string, std::string> key{file->kind, file->id};
      ledger.files.insert_or_assign(std::move(key), std::move(*file));
    }
    return {};
  }));
  return ledger;
}

bool is_doubtful(std::string_view path, i64 bytes, std::string_view content_type) {
  if (bytes == 0) return true;
  const std::string type = to_lower(trim(content_type.substr(0, content_type.find(';'))));
  if (type == "text/html") return !path.ends_with(".html") && !path.ends_with(".htm");
  return (type == "application/json" || type == "application/problem+json") && !path.ends_with(".json");
}

}  // namespace chimplift
