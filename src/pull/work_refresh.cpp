// Reading anew: how a refresh begins, and what a parent's record that changed asks for. The rest of Work is in work.cpp.
#include <algorithm>
#include <utility>

#include "base/clock.hpp"
#include "inventory/unit_stream.hpp"
#include "pull/resume.hpp"
#include "pull/work.hpp"

namespace chimplift {

void Work::start_refresh(i64 now_micros) {
  const bool is_of_all = was_finished();
  const RefreshEvent refresh{freshness_.tables_to_refresh(is_of_all, now_micros), format_utc(now_micros)};
  archive_->keep(refresh);
  freshness_.note(refresh);
  mentions_.begin_anew(refresh.streams);
  std::vector<UnitId> again;
  if (is_of_all) {
    // What hangs below records that are no more is not asked for: it is found with the pages.
    for (const UnitId& unit : damaged_) {
      if (!find_stream(unit.stream)->told_by_parent) continue;
      archive_->keep(RefreshEvent{{unit.stream}, format_utc(now_micros), unit.parents});
      units_.unsettle(unit);
    }
    units_.begin_anew();
    again = root_units(*selection_);
  } else {
    again = units_.of(refresh.streams);
    for (const UnitId& id : again) take_back(id);
    // What was asked for by its id may stand in its list now.
    std::erase_if(again, [](const UnitId& id) { return stream_of(id).is_by_id; });
  }
  for (const UnitId& id : again) add(id);
}

void Work::note_changes(const PageTask& task, const PageContents& contents, i64 now_micros) {
  const Stream& stream = *task.unit->stream;
  for (const ParentRecords::Record& record : records_.compare(discoverer(stream), task.unit->id, contents)) {
    for (const Stream* child : children_of(stream)) {
      if (!child->told_by_parent) continue;  // of other steps too: theirs is the next run
      bool was_read = false;
      for (const UnitId& below : units_of(*child, record.ids)) {
        // A parent that is listed is not gone, and what was not found below it says nothing of what is there now.
        if (units_.unset_gone(below) || !record.is_same) was_read = take_back(below) || was_read;
      }
      if (was_read) archive_->keep(RefreshEvent{{std::string(child->table)}, format_utc(now_micros), record.ids});
    }
  }
}

/// What a page leads to is there again, though it was taken for gone: it is read anew, by this run or by the next.
void Work::take_back_gone(const UnitId& id) {
  if (!units_.is_settled(id) || !units_.unset_gone(id)) return;
  archive_->keep(RefreshEvent{{id.stream}, format_utc(system_clock().now_micros()), id.parents});
  units_.take_back(id);
}

/// What was read of the unit, or is being read, counts no more; it is found again with its parent's record. False where nothing was read.
bool Work::take_back(const UnitId& id) {
  if (units_.take_back(id)) return true;
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
