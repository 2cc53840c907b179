#include "sync/ledger_view.hpp"

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
      if (view.open[page->unit]++ == 0 || page->pass != last.pass) last = {.pass = page->pass, .first = page->number};
      ++last.pages;
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
      std::erase_if(view.ends, [event](const auto& item) { return event->refreshes(item.first); });
      std::erase_if(view.open, [event](const auto& item) { return event->refreshes(item.first); });
      for (const std::string& stream : event->streams) {
        (event->parents.empty() ? view.refreshed[stream] : view.refreshed_below[{stream, event->parents}]) = view.page_count;
      }
    }
  }
}

bool LedgerView::is_current(const PageRecord& page) const {
  const auto stream = refreshed.find(page.unit.stream);
  const auto below = refreshed_below.find({page.unit.stream, page.unit.parents});
  return (stream == refreshed.end() || page.number > stream->second) && (below == refreshed_below.end() || page.number > below->second);
}

}  // namespace chimplift
