// What is done, what is left, what is missing: from the archive alone.
#include <algorithm>

#include "sync/certificate_files.hpp"
#include "sync/engine.hpp"
#include "sync/ledger_view.hpp"

namespace chimplift {
namespace {

/// The worst state among a stream's collections says how the stream stands.
std::string state_of(const StatusLine& line, const std::vector<UnitState>& ends) {
  const auto has = [&ends](UnitState state) { return std::find(ends.begin(), ends.end(), state) != ends.end(); };
  if (line.units_open > 0) return "under way";
  if (ends.empty()) return "not begun";
  for (const UnitState state : {UnitState::incomplete, UnitState::not_permitted, UnitState::complete}) {
    if (has(state)) return std::string(name_of(state));
  }
  return std::string(name_of(UnitState::gone));
}

Result<void> fill(const AccountArchive& archive, const Selection& selection, AccountStatus& status) {
  TRY_ASSIGN(const LedgerView view, view_ledger(archive));
  status.test = archive.about().test;
  status.last_page_at = view.last_page_at;
  status.verdict = verdict_in(standing_certificate(archive));
  for (const Stream* stream : selection.pulled()) {
    if (!selection.has(*stream)) continue;
    StatusLine line;
    line.table = stream->table;
    line.step = stream->step;
    std::vector<UnitState> ends;
    view.each(line.table, [&](const UnitId&, const LedgerView::Unit& unit) {
      if (unit.open > 0) ++line.units_open;
      if (!unit.end) return;
      ends.push_back(unit.end->state);
      line.records += unit.end->records;
      ++line.units_ended;
    });
    const auto pages = view.pages.find(line.table);
    line.pages = pages == view.pages.end() ? 0 : static_cast<i64>(pages->second.size());
    line.state = state_of(line, ends);
    status.lines.push_back(std::move(line));
  }
  for (const auto& [key, file] : view.files) {
    if (file.outcome != "fetched") continue;
    ++status.files;
    status.file_bytes += file.bytes;
  }
  return {};
}

}  // namespace

std::vector<AccountStatus> status(const Settings& settings) {
  std::vector<AccountStatus> all;
  for (const Account& account : settings.accounts) {
    AccountStatus one;
    one.account_name = account.name;
    const Result<std::unique_ptr<AccountArchive>> archive = AccountArchive::open_to_read(*settings.archive, account.name);
    if (!archive) {
      one.error = archive.error();
    } else if (Result<void> filled = fill(**archive, settings.selection, one); !filled) {
      one.error = filled.error();
    }
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace chimplift
