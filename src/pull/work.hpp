// What of one account is to be asked for: collections, their children, what an earlier run already has. Bookkeeping only: no network.
//
// A unit is one collection of one parent in one sweep (UnitId). Units come from the catalogue (streams without a parent) and from the pages
// of parent streams, be they fresh or in the archive from an earlier run; a unit that the ledger says has ended is not asked for again.
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
#include "inventory/unit_set.hpp"
#include "pull/collection.hpp"
#include "run/selection.hpp"

namespace chimplift {

/// A unit that is being read.
struct Unit {
  const Stream* stream;
  UnitId id;
  Collection collection;
  bool is_recheck = false;   // reads a parent's list once more, only to see which ids it still has
  bool is_outdated = false;  // its parent's record changed: what is under way is not kept, and it is read from its beginning
  int tasks = 0;             // pages of it that are asked for, or wait to be asked for again
  struct GivenUp {
    UnitState state;
    std::string reason;
    bool is_suspect;  // a 404: the parent may be gone
  };
  std::optional<GivenUp> given_up = {};  // it ends as soon as no task of it is left
};

/// One page to ask for.
struct PageTask {
  Unit* unit = nullptr;
  Stretch stretch;
  int attempts = 0;       // that failed so far
  int throttled = 0;      // of these, because of too many requests
  int repeats = 0;        // answers that were another page's
  i64 failing_since = 0;  // steady milliseconds of the first failure
  std::string redirected_to = {};
};

class Work {
 public:
  /// `most_records`: of each table, for a test run; nullopt: all.
  Work(const Selection& selection, AccountArchive& archive, std::optional<i64> most_records);

  /// Reads the ledger: what is done, what was begun, what failed and is to be tried again. Files that pages in the archive speak of go to
  /// `files`. A collection with a page that is damaged, and that leads somewhere, is to be read anew.
  Result<void> resume(std::vector<WantedFile>& files);
  /// Files that the ledger has an outcome for, by kind and id.
  [[nodiscard]] const std::map<std::pair<std::string, std::string>, FileRecord>& known_files() const { return known_files_; }
  /// True where an earlier run ended all of this, and nothing of it is left to read: what follows is a refresh.
  [[nodiscard]] bool was_finished() const;
  /// True where nothing is left to read, and what there is was never finished and is more than a day old: it is to be refreshed.
  [[nodiscard]] bool is_outdated(i64 now_micros) const;
  /// True where what there is will be too old when the rest has been read: more than a week; at once where all of it was finished, and the
  /// rest is what other steps found changed.
  [[nodiscard]] bool will_be_outdated(i64 now_micros) const;
  /// True where something could not be read to its end in this run.
  [[nodiscard]] bool has_gaps() const { return has_gaps_; }
  /// True from start_refresh() on, in later runs too, until it is finished.
  [[nodiscard]] bool is_refreshing() const { return is_refreshing_; }
  /// Everything is to be read anew, but for collections whose parent's record tells that nothing changed below it. Where not all was
  /// finished, only what is more than a day old.
  void start_refresh(i64 now_micros);

  /// The next page to ask for; nullopt where answers have to come first, or nothing is left.
  std::optional<PageTask> next();

  /// Notes, before the page is kept, which collections below its records are to be read anew because their parent's record changed since
  /// they were read, be that in an earlier run, an earlier pass or before a refresh: so that no kill between the two makes the change go
  /// unseen.
  void note_changes(const PageTask& task, const PageContents& contents, i64 now_micros);
  /// Takes a page that is being kept. Appends the files that it speaks of.
  void take(const PageTask& task, std::string_view body, const PageContents& contents, std::vector<WantedFile>& files);
  /// The task failed for good, and its unit gets no further.
  void give_up(const PageTask& task, UnitState state, const std::string& reason);
  /// The task met a 404: its unit's parent may be gone, or what was asked for by its id is not there. Judged when all else is read.
  void suspect(const PageTask& task, const std::string& reason);
  /// Asks for the task's stretch in two halves. False where it is too short for that.
  bool split(const PageTask& task);
  /// Ends the task without another try, because its unit was given up meanwhile.
  void drop(const PageTask& task);
  /// Where nothing else is left: begins to read again the lists of suspects' parents, and asks once more for what was not found by its id.
  /// False where there is none.
  bool begin_rechecks();

  /// True where no unit is open, waiting or to be asked for once more.
  [[nodiscard]] bool is_done() const { return is_idle() && rechecks_.empty() && suspected_.empty() && absent_.empty(); }

  [[nodiscard]] const Discoverer& discoverer(const Stream& stream) const { return discoverers_.at(&stream); }
  [[nodiscard]] i64 units_known() const { return units_known_; }
  [[nodiscard]] i64 units_ended() const { return units_ended_; }
  [[nodiscard]] std::vector<std::string> selected_tables() const;

 private:
  struct Queue {
    const Stream* stream = nullptr;
    std::deque<UnitId> waiting;
    std::list<std::unique_ptr<Unit>> open;
    i64 records = 0;    // that came
    i64 under_way = 0;  // records asked for
  };
  /// What the ledger says of a unit.
  struct History {
    bool ended = false;
    bool is_final = false;  // complete or gone
    bool is_gone = false;
    bool has_records = false;         // ended incomplete, with some
    std::vector<PageRecord> pages;    // of the attempt that has not ended yet
    std::vector<PageRecord> leading;  // of all that has, where its pages lead to children or files
    std::vector<PageRecord> earlier;  // of what was read before it was read anew
  };
  struct Suspect {
    UnitId unit;
    std::string reason;
  };
  /// The list of a parent, read once more because children of it were not found.
  struct Recheck {
    std::vector<Suspect> suspects;
    std::set<std::string> ids;  // that the list still has
    int sweeps_left = 0;
    bool failed = false;
    bool not_found = false;  // the list itself: its own parent may be gone
  };

  Result<void> take_up(std::vector<WantedFile>& files);
  Result<void> scan_ledger(std::map<UnitId, History>& histories);
  void scan_refresh(const RefreshEvent& refresh, std::map<UnitId, History>& histories);
  void scan_finished(const FinishedEvent& finished);
  void note_age(const PageRecord& page);
  [[nodiscard]] bool are_all_in(const std::set<std::string>& finished) const;
  [[nodiscard]] bool is_older_than(i64 micros, i64 now_micros) const;
  Result<void> read_earlier(const Stream& stream, const std::vector<PageRecord>& pages);
  void remember(const Stream& stream, const UnitId& unit, const PageContents& contents);
  void note_read(const Stream& stream);
  void note_mentions(const Stream& stream, const Discovery& discovery);
  bool take_back(const UnitId& id);
  [[nodiscard]] bool is_telling(const Stream& stream) const;
  Result<void> resume_unit(const UnitId& id, std::map<UnitId, History>& histories, std::vector<WantedFile>& files,
                           std::deque<UnitId>& found);
  Result<void> follow(const Stream& stream, const PageRecord& page, PageContents& contents, std::vector<WantedFile>& files,
                      std::deque<UnitId>& found);
  Result<std::optional<std::string>> read_whole(const PageRecord& page);
  void note_refresh(const UnitId& unit);
  [[nodiscard]] bool is_idle() const;
  void add(const UnitId& id);
  void add_roots(std::deque<UnitId>& roots) const;
  Queue& queue_of(const Unit& unit) { return queues_.at(unit.stream); }
  std::optional<PageTask> next_of(Queue& queue);
  [[nodiscard]] i64 allowance(const Queue& queue) const;
  void cap(Queue& queue);
  void end(Unit& unit, UnitState state, const std::string& reason);
  void close(Unit& unit);
  void release(const PageTask& task);
  void settle(Unit& unit);
  void end_recheck(const Unit& unit, bool failed, bool not_found);
  void judge(const UnitId& list, const Recheck& recheck);
  static UnitId list_of(const Unit& unit) { return {unit.id.stream, unit.id.parents, 0}; }
  [[nodiscard]] UnitId list_above(const UnitId& unit) const;

  const Selection* selection_;
  AccountArchive* archive_;
  std::optional<i64> most_records_;
  std::map<const Stream*, Discoverer> discoverers_;
  std::map<const Stream*, Queue> queues_;
  UnitSet known_units_;
  Mentions mentions_;
  std::map<std::pair<std::string, std::string>, FileRecord> known_files_;
  std::set<std::string> finished_tables_;
  std::set<std::string> once_finished_;    // whatever was begun anew since
  bool is_due_anew_ = false;               // all of this was finished, and no refresh of it was stopped
  std::set<UnitId> damaged_;               // collections with a page that was to be read and cannot be
  std::map<std::string, i64> read_since_;  // by table: microseconds of the first page of what was read last
  bool has_gaps_ = false;
  bool is_resuming_ = false;
  // A record that has what it had: nothing below it changed.
  bool is_refreshing_ = false;
  std::map<std::pair<std::string, std::vector<std::string>>, u64> earlier_records_;  // by table and all ids: digest of the record
  UnitSet settled_;                                                                  // read to their end: not asked for again
  UnitSet gone_;                         // of these, what Mailchimp did not have: where its parent is there again, it is asked for again
  std::set<UnitId> begun_elsewhere_;     // by steps that this run has not, and not ended
  std::map<UnitId, Recheck> suspected_;  // by the parent's list
  std::list<std::unique_ptr<Unit>> rechecks_;
  std::deque<UnitId> absent_;  // by their ids, once
  std::set<UnitId> asked_once_more_;
  i64 units_known_ = 0;
  i64 units_ended_ = 0;
};

}  // namespace chimplift
