#include "pull/unit_history.hpp"

#include <optional>
#include <variant>

#include "inventory/ledger_view.hpp"
#include "inventory/unit_stream.hpp"

namespace chimplift {

void UnitHistory::note(PageRecord page) {
  if (pages.empty()) begun_at = page.number;
  pages.push_back(std::move(page));
}

void UnitHistory::note(const EndRecord& end, bool leads_anywhere, i64 last_page) {
  if (pages.empty()) begun_at = last_page + 1;
  ended_behind = last_page;
  is_gone = end.state == UnitState::gone;
  is_final = end.state == UnitState::complete || is_gone;
  has_records = end.state == UnitState::incomplete && end.records > 0;
  if (leads_anywhere) leading.insert(leading.end(), pages.begin(), pages.end());
  pages.clear();
}

void UnitHistory::take_back() {
  UnitHistory anew;
  anew.earlier = std::move(leading.empty() ? earlier : leading);
  *this = std::move(anew);
}

void LedgerHistory::take_back(const RefreshEvent& refresh) {
  for (const std::string& stream : refresh.streams) {
    // There are as many of these events as parents that ever changed: each looks at its own units, and not at all of them.
    for (auto it = units.lower_bound({stream, refresh.parents, 0}); it != units.end() && it->first.stream == stream; ++it) {
      if (!refresh.refreshes(it->first)) break;
      it->second.take_back();
    }
  }
}

std::vector<UnitId> LedgerHistory::sweeps_read_too_early() const {
  std::vector<UnitId> early;
  for (const auto& [id, history] : units) {
    const bool is_begun = history.is_settled() || !history.pages.empty();
    if (id.sweep == 0 || !is_begun || history.is_gone) continue;
    const auto before = units.find({id.stream, id.parents, id.sweep - 1});
    const bool is_settled = before != units.end() && before->second.is_settled();
    if (is_settled && (before->second.is_gone || before->second.ended_behind < history.begun_at)) continue;
    early.push_back(id);
  }
  return early;
}

Result<LedgerHistory> read_history(const AccountArchive& archive, const Selection& selection, const Discoverers& discoverers) {
  LedgerHistory history{{}, Freshness(selection), {}};
  i64 last_page = 0;
  TRY(each_record(archive, [&](LedgerRecord& record) -> Result<void> {
    if (auto* page = std::get_if<PageRecord>(&record)) {
      if (std::optional<Error> unknown = unknown_stream(page->unit.stream)) return tl::unexpected(std::move(*unknown));
      history.freshness.note(*page);
      last_page = page->number;
      history.units[page->unit].note(std::move(*page));
    } else if (const auto* end = std::get_if<EndRecord>(&record)) {
      if (std::optional<Error> unknown = unknown_stream(end->unit.stream)) return tl::unexpected(std::move(*unknown));
      const auto discoverer = discoverers.find(&stream_of(end->unit));
      history.units[end->unit].note(*end, discoverer != discoverers.end() && discoverer->second.leads_anywhere(), last_page);
    } else if (auto* file = std::get_if<FileRecord>(&record)) {
      history.files.note(std::move(*file));
    } else if (const auto* refresh = std::get_if<RefreshEvent>(&record)) {
      history.freshness.note(*refresh);
      history.take_back(*refresh);
    } else if (const auto* finished = std::get_if<FinishedEvent>(&record)) {
      history.freshness.note(*finished);
    }
    return {};
  }));
  return history;
}

}  // namespace chimplift
