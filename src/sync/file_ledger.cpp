#include "sync/file_ledger.hpp"

#include "mailchimp/catalogue.hpp"

namespace chimplift {

Result<FileLedger> read_file_ledger(const AccountArchive& archive) {
  FileLedger ledger;
  TRY_ASSIGN(LedgerReader reader, archive.ledger());
  while (true) {
    TRY_ASSIGN(std::optional<LedgerRecord> record, reader.next(archive.durable()));
    if (!record) return ledger;
    if (auto* page = std::get_if<PageRecord>(&*record)) {
      const Stream* stream = find_stream(page->unit.stream);
      if (stream != nullptr && !stream->files.empty()) ledger.pages[page->unit.stream].push_back(std::move(*page));
    } else if (auto* file = std::get_if<FileRecord>(&*record)) {
      ++ledger.file_lines;
      std::pair<std::string, std::string> key{file->kind, file->id};
      ledger.files.insert_or_assign(std::move(key), std::move(*file));
    }
  }
}

}  // namespace chimplift
