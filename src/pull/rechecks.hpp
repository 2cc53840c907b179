// Parents that went away while the run went on. Where a collection is not found (404), its parent may have been deleted, or something else
// may be wrong: the list that the parent stands in is read once more, and a parent is gone only where the list no longer has it. What was
// asked for by its own id and not found is asked for once more. It knows what was not found and what came of looking again; it keeps no
// page and ends no unit.
#pragma once

#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "inventory/discovery.hpp"
#include "pull/page_task.hpp"

namespace chimplift {

class Rechecks {
 public:
  enum class Outcome {
    gone,           // the list no longer has the parent
    there,          // it has, or could not be read: nobody can say that the parent is gone
    list_not_found  // the list itself was not found: the list above it can tell
  };
  struct Verdict {
    UnitId unit;
    std::string reason;  // why it was not found
    Outcome outcome;
  };

  /// The unit was not found, and `list` is where its parent stands: a list, or the parent by its own id.
  void suspect(const UnitId& list, const UnitId& unit, const std::string& reason);
  /// A record that was asked for by its id was not found.
  void note_absent(const UnitId& one) { absent_.push_back(one); }
  /// True where take_absent() has handed it out.
  [[nodiscard]] bool was_asked_once_more(const UnitId& one) const { return asked_once_more_.contains(one); }

  /// The records to be asked for once more; each is handed out once.
  std::vector<UnitId> take_absent();
  /// Begins to read again the lists of suspects' parents. False where there is none that is not under way.
  bool begin();
  /// The next page of these lists to ask for; nullopt where answers have to come first, or nothing is left.
  std::optional<PageTask> next();
  /// The page of a list has these records' ids. `discoverer`: of the list's stream.
  void note_ids(const Unit& unit, const Discoverer& discoverer, const PageContents& contents);
  /// Ends the reading of the list, which `unit` is a sweep of, or its pass, where nothing of it is under way any more. When every sweep was
  /// read, its suspects are judged; `unit` is no more when it has ended.
  std::vector<Verdict> settle(Unit& unit);

  /// True where nothing is suspected, under way, or to be asked for once more.
  [[nodiscard]] bool is_done() const { return units_.empty() && suspected_.empty() && absent_.empty(); }
  /// The list that this unit is a sweep of.
  static UnitId list_of(const Unit& unit) { return {unit.id.stream, unit.id.parents, 0}; }

 private:
  struct Suspect {
    UnitId unit;
    std::string reason;
  };
  struct Recheck {
    std::vector<Suspect> suspects;
    std::set<std::string> ids;  // that the list still has
    int sweeps_left = 0;        // 0: not begun
    bool failed = false;
    bool not_found = false;  // the list itself: its own parent may be gone
  };
  std::vector<Verdict> end(const Unit& unit, bool failed, bool not_found);
  static std::vector<Verdict> judge(const UnitId& list, const Recheck& recheck);

  std::map<UnitId, Recheck> suspected_;  // by the parent's list
  std::list<std::unique_ptr<Unit>> units_;
  std::deque<UnitId> absent_;
  std::set<UnitId> asked_once_more_;
};

}  // namespace chimplift
