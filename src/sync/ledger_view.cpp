#include "sync/ledger_view.hpp"

#include <algorithm>

namespace chimplift {

Result<LedgerView> view_ledger(const AccountArchive& archive) {
  LedgerView view;
  TRY_ASSIGN(LedgerReader reader, archive.ledger());
  while (true) {
    TRY_ASSIGN(std::optional<LedgerRecord> record, reader.next(archive.durable()));
    if (!record) return view;
    if (auto* page = std::get_if<PageRecord>(&*record)) {
      ++view.page_count;
      view.page_bytes += page->bytes;
      if (view.first_page_at.empty()) view.first_page_at = page->received_at;
      view.last_page_at = page->received_at;
      // The first page after an end begins another reading.
      LedgerView::Pass& last = view.last_pass[page->unit];
      if (view.open[page->unit]++ == 0 || page->pass != last.pass) last = {page->pass};
      last.records += page->records;
      if (page->offset > 0 && page->records > 0) ++last.seams;
      view.pages[page->unit.stream].push_back(std::move(*page));
    } else if (auto* end = std::get_if<EndRecord>(&*record)) {
      view.open.erase(end->unit);
      const UnitId unit = end->unit;
      view.ends.insert_or_assign(unit, std::move(*end));
    } else if (auto* file = std::get_if<FileRecord>(&*record)) {
      std::pair<std::string, std::string> key{file->kind, file->id};
      view.files.insert_or_assign(std::move(key), std::move(*file));
    } else if (const auto* event = std::get_if<EventRecord>(&*record); event != nullptr && event->event == "refresh") {
      const auto is_refreshed = [event](const auto& item) {
        return std::find(event->streams.begin(), event->streams.end(), item.first.stream) != event->streams.end();
      };
      for (const std::string& stream : event->streams) view.current_from[stream] = view.pages[stream].size();
      std::erase_if(view.ends, is_refreshed);
      std::erase_if(view.open, is_refreshed);
    }
  }
}

}  // namespace chimplift
