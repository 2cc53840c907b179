#include "inventory/ledger_view.hpp"

#include <fmt/format.h>

#include "mailchimp/catalogue.hpp"

namespace chimplift {

std::optional<Error> unknown_stream(const std::string& table) {
  if (find_stream(table) != nullptr) return std::nullopt;
  return Error{ErrorKind::archive, fmt::format("the archive has pages of \"{}\", which this version does not know", table),
               "Use the version that wrote it, or a later one. Nothing was changed."};
}

Result<LedgerView> view_ledger(const AccountArchive& archive) {
  LedgerView view;
  TRY(each_record(archive, [&view](LedgerRecord& record) -> Result<void> {
    if (auto* page = std::get_if<PageRecord>(&record)) {
      if (std::optional<Error> unknown = unknown_stream(page->unit.stream)) return tl::unexpected(std::move(*unknown));
      ++view.page_count;
      view.page_bytes += page->bytes;
      if (view.first_page_at.empty()) view.first_page_at = page->received_at;
      view.last_page_at = page->received_at;
      LedgerView::Unit& unit = view.unit(page->unit);
      // The first page after an end begins another reading.
      if (unit.open++ == 0 || page->pass != unit.last_pass->pass) unit.last_pass = {.pass = page->pass, .first = page->number};
      ++unit.last_pass->pages;
      unit.last_pass->records += page->records;
      if (page->offset > 0 && page->records > 0) ++unit.last_pass->seams;
      view.pages[page->unit.stream].add(*page);
    } else if (auto* end = std::get_if<EndRecord>(&record)) {
      LedgerView::Unit& unit = view.unit(end->unit);
      if (unit.open == 0) unit.last_pass.reset();  // nothing was read: pages from before a refresh are not this end's
      unit.open = 0;
      unit.end = {.state = end->state,
                  .reason = std::move(end->reason),
                  .records = end->records,
                  .distinct = end->distinct,
                  .total_last = end->total_last,
                  .behind = view.page_count};
    } else if (auto* file = std::get_if<FileRecord>(&record)) {
      view.files.note(std::move(*file));
    } else if (const auto* refresh = std::get_if<RefreshEvent>(&record)) {
      view.take_back(*refresh);
      for (const std::string& stream : refresh->streams) {
        (refresh->parents.empty() ? view.refreshed[stream] : view.refreshed_below[{stream, refresh->parents}]) = view.page_count;
      }
    }
    return {};
  }));
  return view;
}

void LedgerView::take_back(const RefreshEvent& refresh) {
  for (const std::string& stream : refresh.streams) {
    const std::string prefix = key_prefix(stream, refresh.parents);
    for (auto it = units_.lower_bound(prefix); it != units_.end() && it->first.starts_with(prefix); ++it) {
      // A longer key is of a record that was asked for by its own id.
      if (!refresh.parents.empty() && !refresh.refreshes(unit_of(it->first))) continue;
      it->second.end.reset();
      it->second.open = 0;
    }
  }
}

const LedgerView::Unit* LedgerView::find(const UnitId& id) const {
  const auto found = units_.find(key_of(id));
  return found == units_.end() ? nullptr : &found->second;
}

const LedgerView::End* LedgerView::end_of(const UnitId& id) const {
  const Unit* unit = find(id);
  return unit == nullptr || !unit->end ? nullptr : &*unit->end;
}

const LedgerView::Pass* LedgerView::last_pass_of(const UnitId& id) const {
  const Unit* unit = find(id);
  return unit == nullptr || !unit->last_pass ? nullptr : &*unit->last_pass;
}

bool LedgerView::is_current(const PageRecord& page) const {
  const auto stream = refreshed.find(page.unit.stream);
  const auto below = refreshed_below.find({page.unit.stream, page.unit.parents});
  return (stream == refreshed.end() || page.number > stream->second) && (below == refreshed_below.end() || page.number > below->second);
}

}  // namespace chimplift
