#include "pull/work.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "inventory/ledger_view.hpp"
#include "inventory/unit_stream.hpp"

namespace chimplift {

Work::Work(const Selection& selection, AccountArchive& archive, std::optional<i64> most_records)
    : selection_(&selection), archive_(&archive), most_records_(most_records) {
  for (const Stream* stream : selection.pulled()) {
    for (const Stream* one : {stream, by_id(*stream)}) {
      if (one == nullptr) continue;
      discoverers_.emplace(one, Discoverer(*one, selection));
      queues_[one].stream = one;
    }
  }
}

std::vector<std::string> Work::selected_tables() const {
  std::vector<std::string> tables;
  for (const Stream* stream : selection_->pulled()) {
    if (selection_->has(*stream)) tables.emplace_back(stream->table);
  }
  return tables;
}

bool Work::are_all_in(const std::set<std::string>& finished) const {
  const std::vector<std::string> tables = selected_tables();
  return std::all_of(tables.begin(), tables.end(), [&finished](const std::string& table) { return finished.contains(table); });
}

// ---- taking up what the archive has

Result<void> Work::resume(std::vector<WantedFile>& files) {
  TRY(take_up(files));
  // Of an archive that was finished everything is read anew, see start_refresh().
  while (!damaged_.empty() && !was_finished()) {
    for (const UnitId& unit : damaged_) note_refresh(unit);
    TRY(archive_->flush());
    *this = Work(*selection_, *archive_, most_records_);
    files.clear();
    TRY(take_up(files));
  }
  return {};
}

Result<void> Work::take_up(std::vector<WantedFile>& files) {
  std::map<UnitId, History> histories;
  TRY(scan_ledger(histories));
  // A refresh of some steps takes back that the others were finished, but nobody stopped while these were being read anew.
  is_due_anew_ = are_all_in(finished_tables_) || (are_all_in(once_finished_) && !is_refreshing_);
  // A refresh of these streams that was stopped goes on, although one of others may have ended since.
  for (const auto& [id, history] : histories) {
    if (history.earlier.empty() || (history.ended && history.is_final)) continue;
    if (stream_of(id).is_by_id) continue;  // its list may have it now, and then it is not asked for again
    is_refreshing_ = is_refreshing_ || is_telling(stream_of(id));
  }
  for (const auto& [id, history] : histories) {
    const Stream& stream = stream_of(id);
    const bool is_whole = history.ended && history.is_final;
    if (is_whole && history.pages.empty()) settled_.insert(id);
    if (is_whole && history.is_gone && history.pages.empty()) gone_.insert(id);
    if (!queues_.contains(&stream) && !history.pages.empty()) begun_elsewhere_.insert(id);
    // What was had by its id was mentioned, though what mentions it may still be to be read anew. What could not be had is asked for again
    // where something still mentions it.
    if (stream.is_by_id && queues_.contains(&stream) && (is_whole || !history.pages.empty())) mentions_.add(id);
    if (!is_whole && is_telling(stream)) TRY(read_earlier(stream, history.earlier));
    if (stream.is_by_id && is_telling(stream)) {
      // Its list may give the record next, with what changed in between.
      TRY(read_earlier(stream, history.leading));
      TRY(read_earlier(stream, history.pages));
    }
    // Its own parent may be found only later, and tell then that it is to be read anew; or not, and then what its pages mention stands.
    const auto discoverer = discoverers_.find(&stream);
    const bool matters = stream.told_by_parent || (discoverer != discoverers_.end() && discoverer->second.mentions_others());
    if (is_refreshing_ && matters) TRY(read_earlier(stream, history.leading));
  }
  is_resuming_ = true;
  std::deque<UnitId> found;
  add_roots(found);
  while (!found.empty()) {
    const UnitId id = std::move(found.front());
    found.pop_front();
    TRY(resume_unit(id, histories, files, found));
    if (found.empty()) {
      for (UnitId& one : mentions_.take_unlisted()) found.push_back(std::move(one));
    }
  }
  is_resuming_ = false;
  if (!damaged_.empty()) return {};
  // Begun below a parent whose own page was lost meanwhile: when that has come again, it is begun anew, as the ledger then says.
  for (const auto& [id, history] : histories) {
    if (history.pages.empty() || known_units_.contains(id) || !queues_.contains(&stream_of(id))) continue;
    note_refresh(id);
    for (int sweep = 0; sweep < static_cast<int>(stream_of(id).sweeps.size()); ++sweep) settled_.erase({id.stream, id.parents, sweep});
  }
  return {};
}

void Work::note_refresh(const UnitId& unit) {
  archive_->keep(RefreshEvent{{unit.stream}, format_utc(system_clock().now_micros()), unit.parents});
}

/// The page's body; nullopt where it is damaged, which is noted.
Result<std::optional<std::string>> Work::read_whole(const PageRecord& page) {
  Result<std::string> body = archive_->read_body(page);
  if (body) return std::optional(std::move(*body));
  if (body.error().kind != ErrorKind::archive) return tl::unexpected(std::move(body).error());
  log_warning("A page of the archive is damaged.", {{"reason", body.error().message}});
  damaged_.insert(page.unit);
  return std::optional<std::string>();
}

void Work::add_roots(std::deque<UnitId>& roots) const {
  for (const Stream* stream : selection_->pulled()) {
    if (!stream->parent.empty()) continue;
    for (int sweep = 0; sweep < static_cast<int>(stream->sweeps.size()); ++sweep) roots.push_back({std::string(stream->table), {}, sweep});
  }
}

Result<void> Work::scan_ledger(std::map<UnitId, History>& histories) {
  TRY_ASSIGN(LedgerReader reader, archive_->ledger());
  while (true) {
    TRY_ASSIGN(std::optional<LedgerRecord> record, reader.next(archive_->durable()));
    if (!record) return {};
    if (auto* page = std::get_if<PageRecord>(&*record)) {
      if (std::optional<Error> unknown = unknown_stream(page->unit.stream)) return tl::unexpected(std::move(*unknown));
      note_age(*page);
      histories[page->unit].pages.push_back(std::move(*page));
    } else if (const auto* end = std::get_if<EndRecord>(&*record)) {
      if (std::optional<Error> unknown = unknown_stream(end->unit.stream)) return tl::unexpected(std::move(*unknown));
      History& history = histories[end->unit];
      history.ended = true;
      history.is_gone = end->state == UnitState::gone;
      history.is_final = end->state == UnitState::complete || history.is_gone;
      history.has_records = end->state == UnitState::incomplete && end->records > 0;
      const auto discoverer = discoverers_.find(&stream_of(end->unit));
      if (discoverer != discoverers_.end() && discoverer->second.leads_anywhere()) {
        history.leading.insert(history.leading.end(), history.pages.begin(), history.pages.end());
      }
      history.pages.clear();
    } else if (auto* file = std::get_if<FileRecord>(&*record)) {
      std::pair<std::string, std::string> key{file->kind, file->id};
      known_files_.insert_or_assign(std::move(key), std::move(*file));
    } else if (const auto* refresh = std::get_if<RefreshEvent>(&*record)) {
      scan_refresh(*refresh, histories);
    } else if (const auto* finished = std::get_if<FinishedEvent>(&*record)) {
      scan_finished(*finished);
    }
  }
}

Result<void> Work::resume_unit(const UnitId& id, std::map<UnitId, History>& histories, std::vector<WantedFile>& files,
                               std::deque<UnitId>& found) {
  if (!known_units_.insert(id)) return {};
  ++units_known_;
  const Stream& stream = stream_of(id);
  Queue& queue = queues_.at(&stream);
  History& history = histories[id];
  PageContents contents;
  for (const PageRecord& page : history.leading) TRY(follow(stream, page, contents, files, found));
  if (history.ended && (history.is_final || history.has_records) && !damaged_.contains(id)) note_read(stream);
  if (history.ended && history.is_final && history.pages.empty()) {
    ++units_ended_;
    return {};
  }
  if (history.pages.empty()) {
    queue.waiting.push_back(id);
    return {};
  }
  auto unit = std::make_unique<Unit>(Unit{&stream, id, Collection(stream)});
  std::vector<Collection::DurablePage> pages;
  for (const PageRecord& page : history.pages) {
    TRY(follow(stream, page, contents, files, found));
    if (damaged_.contains(id)) return {};
    pages.push_back({Stretch{page.offset, page.count}, std::move(contents), page.pass});
  }
  unit->collection.restore(pages);
  queue.records += unit->collection.records();
  queue.open.push_back(std::move(unit));
  settle(*queue.open.back());  // the run may have ended between the last page and the unit's end
  return {};
}

/// Reads a page of the archive and takes what it leads to.
Result<void> Work::follow(const Stream& stream, const PageRecord& page, PageContents& contents, std::vector<WantedFile>& files,
                          std::deque<UnitId>& found) {
  const Discoverer& discoverer = discoverers_.at(&stream);
  TRY_ASSIGN(const std::optional<std::string> body, read_whole(page));
  if (!body) return {};
  Result<PageContents> read = read_page(*body, discoverer.shape());
  if (!read || !discoverer.is_asked_for(page.unit.parents, *read)) {
    damaged_.insert(page.unit);  // an earlier version took it for what it is not
    return {};
  }
  contents = std::move(*read);
  remember(stream, page.unit, contents);
  Discovery discovery = discoverer.discover(page.unit.parents, *body, contents);
  note_mentions(stream, discovery);
  for (UnitId& child : discovery.children) found.push_back(std::move(child));
  for (WantedFile& file : discovery.files) files.push_back(std::move(file));
  return {};
}

void Work::add(const UnitId& id) {
  if (!known_units_.insert(id)) return;
  ++units_known_;
  if (settled_.contains(id)) {
    ++units_ended_;
    return;
  }
  queues_.at(&stream_of(id)).waiting.push_back(id);
}

void Work::note_read(const Stream& stream) {
  if (!stream.record_path.empty()) mentions_.set_read(std::string(stream.table));
}

void Work::note_mentions(const Stream& stream, const Discovery& discovery) {
  if (!most_records_) mentions_.note(stream, discovery);  // a test run reads no more than it needs to
}

// ---- what to ask for next

std::optional<PageTask> Work::next() {
  for (const std::unique_ptr<Unit>& unit : rechecks_) {
    if (unit->given_up) continue;
    if (const std::optional<Stretch> stretch = unit->collection.next(std::numeric_limits<i64>::max())) {
      ++unit->tasks;
      return PageTask{unit.get(), *stretch};
    }
  }
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
  if (queue.waiting.empty()) return std::nullopt;
  queue.open.push_back(std::make_unique<Unit>(Unit{queue.stream, std::move(queue.waiting.front()), Collection(*queue.stream)}));
  queue.waiting.pop_front();
  Unit& unit = *queue.open.back();
  return take(unit, *unit.collection.next(allowed));
}

i64 Work::allowance(const Queue& queue) const {
  if (!most_records_) return std::numeric_limits<i64>::max();
  return *most_records_ - queue.records - queue.under_way;
}

/// A test run has enough of this stream.
void Work::cap(Queue& queue) {
  units_known_ -= static_cast<i64>(queue.waiting.size());
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
    for (const std::vector<std::optional<std::string>>& fields : contents.fields) {
      for (const std::optional<std::string>& field : fields) {
        if (field) suspected_.at(list_of(unit)).ids.insert(*field);
      }
    }
  } else {
    queue_of(unit).records += contents.records;
    Discovery discovery = discoverer(*unit.stream).discover(unit.id.parents, body, contents);
    note_mentions(*unit.stream, discovery);
    for (const UnitId& child : discovery.children) add(child);
    for (WantedFile& file : discovery.files) files.push_back(std::move(file));
  }
  settle(unit);
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
  if (!unit.given_up && asked_once_more_.contains(unit.id) && !unit.is_recheck) {
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
  if (unit.given_up) {
    if (unit.tasks > 0) return;
    if (unit.is_outdated) {
      queue_of(unit).waiting.push_back(unit.id);
      close(unit);
    } else if (unit.is_recheck) {
      end_recheck(unit, true, unit.given_up->is_suspect);
    } else if (unit.given_up->is_suspect && unit.stream->is_by_id) {
      absent_.push_back(unit.id);
      close(unit);
    } else if (unit.given_up->is_suspect) {
      suspected_[list_above(unit.id)].suspects.push_back({unit.id, unit.given_up->reason});
      close(unit);
    } else {
      end(unit, unit.given_up->state, unit.given_up->reason);
    }
    return;
  }
  if (!unit.collection.pass_done()) return;
  const Collection::Ending ending = unit.collection.end_pass();
  if (ending.outcome == Collection::Outcome::again) return;
  if (unit.is_recheck) {
    end_recheck(unit, ending.outcome != Collection::Outcome::complete, false);
  } else {
    end(unit, ending.outcome == Collection::Outcome::complete ? UnitState::complete : UnitState::incomplete, ending.reason);
  }
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
  ++units_ended_;
  log_debug("A collection has come to its end.", {{"account", archive_->about().account_name},
                                                  {"stream", unit.id.stream},
                                                  {"parent", join(unit.id.parents, "/")},
                                                  {"state", std::string(name_of(state))},
                                                  {"records", std::to_string(c.records())},
                                                  {"reason", reason}});
  const bool is_whole = state == UnitState::complete || state == UnitState::gone;
  if (is_whole && (unit.stream->told_by_parent || is_resuming_)) settled_.insert(unit.id);
  has_gaps_ = has_gaps_ || !is_whole;
  if (is_whole || (state == UnitState::incomplete && c.records() > 0)) note_read(*unit.stream);
  close(unit);
}

void Work::close(Unit& unit) {
  std::list<std::unique_ptr<Unit>>& units = unit.is_recheck ? rechecks_ : queue_of(unit).open;
  units.remove_if([&unit](const std::unique_ptr<Unit>& other) { return other.get() == &unit; });
}

// ---- parents that went away while the run went on

bool Work::begin_rechecks() {
  if (!is_idle()) return false;
  bool has_begun = !absent_.empty();
  for (; !absent_.empty(); absent_.pop_front()) {
    asked_once_more_.insert(absent_.front());
    queues_.at(&stream_of(absent_.front())).waiting.push_back(absent_.front());
  }
  for (auto& [list, recheck] : suspected_) {
    if (recheck.sweeps_left > 0) continue;  // under way
    const Stream& stream = stream_of(list);
    recheck.sweeps_left = static_cast<int>(stream.sweeps.size());
    for (int sweep = 0; sweep < recheck.sweeps_left; ++sweep) {
      rechecks_.push_back(std::make_unique<Unit>(Unit{&stream, {list.stream, list.parents, sweep}, Collection(stream), true}));
    }
    has_begun = true;
  }
  return has_begun;
}

/// The list that a unit's parent stands in; of one that no list has, the parent itself.
UnitId Work::list_above(const UnitId& unit) const {
  UnitId list{std::string(find_stream(unit.stream)->parent), unit.parents, 0};
  if (known_units_.contains(list)) return list;
  list.parents.pop_back();
  return list;
}

/// When every sweep of a list was read again, the children that were not found are judged.
void Work::end_recheck(const Unit& unit, bool failed, bool not_found) {
  const UnitId list = list_of(unit);
  Recheck& recheck = suspected_.at(list);
  recheck.failed = recheck.failed || failed;
  recheck.not_found = recheck.not_found || not_found;
  if (--recheck.sweeps_left == 0) {
    const Recheck done = std::move(recheck);
    suspected_.erase(list);
    judge(list, done);
  }
  rechecks_.remove_if([&unit](const std::unique_ptr<Unit>& other) { return other.get() == &unit; });
}

/// Where the list could not be read, nobody can say that a parent is gone; where it was not found itself, the list above it can.
void Work::judge(const UnitId& list, const Recheck& recheck) {
  const bool is_one = stream_of(list).is_by_id;
  for (const Suspect& suspect : recheck.suspects) {
    if (recheck.not_found && !is_one) {
      suspected_[list_above(list)].suspects.push_back(suspect);
      continue;
    }
    const bool is_gone =
        is_one ? recheck.not_found : !recheck.failed && !recheck.ids.contains(suspect.unit.parents.at(list.parents.size()));
    const std::string reason = is_gone ? "deleted while the run went on: its list no longer has it" : suspect.reason;
    archive_->keep(EndRecord{.unit = suspect.unit, .state = is_gone ? UnitState::gone : UnitState::incomplete, .reason = reason});
    has_gaps_ = has_gaps_ || !is_gone;
    ++units_ended_;
  }
}

bool Work::is_idle() const {
  return !mentions_.has_news() && std::all_of(queues_.begin(), queues_.end(),
                                              [](const auto& item) { return item.second.waiting.empty() && item.second.open.empty(); });
}

}  // namespace chimplift
