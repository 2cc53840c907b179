// What a refresh takes back in the view of a ledger, and where it begins to look.
#include "inventory/ledger_view.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/chance.hpp"

namespace chimplift {
namespace {

const std::string kStreams[] = {"reports", "report_clicks", "report_click"};

/// Ids of which some begin as others do, and some hold what keys are made of.
std::vector<std::string> some_parents(Chance& chance) {
  static const std::string kIds[] = {"a", "ab", "b", "", std::string(1, '\0'), std::string("a\0", 2), "\x01"};
  std::vector<std::string> parents;
  for (i64 count = chance.between(0, 3); count > 0; --count) parents.push_back(chance.one_of(kIds));
  return parents;
}

TEST(LedgerView, ARefreshTakesBackWhatItIsAboutAndNothingElse) {
  Chance chance;
  SCOPED_TRACE(chance.seed());
  for (int round = 0; round < 200; ++round) {
    LedgerView view;
    std::map<UnitId, bool> has_ended;
    for (int i = 0; i < 60; ++i) {
      const UnitId id{chance.one_of(kStreams), some_parents(chance), static_cast<int>(chance.between(0, 3))};
      view.unit(id).end = LedgerView::End{};
      has_ended[id] = true;
    }
    for (int i = 0; i < 5; ++i) {
      RefreshEvent refresh{{chance.one_of(kStreams)}, "", some_parents(chance)};
      if (chance.once_in(3)) refresh.streams.push_back(chance.one_of(kStreams));
      view.take_back(refresh);
      for (auto& [id, ended] : has_ended) ended = ended && !refresh.refreshes(id);
    }
    for (const auto& [id, ended] : has_ended) ASSERT_EQ(view.end_of(id) != nullptr, ended) << id.stream << " " << id.parents.size();
  }
}

TEST(LedgerView, TheKeysBelowAParentAreThoseOfItsUnits) {
  Chance chance;
  SCOPED_TRACE(chance.seed());
  for (int i = 0; i < 5'000; ++i) {
    const UnitId unit{chance.one_of(kStreams), some_parents(chance), 1};
    const std::vector<std::string> parents = some_parents(chance);
    if (parents.size() > unit.parents.size()) continue;
    const bool is_below = std::equal(parents.begin(), parents.end(), unit.parents.begin());
    EXPECT_EQ(key_of(unit).starts_with(key_prefix(unit.stream, parents)), is_below);
  }
}

}  // namespace
}  // namespace chimplift
