// What a refresh takes back of all that a ledger says.
#include <gtest/gtest.h>

#include "pull/unit_history.hpp"
#include "run/selection.hpp"
#include "support/chance.hpp"
#include "support/small_archive.hpp"

namespace chimplift {
namespace {

TEST(LedgerHistory, ARefreshTakesBackWhatItIsAboutAndNothingElse) {
  static const std::string kStreams[] = {"reports", "report_clicks", "report_click"};
  static const std::string kIds[] = {"a", "ab", "b", ""};
  Chance chance;
  SCOPED_TRACE(chance.seed());
  const auto parents = [&chance] {
    std::vector<std::string> ids;
    for (i64 count = chance.between(0, 3); count > 0; --count) ids.push_back(chance.one_of(kIds));
    return ids;
  };
  const Selection selection = *Selection::of({}, {"account"});
  for (int round = 0; round < 200; ++round) {
    LedgerHistory history{{}, Freshness(selection), {}};
    std::map<UnitId, bool> is_final;
    for (int i = 0; i < 60; ++i) {
      const UnitId id{chance.one_of(kStreams), parents(), static_cast<int>(chance.between(0, 3))};
      history.units[id].note(EndRecord{.unit = id}, false, 0);
      is_final[id] = true;
    }
    for (int i = 0; i < 5; ++i) {
      RefreshEvent refresh{{chance.one_of(kStreams)}, "", parents()};
      if (chance.once_in(3)) refresh.streams.push_back(chance.one_of(kStreams));
      history.take_back(refresh);
      for (auto& [id, final] : is_final) final = final && !refresh.refreshes(id);
    }
    for (const auto& [id, final] : is_final) ASSERT_EQ(history.units.at(id).is_final, final) << id.stream << " " << id.parents.size();
  }
}

/// As a ledger grows over the years: a parent changes again and again, and what was read below it is read again.
TEST(LedgerHistory, IsTheSameAfterManyRefreshes) {
  SmallArchive small("conversations");
  constexpr const char* kPage = R"({"conversation_messages":[{"id":"m1"}],"total_items":1})";
  for (int round = 0; round < 3; ++round) {
    for (const char* parent : {"c1", "c2", "c3"}) {
      if (round > 0) small.archive->keep(RefreshEvent{{"conversation_messages"}, kThen, {parent}});
      if (round < 2 || parent != std::string("c2")) small.keep_whole({"conversation_messages", {parent}, 0}, kPage);
    }
  }
  ASSERT_TRUE(small.archive->flush());
  const Result<LedgerHistory> history = read_history(*small.archive, small.settings.selection, {});
  ASSERT_TRUE(history) << history.error().message;
  EXPECT_TRUE(history->units.at({"conversation_messages", {"c1"}, 0}).is_final);
  EXPECT_FALSE(history->units.at({"conversation_messages", {"c2"}, 0}).is_final);
  EXPECT_TRUE(history->units.at({"conversation_messages", {"c3"}, 0}).is_final);
}

}  // namespace
}  // namespace chimplift
