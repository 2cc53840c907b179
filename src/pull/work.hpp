// What of one account is to be asked for: collections, their children, what an earlier run already has. Bookkeeping only: no network. A
// unit is one collection of one parent in one sweep (UnitId). Those that are left wait in a queue for each stream, and are open while they
// are read. Where a run goes on stands in resume.hpp, what is read anew in freshness.hpp and parent_records.hpp, and what follows when
// something is not found in rechecks.hpp.
#pragma once

#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "archive/account_archive.hpp"
#include "inventory/discovery.hpp"
#include "inventory/mentions.hpp"
#include "pull/freshness.hpp"
#include "pull/known_units.hpp"
#include "pull/page_task.hpp"
#include "pull/parent_records.hpp"
#include "pull/rechecks.hpp"
#include "pull/unit_history.hpp"
#include "run/selection.hpp"

namespace chimplift {

class Work {
 public:
  /// `most_records`: of each table, for a test run; nullopt: all.
  Work(const Selection& selection, AccountArchive& archive, std::optional<i64> most_records);

  /// Reads the ledger: what is done, what was begun, what failed and is to be tried again. Files that pages in the archive speak of go to
  /// `files`. A collection with a page that is damaged, and that leads somewhere, is to be read anew.
  Result<void> resume(std::vector<WantedFile>& files);
  /// Files that the ledger has an outcome for, by kind and id.
  [[nodiscard]] const FileRecords& known_files() const { return known_files_.records; }
  /// Those that the archive had and lost, with the addresses from which they came, but for what its server no longer has.
  [[nodiscard]] std::vector<WantedFile> lost_files() const;
  /// True where an earlier run ended all of this, and nothing of it is left to read: what follows is a refresh.
  [[nodiscard]] bool was_finished() const { return is_done() && freshness_.was_finished(); }
  /// True where nothing is left to read, and what there is was never finished and is more than a day old: it is to be refreshed.
  [[nodiscard]] bool is_outdated(i64 now_micros) const { return is_done() && !has_gaps_ && freshness_.is_outdated(now_micros); }
  /// True where what there is will be too old when the rest has been read: more than a week; at once where all of it was finished, and the
  /// rest is what other steps found changed.
  [[nodiscard]] bool will_be_outdated(i64 now_micros) const { return freshness_.will_be_outdated(now_micros); }
  /// True where something could not be read to its end in this run.
  [[nodiscard]] bool has_gaps() const { return has_gaps_; }
  /// True from start_refresh() on, in later runs too, until it is finished.
  [[nodiscard]] bool is_refreshing() const { return freshness_.is_refreshing(); }
  /// Everything is to be read anew, but for collections whose parent's record tells that nothing changed below it. Where not all was
  /// finished, only what is more than a day old.
  void start_refresh(i64 now_micros);

  /// The next page to ask for; nullopt where answers have to come first, or nothing is left.
  std::optional<PageTask> next();

  /// Before the page is kept, so that no kill between the two hides the change: notes which collections below its records are to be read
  /// anew because their parent's record changed since they were read, in an earlier run, an earlier pass or before a refresh.
  void note_changes(const PageTask& task, const PageContents& contents, i64 now_micros);
  /// Takes a page that is being kept. Appends the files that it speaks of.
  void take(const PageTask& task, std::string_view body, const PageContents& contents, std::vector<WantedFile>& files);
  /// The task failed too often, which may pass: it waits until all else was read. False where it did so once already, too many do,
  /// or its unit was given up.
  bool put_aside(const PageTask& task);
  [[nodiscard]] bool has_put_aside() const { return !aside_.empty(); }
  /// What was put aside comes next.
  void take_up_put_aside();
  /// The task failed for good, and its unit gets no further.
  void give_up(const PageTask& task, UnitState state, const std::string& reason);
  /// The task met a 404: its unit's parent may be gone, or what was asked for by its id is not there. Judged when all else is read.
  void suspect(const PageTask& task, const std::string& reason);
  /// Asks for the task's stretch in two halves. False where it is too short for that.
  bool split(const PageTask& task);
  /// Ends the task without another try, because its unit was given up meanwhile.
  void drop(const PageTask& task);
  /// Where nothing else is left: reads suspects' lists again, and asks once more for what was not found by its id. False where there is
  /// none.
  bool begin_rechecks();

  /// True where no unit is open, waiting or to be asked for once more.
  [[nodiscard]] bool is_done() const { return is_idle() && rechecks_.is_done(); }
  [[nodiscard]] const Discoverer& discoverer(const Stream& stream) const { return discoverers_.at(&stream); }
  [[nodiscard]] i64 units_known() const { return units_.count(); }
  [[nodiscard]] i64 units_ended() const { return units_.ended(); }

 private:
  struct Queue {
    const Stream* stream = nullptr;
    std::deque<UnitId> waiting;
    std::list<std::unique_ptr<Unit>> open;
    i64 records = 0;    // that came
    i64 under_way = 0;  // records asked for
  };
  void add(const UnitId& id);
  bool take_back(const UnitId& id);
  void take_back_gone(const UnitId& id);
  [[nodiscard]] bool is_idle() const;
  Queue& queue_of(const Unit& unit) { return queues_.at(unit.stream); }
  std::optional<PageTask> next_of(Queue& queue);
  [[nodiscard]] static bool waits_for_a_sweep(const Queue& queue, const UnitId& id);
  [[nodiscard]] i64 allowance(const Queue& queue) const;
  void cap(Queue& queue);
  void release(const PageTask& task);
  void settle(Unit& unit);
  void settle_given_up(Unit& unit);
  void settle_recheck(Unit& unit);
  void read_once_more(const UnitId& list);
  void end(Unit& unit, UnitState state, const std::string& reason);
  void close(Unit& unit);
  [[nodiscard]] UnitId list_above(const UnitId& unit) const;

  const Selection* selection_;
  AccountArchive* archive_;
  std::optional<i64> most_records_;
  Discoverers discoverers_;
  std::map<const Stream*, Queue> queues_;
  KnownUnits units_;
  Mentions mentions_;
  Freshness freshness_;
  ParentRecords records_;
  Rechecks rechecks_;
  std::set<UnitId> has_newcomers_;   // lists that were read again and had records that nobody knew
  std::set<UnitId> read_once_more_;  // lists
  std::vector<PageTask> aside_;
  std::deque<PageTask> once_more_;  // that were put aside
  KnownFiles known_files_;
  std::set<UnitId> damaged_;  // collections with a page that was to be read and cannot be; of an archive that was finished
  bool has_gaps_ = false;
};

}  // namespace chimplift
