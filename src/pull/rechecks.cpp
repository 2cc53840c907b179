#include "pull/rechecks.hpp"

#include <limits>
#include <utility>

#include "inventory/unit_stream.hpp"

namespace chimplift {

void Rechecks::suspect(const UnitId& list, const UnitId& unit, const std::string& reason) {
  suspected_[list].suspects.push_back({unit, reason});
}

std::vector<UnitId> Rechecks::take_absent() {
  std::vector<UnitId> taken(absent_.begin(), absent_.end());
  absent_.clear();
  asked_once_more_.insert(taken.begin(), taken.end());
  return taken;
}

bool Rechecks::begin() {
  bool has_begun = false;
  for (auto& [list, recheck] : suspected_) {
    if (recheck.sweeps_left > 0) continue;  // under way
    const Stream& stream = stream_of(list);
    recheck.sweeps_left = static_cast<int>(stream.sweeps.size());
    for (UnitId& unit : units_of(stream, list.parents)) {
      units_.push_back(std::make_unique<Unit>(Unit{&stream, std::move(unit), Collection(stream), true}));
    }
    has_begun = true;
  }
  return has_begun;
}

std::optional<PageTask> Rechecks::next() {
  for (const std::unique_ptr<Unit>& unit : units_) {
    if (unit->given_up) continue;
    if (const std::optional<Stretch> stretch = unit->collection.next(std::numeric_limits<i64>::max())) {
      ++unit->tasks;
      return PageTask{unit.get(), *stretch};
    }
  }
  return std::nullopt;
}

void Rechecks::note_ids(const Unit& unit, const Discoverer& discoverer, const PageContents& contents) {
  std::set<std::string>& ids = suspected_.at(list_of(unit)).ids;
  for (std::size_t record = 0; record < contents.fields.size(); ++record) {
    // Other fields may have ids too: of a campaign that is gone, and that another one names as its parent.
    if (std::optional<std::vector<std::string>> below = discoverer.ids_below(unit.id.parents, contents, record))
      ids.insert(std::move(below->back()));
  }
}

std::vector<Rechecks::Verdict> Rechecks::settle(Unit& unit) {
  if (unit.given_up) return unit.tasks > 0 ? std::vector<Verdict>() : end(unit, true, unit.given_up->is_suspect);
  if (!unit.collection.pass_done()) return {};
  const Collection::Outcome outcome = unit.collection.end_pass().outcome;
  if (outcome == Collection::Outcome::again) return {};
  return end(unit, outcome != Collection::Outcome::complete, false);
}

std::vector<Rechecks::Verdict> Rechecks::end(const Unit& unit, bool failed, bool not_found) {
  const UnitId list = list_of(unit);
  units_.remove_if([&unit](const std::unique_ptr<Unit>& other) { return other.get() == &unit; });
  Recheck& recheck = suspected_.at(list);
  recheck.failed = recheck.failed || failed;
  recheck.not_found = recheck.not_found || not_found;
  if (--recheck.sweeps_left > 0) return {};
  std::vector<Verdict> verdicts = judge(list, recheck);
  suspected_.erase(list);
  return verdicts;
}

/// Where the list could not be read, nobody can say that a parent is gone; where it was not found itself, the list above it can.
std::vector<Rechecks::Verdict> Rechecks::judge(const UnitId& list, const Recheck& recheck) {
  const bool is_one = stream_of(list).is_by_id;
  std::vector<Verdict> verdicts;
  for (const Suspect& suspect : recheck.suspects) {
    if (recheck.not_found && !is_one) {
      verdicts.push_back({suspect.unit, suspect.reason, Outcome::list_not_found});
      continue;
    }
    const bool is_gone =
        is_one ? recheck.not_found : !recheck.failed && !recheck.ids.contains(suspect.unit.parents.at(list.parents.size()));
    verdicts.push_back({suspect.unit, suspect.reason, is_gone ? Outcome::gone : Outcome::there});
  }
  return verdicts;
}

}  // namespace chimplift
