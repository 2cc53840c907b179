#include "pull/work.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "inventory/unit_stream.hpp"
#include "pull/resume.hpp"
#include "run/retry.hpp"

namespace chimplift {
namespace {

/// Of a collection whose last pass is judged.
UnitState state_of(const Collection::Ending& ending) {
  return ending.outcome == Collection::Outcome::complete ? UnitState::complete : UnitState::incomplete;
}

}  // namespace

Work::Work(const Selection& selection, AccountArchive& archive, std::optional<i64> most_records)
    : selection_(&selection), archive_(&archive), most_records_(most_records), freshness_(selection) {
  for (const Stream* stream : selection.pulled()) {
    for (const Stream* one : {stream, by_id(*stream)}) {
      if (one == nullptr) continue;
      discoverers_.emplace(one, Discoverer(*one, selection));
      queues_[one].stream = one;
    }
  }
}

Result<void> Work::resume(std::vector<WantedFile>& files) {
  TRY_ASSIGN(Resumed had, take_up(*selection_, *archive_, discoverers_, most_records_.has_value()));
  freshness_ = std::move(had.freshness);
  known_files_ = std::move(had.known_files);
  units_ = std::move(had.units);
  records_ = std::move(had.records);
  mentions_ = std::move(had.mentions);
  damaged_ = std::move(had.damaged);
  files = std::move(had.files);
  for (const UnitId& id : had.waiting) queues_.at(&stream_of(id)).waiting.push_back(id);
  for (BegunUnit& begun : had.begun) {
    Queue& queue = queue_of(*begun.unit);
    queue.records += begun.records;
    queue.open.push_back(std::move(begun.unit));
    if (begun.ending) end(*queue.open.back(), state_of(*begun.ending), begun.ending->reason);
  }
  return {};
}

std::vector<WantedFile> Work::lost_files() const {
  std::vector<WantedFile> files;
  for (const auto& [key, had] : known_files_.lost) {
    const auto names_it = [this, &kind = key.first](const Stream* stream) { return selection_->has(*stream) && may_name(*stream, kind); };
    // One that came inside a page is made again from that page.
    if (had.source_url.empty() || known_files_.records.at(key).outcome == FileOutcome::missing) continue;
    if (std::ranges::none_of(selection_->pulled(), names_it)) continue;
    WantedFile& file = files.emplace_back();
    file.kind = had.kind;
    file.id = had.id;
    file.url = had.source_url;
    file.name = had.path;
    file.expected_bytes = had.expected_bytes;
  }
  return files;
}

void Work::add(const UnitId& id) {
  if (units_.add(id) && !units_.is_settled(id)) queues_.at(&stream_of(id)).waiting.push_back(id);
}

// ---- what to ask for next

std::optional<PageTask> Work::next() {
  while (!once_more_.empty()) {
    const PageTask task = once_more_.front();
    once_more_.pop_front();
    if (!task.unit->given_up) return task;
    drop(task);
  }
  if (std::optional<PageTask> task = rechecks_.next()) return task;
  for (const UnitId& one : mentions_.take_unlisted()) add(one);
  for (const Stream* stream : selection_->pulled()) {
    if (std::optional<PageTask> task = next_of(queues_.at(stream))) return task;
    const Stream* one = by_id(*stream);
    if (one == nullptr) continue;
    if (std::optional<PageTask> task = next_of(queues_.at(one))) return task;
  }
  return std::nullopt;
}

std::optional<PageTask> Work::next_of(Queue& queue) {
  if (queue.open.empty() && queue.waiting.empty()) return std::nullopt;
  const i64 allowed = allowance(queue);
  if (allowed <= 0) {
    if (queue.under_way == 0) cap(queue);
    return std::nullopt;
  }
  const auto take = [&queue](Unit& unit, const Stretch& stretch) {
    queue.under_way += std::max<i64>(stretch.count, 1);
    ++unit.tasks;
    return PageTask{&unit, stretch};
  };
  for (const std::unique_ptr<Unit>& unit : queue.open) {
    if (unit->given_up) continue;
    if (const std::optional<Stretch> stretch = unit->collection.next(allowed)) return take(*unit, *stretch);
  }
  const auto first = std::ranges::find_if(queue.waiting, [&queue](const UnitId& id) { return !waits_for_a_sweep(queue, id); });
  if (first == queue.waiting.end()) return std::nullopt;
  queue.open.push_back(std::make_unique<Unit>(Unit{queue.stream, std::move(*first), Collection(*queue.stream)}));
  queue.waiting.erase(first);
  Unit& unit = *queue.open.back();
  return take(unit, *unit.collection.next(allowed));
}

/// A contact that is archived while its audience is read goes from the first sweep to the second: read in this order, one of them has it.
bool Work::waits_for_a_sweep(const Queue& queue, const UnitId& id) {
  const auto comes_first = [&id](const UnitId& other) { return other.sweep < id.sweep && other.parents == id.parents; };
  return id.sweep > 0 && (std::ranges::any_of(queue.waiting, comes_first) ||
                          std::ranges::any_of(queue.open, [&](const auto& unit) { return comes_first(unit->id); }));
}

i64 Work::allowance(const Queue& queue) const {
  if (!most_records_) return std::numeric_limits<i64>::max();
  return *most_records_ - queue.records - queue.under_way;
}

/// A test run has enough of this stream.
void Work::cap(Queue& queue) {
  units_.discount(static_cast<i64>(queue.waiting.size()));
  queue.waiting.clear();
  while (!queue.open.empty()) {
    queue.open.front()->collection.cap();
    end(*queue.open.front(), UnitState::complete, "a test run reads no further");
  }
}

// ---- what came of it

void Work::release(const PageTask& task) {
  --task.unit->tasks;
  if (!task.unit->is_recheck) queue_of(*task.unit).under_way -= std::max<i64>(task.stretch.count, 1);
}

void Work::take(const PageTask& task, std::string_view body, const PageContents& contents, std::vector<WantedFile>& files) {
  Unit& unit = *task.unit;
  release(task);
  unit.collection.take(task.stretch, contents);
  if (unit.is_recheck) {
    rechecks_.note_ids(unit, discoverer(*unit.stream), contents);
    const std::vector<UnitId> children = discoverer(*unit.stream).discover(unit.id.parents, body, contents).children;
    if (!std::ranges::all_of(children, [this](const UnitId& child) { return units_.contains(child); }))
      has_newcomers_.insert(Rechecks::list_of(unit));
  } else {
    queue_of(unit).records += contents.records;
    Discovery discovery = discoverer(*unit.stream).discover(unit.id.parents, body, contents);
    if (!most_records_) mentions_.note(*unit.stream, discovery);  // a test run reads no more than it needs to
    for (const UnitId& child : discovery.children) {
      take_back_gone(child);
      add(child);
    }
    for (WantedFile& file : discovery.files) files.push_back(std::move(file));
  }
  settle(unit);
}

bool Work::put_aside(const PageTask& task) {
  if (task.unit->given_up || task.was_put_aside || aside_.size() >= kMostPutAside) return false;
  aside_.push_back(task);
  aside_.back().was_put_aside = true;
  return true;
}

void Work::take_up_put_aside() {
  once_more_.insert(once_more_.end(), aside_.begin(), aside_.end());
  aside_.clear();
}

void Work::give_up(const PageTask& task, UnitState state, const std::string& reason) {
  release(task);
  if (!task.unit->given_up) task.unit->given_up = Unit::GivenUp{state, reason, false};
  settle(*task.unit);
}

void Work::suspect(const PageTask& task, const std::string& reason) {
  release(task);
  Unit& unit = *task.unit;
  const bool is_one = unit.stream->is_by_id;
  if (!unit.given_up && rechecks_.was_asked_once_more(unit.id) && !unit.is_recheck) {
    // Its list does not have it either.
    unit.given_up = Unit::GivenUp{UnitState::complete, "Mailchimp has none of that id", false};
  } else if (!unit.given_up) {
    unit.given_up = Unit::GivenUp{UnitState::incomplete, reason, is_one || !unit.stream->parent.empty()};
  }
  settle(unit);
}

bool Work::split(const PageTask& task) {
  if (task.unit->given_up || !task.unit->collection.split(task.stretch)) return false;
  release(task);
  return true;
}

void Work::drop(const PageTask& task) {
  release(task);
  settle(*task.unit);
}

/// Ends the unit, or its pass, where nothing of it is under way any more.
void Work::settle(Unit& unit) {
  if (unit.is_recheck) {
    settle_recheck(unit);
  } else if (unit.given_up) {
    if (unit.tasks == 0) settle_given_up(unit);
  } else if (unit.collection.pass_done()) {
    const Collection::Ending ending = unit.collection.end_pass();
    if (ending.outcome != Collection::Outcome::again) end(unit, state_of(ending), ending.reason);
  }
}

void Work::settle_given_up(Unit& unit) {
  if (!unit.is_outdated && !unit.given_up->is_suspect) {
    end(unit, unit.given_up->state, unit.given_up->reason);
    return;
  }
  if (unit.is_outdated) {
    queue_of(unit).waiting.push_back(unit.id);
  } else if (unit.stream->is_by_id) {
    rechecks_.note_absent(unit.id);
  } else {
    rechecks_.suspect(list_above(unit.id), unit.id, unit.given_up->reason);
  }
  close(unit);
}

void Work::end(Unit& unit, UnitState state, const std::string& reason) {
  const Collection& c = unit.collection;
  archive_->keep(EndRecord{.unit = unit.id,
                           .state = state,
                           .reason = reason,
                           .records = c.records(),
                           .distinct = c.distinct(),
                           .total_first = c.total_first(),
                           .total_last = c.total_last(),
                           .passes = c.pass(),
                           .capped = c.capped()});
  units_.count_end();
  log_debug("A collection has come to its end.", {{"account", archive_->about().account_name},
                                                  {"stream", unit.id.stream},
                                                  {"parent", join(unit.id.parents, "/")},
                                                  {"state", std::string(name_of(state))},
                                                  {"records", std::to_string(c.records())},
                                                  {"reason", reason}});
  const bool is_whole = state == UnitState::complete || state == UnitState::gone;
  if (is_whole && unit.stream->told_by_parent) units_.settle(unit.id);
  has_gaps_ = has_gaps_ || !is_whole;
  const bool was_read = is_whole || (state == UnitState::incomplete && c.records() > 0);
  if (was_read && !unit.stream->record_path.empty()) mentions_.set_read(unit.id.stream);
  close(unit);
}

void Work::close(Unit& unit) {
  queue_of(unit).open.remove_if([&unit](const std::unique_ptr<Unit>& other) { return other.get() == &unit; });
}

// ---- parents that went away while the run went on

bool Work::begin_rechecks() {
  if (!is_idle()) return false;
  const std::vector<UnitId> absent = rechecks_.take_absent();
  for (const UnitId& one : absent) queues_.at(&stream_of(one)).waiting.push_back(one);
  return rechecks_.begin() || !absent.empty();
}

void Work::settle_recheck(Unit& unit) {
  const UnitId list = Rechecks::list_of(unit);
  const std::vector<Rechecks::Verdict> verdicts = rechecks_.settle(unit);
  const bool has_lost = std::ranges::any_of(verdicts, [](const auto& verdict) { return verdict.outcome == Rechecks::Outcome::gone; });
  // Before the ends: a run that is killed between the two finds out again, and would not the other way round.
  if (has_lost && has_newcomers_.contains(list)) read_once_more(list);
  for (const Rechecks::Verdict& verdict : verdicts) {
    if (verdict.outcome == Rechecks::Outcome::list_not_found) {
      rechecks_.suspect(list_above(list), verdict.unit, verdict.reason);
      continue;
    }
    const bool is_gone = verdict.outcome == Rechecks::Outcome::gone;
    const std::string reason = is_gone ? "deleted while the run went on: its list no longer has it" : verdict.reason;
    archive_->keep(EndRecord{.unit = verdict.unit, .state = is_gone ? UnitState::gone : UnitState::incomplete, .reason = reason});
    has_gaps_ = has_gaps_ || !is_gone;
    units_.count_end();
    if (!is_gone) continue;
    // A page of this run may name it again.
    units_.settle(verdict.unit);
    units_.set_gone(verdict.unit);
  }
}

/// A contact who changes the e-mail address has another id from then on: the old one is gone, and the new one stands in no page that was
/// kept. Once, because others come in all the time.
void Work::read_once_more(const UnitId& list) {
  if (most_records_) return;  // a test run leaves most contacts unread, and would take them for newcomers
  if (list.parents.empty() || stream_of(list).is_by_id || !read_once_more_.insert(list).second) return;
  archive_->keep(RefreshEvent{{list.stream}, format_utc(system_clock().now_micros()), list.parents});
  for (const UnitId& sweep : units_of(stream_of(list), list.parents)) {
    queues_.at(&stream_of(list)).waiting.push_back(sweep);
    units_.discount(-1);
  }
}

/// The list that a unit's parent stands in; of one that no list has, the parent itself.
UnitId Work::list_above(const UnitId& unit) const {
  UnitId list{std::string(find_stream(unit.stream)->parent), unit.parents, 0};
  if (units_.contains(list)) return list;
  list.parents.pop_back();
  return list;
}

bool Work::is_idle() const {
  return !mentions_.has_news() && std::all_of(queues_.begin(), queues_.end(),
                                              [](const auto& item) { return item.second.waiting.empty() && item.second.open.empty(); });
}

}  // namespace chimplift
