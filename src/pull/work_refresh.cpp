// Reading anew: what a refresh is about, and what a parent's record that changed asks for. The rest of Work is in work.cpp.
#include <algorithm>
#include <utility>

#include "base/clock.hpp"
#include "inventory/unit_stream.hpp"
#include "pull/work.hpp"
#include "rows/convert.hpp"

namespace chimplift {
namespace {

// What lies in the archive and was never finished is certified as it is for a day: that is a run that was stopped and goes on. A reading
// that goes on after a week begins with pages that are too old to vouch for the account. (A day would not do for it: of a large account the
// reading itself takes as long.)
constexpr i64 kDayMicros = 86'400'000'000;
constexpr i64 kWeekMicros = 7 * kDayMicros;

}  // namespace

void Work::scan_finished(const FinishedEvent& finished) {
  finished_tables_.insert(finished.streams.begin(), finished.streams.end());
  once_finished_.insert(finished.streams.begin(), finished.streams.end());
  is_refreshing_ = false;
}

void Work::scan_refresh(const RefreshEvent& refresh, std::map<UnitId, History>& histories) {
  if (refresh.parents.empty()) {
    is_refreshing_ = true;
    for (const std::string& table : refresh.streams) read_since_.erase(table);
    std::erase_if(finished_tables_, [&refresh](const std::string& table) {
      const Stream* stream = find_stream(table);
      while (stream != nullptr && stream->told_by_parent) stream = find_stream(stream->parent);
      return stream != nullptr && std::find(refresh.streams.begin(), refresh.streams.end(), stream->table) != refresh.streams.end();
    });
  }
  for (auto& [id, history] : histories) {
    if (!refresh.refreshes(id)) continue;
    History fresh;
    fresh.earlier = std::move(history.leading.empty() ? history.earlier : history.leading);
    history = std::move(fresh);
  }
}

/// How old the reading of each table is: its first page since it was last begun anew. What the parents tell of needs no age.
void Work::note_age(const PageRecord& page) {
  const Stream* stream = find_stream(page.unit.stream);
  if (stream->told_by_parent || !queues_.contains(stream)) return;
  if (const std::optional<Timestamp> at = parse_timestamp(page.received_at)) read_since_.try_emplace(page.unit.stream, at->micros);
}

bool Work::is_older_than(i64 micros, i64 now_micros) const {
  return std::any_of(read_since_.begin(), read_since_.end(), [&](const auto& item) { return item.second < now_micros - micros; });
}

bool Work::is_outdated(i64 now_micros) const { return is_done() && !has_gaps_ && is_older_than(kDayMicros, now_micros); }

bool Work::will_be_outdated(i64 now_micros) const { return is_due_anew_ || is_older_than(kWeekMicros, now_micros); }

bool Work::was_finished() const { return is_done() && is_due_anew_; }

void Work::start_refresh(i64 now_micros) {
  const bool is_of_all = was_finished();
  std::vector<std::string> tables;
  for (const Stream* stream : selection_->pulled()) {
    const auto since = read_since_.find(std::string(stream->table));
    const bool is_old = since != read_since_.end() && since->second < now_micros - kDayMicros;
    if (!stream->told_by_parent && (is_of_all || is_old)) tables.emplace_back(stream->table);
  }
  archive_->keep(RefreshEvent{tables, format_utc(now_micros)});
  is_refreshing_ = true;
  mentions_.begin_anew(tables);
  std::vector<UnitId> again;
  if (is_of_all) {
    // What hangs below records that are no more is not asked for: it is found with the pages.
    for (const UnitId& unit : damaged_) {
      if (!find_stream(unit.stream)->told_by_parent) continue;
      note_refresh(unit);
      settled_.erase_if([&unit](const UnitId& id) { return id.stream == unit.stream && id.parents == unit.parents; });
    }
    settled_.erase_if([](const UnitId& id) { return !find_stream(id.stream)->told_by_parent; });
    finished_tables_.clear();
    is_due_anew_ = false;
    known_units_.clear();
    units_known_ = units_ended_ = 0;
    std::deque<UnitId> roots;
    add_roots(roots);
    again.assign(roots.begin(), roots.end());
  } else {
    for (const UnitId& id : known_units_) {
      if (std::find(tables.begin(), tables.end(), id.stream) != tables.end()) again.push_back(id);
    }
    for (const UnitId& id : again) take_back(id);
    // What was asked for by its id may stand in its list now.
    std::erase_if(again, [](const UnitId& id) { return stream_of(id).is_by_id; });
  }
  for (const UnitId& id : again) add(id);
}

/// Remembers the records of pages that were read before, so that whatever reads them again sees which of them changed.
Result<void> Work::read_earlier(const Stream& stream, const std::vector<PageRecord>& pages) {
  if (pages.empty()) return {};
  const Discoverer& discoverer = discoverers_.at(&stream);
  for (const PageRecord& page : pages) {
    // What stood on a page that is damaged cannot be the same as before: what hangs below it is read anew.
    const Result<std::string> body = archive_->read_body(page);
    if (!body && body.error().kind == ErrorKind::archive) continue;
    if (!body) return tl::unexpected(body.error());
    const Result<PageContents> contents = read_page(*body, discoverer.shape());
    if (!contents) continue;
    remember(stream, page.unit, *contents);
    if (!discoverer.mentions_others()) continue;
    Discovery discovery = discoverer.discover(page.unit.parents, *body, *contents);
    discovery.ids.clear();  // whether its list has them, its pages of now say
    note_mentions(stream, discovery);
  }
  return {};
}

/// Of a record that came more than once, the first counts: collections below it may have been read then. At worst they are read once more.
void Work::remember(const Stream& stream, const UnitId& unit, const PageContents& contents) {
  if (!is_telling(stream)) return;
  for (std::size_t record = 0; record < contents.record_digests.size(); ++record) {
    if (auto ids = discoverers_.at(&stream).ids_below(unit.parents, contents, record))
      earlier_records_.try_emplace({unit.stream, std::move(*ids)}, contents.record_digests[record]);
  }
}

/// True where collections below the stream's records are read anew only when these change.
bool Work::is_telling(const Stream& stream) const {
  const auto queue = queues_.find(&stream);
  if (queue == queues_.end()) return false;
  // Of other steps too: no later run would see the change that this one has read.
  const std::vector<const Stream*> children = children_of(stream);
  return std::any_of(children.begin(), children.end(), [](const Stream* child) { return child->told_by_parent; });
}

void Work::note_changes(const PageTask& task, const PageContents& contents, i64 now_micros) {
  const Unit& unit = *task.unit;
  if (!is_telling(*unit.stream)) return;
  for (std::size_t record = 0; record < contents.record_digests.size(); ++record) {
    const auto ids = discoverer(*unit.stream).ids_below(unit.id.parents, contents, record);
    if (!ids) continue;
    const auto [had, is_new] = earlier_records_.try_emplace({unit.id.stream, *ids}, contents.record_digests[record]);
    const bool is_same = !is_new && std::exchange(had->second, contents.record_digests[record]) == contents.record_digests[record];
    for (const Stream* child : children_of(*unit.stream)) {
      if (!child->told_by_parent) continue;  // of other steps too: theirs is the next run
      bool was_read = false;
      for (int sweep = 0; sweep < static_cast<int>(child->sweeps.size()); ++sweep) {
        const UnitId below{std::string(child->table), *ids, sweep};
        // A parent that is listed is not gone, and what was not found below it says nothing of what is there now.
        if (gone_.erase(below) || !is_same) was_read = take_back(below) || was_read;
      }
      if (was_read) archive_->keep(RefreshEvent{{std::string(child->table)}, format_utc(now_micros), *ids});
    }
  }
}

/// What was read of the unit, or is being read, counts no more; it is found again with its parent's record. False where nothing was read.
bool Work::take_back(const UnitId& id) {
  if (settled_.erase(id)) {
    if (known_units_.erase(id)) {
      --units_known_;
      --units_ended_;
    }
    return true;
  }
  if (begun_elsewhere_.erase(id) > 0) return true;
  const auto queue = queues_.find(&stream_of(id));
  if (queue == queues_.end()) return false;
  for (const std::unique_ptr<Unit>& unit : queue->second.open) {
    if (unit->id != id) continue;
    unit->is_outdated = true;
    unit->given_up = Unit::GivenUp{UnitState::incomplete, "its parent's record changed", false};
    settle(*unit);
    return true;
  }
  return false;
}

}  // namespace chimplift
