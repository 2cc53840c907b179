// What is done, what is left, what is missing: from the archive alone.
#include "sync/status.hpp"

#include <algorithm>

#include "certificate/certificate_files.hpp"
#include "inventory/ledger_view.hpp"
#include "run/account_run.hpp"
#include "run/closing_command.hpp"

namespace chimplift {
namespace {

using State = StatusLine::State;

/// The worst state among a stream's collections says how the stream stands.
State state_of(i64 open, const std::vector<UnitState>& ends) {
  const auto has = [&ends](UnitState state) { return std::find(ends.begin(), ends.end(), state) != ends.end(); };
  if (open > 0) return State::under_way;
  if (ends.empty()) return State::not_begun;
  if (has(UnitState::incomplete)) return State::incomplete;
  if (has(UnitState::not_permitted)) return State::not_permitted;
  return has(UnitState::complete) ? State::complete : State::gone;
}

/// What the certificate knows better than the ledger: what was left out on purpose, and that where the pages lead to no collection, none is
/// left to begin. Without its word a collection below a record, or a record that only others name, may not be known to the ledger yet.
State with_certificate(const Stream& stream, const StatusLine& line, const LastVerdict& last) {
  const auto found = last.states.find(line.table);
  const auto says = [&](StreamState state) { return found != last.states.end() && found->second == state; };
  const bool is_not_begun = line.state == State::not_begun;
  if (says(StreamState::excluded) && (is_not_begun || last.is_current)) return State::excluded;
  if (line.state != State::complete && !is_not_begun) return line.state;
  if (says(StreamState::complete) && last.is_current) return State::complete;
  const bool may_grow = !stream.parent.empty() || !stream.record_path.empty();
  return line.state == State::complete && may_grow ? State::read_so_far : line.state;
}

Result<void> fill(const AccountArchive& archive, const Settings& settings, AccountStatus& status) {
  TRY_ASSIGN(const LedgerView view, view_ledger(archive));
  status.test = archive.about().test;
  status.last_page_at = view.last_page_at;
  TRY_ASSIGN(const LastVerdict last, last_verdict(archive, view.page_count));
  status.verdict = last.verdict;
  status.verdict_at = last.created_at;
  status.is_current = last.is_current;
  status.limited_by = last.limited_by;
  status.verify_command = closing_command(settings, "verify", {{"account", status.account_name}});
  for (const Stream* stream : settings.selection.pulled()) {
    if (!settings.selection.has(*stream)) continue;
    StatusLine line;
    line.table = stream->table;
    line.step = stream->step;
    if (!stream->embedded.empty()) line.inside = stream->parent;
    std::vector<UnitState> ends;
    view.each(line.table, [&](const UnitId&, const LedgerView::Unit& unit) {
      if (unit.open > 0) ++line.units_open;
      if (!unit.end) return;
      ends.push_back(unit.end->state);
      line.records += unit.end->records;
      ++line.units_ended;
    });
    i64 open = line.units_open;
    // Lists that come inside their parents' records are read as far as those are.
    if (!line.inside.empty()) {
      view.each(line.inside, [&](const UnitId&, const LedgerView::Unit& unit) {
        if (unit.open > 0) ++open;
        if (unit.end) ends.push_back(unit.end->state);
      });
    }
    const auto pages = view.pages.find(line.table);
    line.pages = pages == view.pages.end() ? 0 : static_cast<i64>(pages->second.size());
    line.state = state_of(open, ends);
    line.state = with_certificate(*stream, line, last);
    status.lines.push_back(std::move(line));
  }
  for (const auto& [key, file] : view.files.records) {
    if (!has_bytes(file.outcome)) continue;  // as the certificate counts them
    ++status.files;
    status.file_bytes += file.bytes;
  }
  return {};
}

}  // namespace

std::string_view name_of(StatusLine::State state) {
  switch (state) {
    case State::complete:
      return "complete";
    case State::read_so_far:
      return "read so far";
    case State::under_way:
      return "under way";
    case State::not_begun:
      return "not begun";
    case State::not_permitted:
      return "not permitted";
    case State::gone:
      return "gone";
    case State::incomplete:
      return "incomplete";
    case State::excluded:
      return "excluded";
  }
  return "incomplete";
}

std::vector<AccountStatus> status(const Settings& settings) {
  std::vector<AccountStatus> all;
  for (const Account& account : settings.accounts) {
    AccountStatus one;
    one.account_name = account.name;
    const Result<std::unique_ptr<AccountArchive>> archive = open_to_read(settings, account.name);
    if (!archive) {
      one.error = archive.error();
    } else if (Result<void> filled = fill(**archive, settings, one); !filled) {
      one.error = filled.error();
    }
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace chimplift
