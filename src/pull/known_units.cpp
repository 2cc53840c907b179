#include "pull/known_units.hpp"

#include <algorithm>

#include "inventory/unit_stream.hpp"

namespace chimplift {

bool KnownUnits::add(const UnitId& unit) {
  if (!known_.insert(unit)) return false;
  ++count_;
  if (settled_.contains(unit)) ++ended_;
  return true;
}

std::vector<UnitId> KnownUnits::of(const std::vector<std::string>& tables) const {
  std::vector<UnitId> units;
  for (const UnitId& unit : known_) {
    if (std::find(tables.begin(), tables.end(), unit.stream) != tables.end()) units.push_back(unit);
  }
  return units;
}

bool KnownUnits::take_back(const UnitId& unit) {
  if (!settled_.erase(unit)) return begun_elsewhere_.erase(unit) > 0;
  if (known_.erase(unit)) {
    --count_;
    --ended_;
  }
  return true;
}

void KnownUnits::unsettle(const UnitId& unit) {
  for (const UnitId& one : units_of(stream_of(unit), unit.parents)) settled_.erase(one);
}

void KnownUnits::begin_anew() {
  settled_.erase_if([](const UnitId& unit) { return !find_stream(unit.stream)->told_by_parent; });
  known_.clear();
  count_ = ended_ = 0;
}

}  // namespace chimplift
