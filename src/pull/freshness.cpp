#include "pull/freshness.hpp"

#include <algorithm>

#include "mailchimp/catalogue.hpp"
#include "rows/convert.hpp"

namespace chimplift {
namespace {

// What lies in the archive and was never finished is certified as it is for a day: that is a run that was stopped and goes on. A reading
// that goes on after a week begins with pages that are too old to vouch for the account. (A day would not do for it: of a large account the
// reading itself takes as long.)
constexpr i64 kDayMicros = 86'400'000'000;
constexpr i64 kWeekMicros = 7 * kDayMicros;

// What a clock that was ahead wrote has no age that anybody knows: it is taken for old. Clocks differ by less than this.
constexpr i64 kClockMicros = 3'600'000'000;

bool is_older(i64 since, i64 micros, i64 now_micros) { return since < now_micros - micros || since > now_micros + kClockMicros; }

bool contains(const std::vector<std::string>& tables, std::string_view table) {
  return std::find(tables.begin(), tables.end(), table) != tables.end();
}

}  // namespace

void Freshness::note(const FinishedEvent& finished) {
  finished_.insert(finished.streams.begin(), finished.streams.end());
  once_finished_.insert(finished.streams.begin(), finished.streams.end());
  is_refreshing_ = false;
  // The end of some steps is not that of a refresh of more, which would begin anew and anew.
  if (are_all_in(finished_)) is_refreshing_all_ = false;
}

void Freshness::note(const RefreshEvent& refresh) {
  if (!refresh.parents.empty()) return;
  is_refreshing_ = true;
  const std::vector<std::string> all = tables_to_refresh(true, 0);
  if (std::all_of(all.begin(), all.end(), [&refresh](const std::string& table) { return contains(refresh.streams, table); }))
    is_refreshing_all_ = true;
  for (const std::string& table : refresh.streams) read_since_.erase(table);
  std::erase_if(finished_, [&refresh](const std::string& table) {
    const Stream* stream = find_stream(table);
    while (stream != nullptr && stream->told_by_parent) stream = find_stream(stream->parent);
    return stream != nullptr && contains(refresh.streams, stream->table);
  });
}

/// How old the reading of each table is: its first page since it was last begun anew. What the parents tell of needs no age.
void Freshness::note(const PageRecord& page) {
  const Stream* stream = find_stream(page.unit.stream);
  const std::vector<const Stream*>& pulled = selection_->pulled();
  if (stream->told_by_parent || std::find(pulled.begin(), pulled.end(), stream) == pulled.end()) return;
  if (const std::optional<Timestamp> at = parse_timestamp(page.received_at)) read_since_.try_emplace(page.unit.stream, at->micros);
}

// What takes back that some tables were finished makes the pages of the others no newer: only a refresh of all that was stopped goes on.
bool Freshness::was_finished() const { return are_all_in(finished_) || (are_all_in(once_finished_) && !is_refreshing_all_); }

bool Freshness::is_outdated(i64 now_micros) const { return is_older_than(kDayMicros, now_micros); }

bool Freshness::will_be_outdated(i64 now_micros) const {
  if (was_finished() || is_older_than(kWeekMicros, now_micros)) return true;
  // A run of fewer tables ended before: a run of just these would read them anew.
  const std::vector<std::string> tables = selected_tables();
  const bool is_partly_finished = std::ranges::any_of(tables, [this](const std::string& table) { return finished_.contains(table); });
  return is_partly_finished && is_older_than(kDayMicros, now_micros);
}

std::vector<std::string> Freshness::tables_to_refresh(bool all, i64 now_micros) const {
  std::vector<std::string> tables;
  for (const Stream* stream : selection_->pulled()) {
    const auto since = read_since_.find(std::string(stream->table));
    const bool is_old = since != read_since_.end() && is_older(since->second, kDayMicros, now_micros);
    if (!stream->told_by_parent && (all || is_old)) tables.emplace_back(stream->table);
  }
  return tables;
}

std::vector<std::string> Freshness::selected_tables() const {
  std::vector<std::string> tables;
  for (const Stream* stream : selection_->pulled()) {
    if (selection_->has(*stream)) tables.emplace_back(stream->table);
  }
  return tables;
}

bool Freshness::are_all_in(const std::set<std::string>& finished) const {
  const std::vector<std::string> tables = selected_tables();
  return std::all_of(tables.begin(), tables.end(), [&finished](const std::string& table) { return finished.contains(table); });
}

bool Freshness::is_older_than(i64 micros, i64 now_micros) const {
  return std::any_of(read_since_.begin(), read_since_.end(), [&](const auto& item) { return is_older(item.second, micros, now_micros); });
}

}  // namespace chimplift
