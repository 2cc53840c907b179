// Which units a run knows of, and which of them are not asked for (again). It knows nothing of how far a unit is read.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/types.hpp"
#include "inventory/unit_set.hpp"

namespace chimplift {

class KnownUnits {
 public:
  /// False where it is known already. One that is settled counts as ended at once.
  bool add(const UnitId& unit);
  [[nodiscard]] bool contains(const UnitId& unit) const { return known_.contains(unit); }
  /// The known units of these tables.
  [[nodiscard]] std::vector<UnitId> of(const std::vector<std::string>& tables) const;

  /// It was read to its end, or is gone: it is not asked for again.
  void settle(const UnitId& unit) { settled_.insert(unit); }
  [[nodiscard]] bool is_settled(const UnitId& unit) const { return settled_.contains(unit); }
  /// Of a unit that is settled: Mailchimp did not have it.
  void set_gone(const UnitId& unit) { gone_.insert(unit); }
  /// Its parent is there again. True where it was taken for gone until now.
  bool unset_gone(const UnitId& unit) { return gone_.erase(unit); }
  /// A step that is not in this run began to read it and did not finish.
  void set_begun_elsewhere(const UnitId& unit) { begun_elsewhere_.insert(unit); }

  /// What was read of the unit counts no more: it is known again when it is found again. False where it is not settled, nor begun
  /// elsewhere.
  bool take_back(const UnitId& unit);
  /// The unit's collection is not settled in any sweep; what is known stays known.
  void unsettle(const UnitId& unit);
  /// Nothing is known, and nothing settled but for what parents' records tell of (Stream::told_by_parent).
  void begin_anew();

  void count_end() { ++ended_; }
  /// So many units are not asked for after all.
  void discount(i64 units) { count_ -= units; }
  [[nodiscard]] i64 count() const { return count_; }
  [[nodiscard]] i64 ended() const { return ended_; }

 private:
  UnitSet known_;
  UnitSet settled_;
  UnitSet gone_;  // of the settled ones: where its parent is there again, it is asked for again
  std::set<UnitId> begun_elsewhere_;
  i64 count_ = 0;
  i64 ended_ = 0;
};

}  // namespace chimplift
