// What follows from the ledger's events for a refresh: what was finished, what is old, and which tables are read anew.
#include "pull/freshness.hpp"

#include <gmock/gmock.h>

#include "rows/convert.hpp"

namespace chimplift {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr i64 kDay = 86'400'000'000;
constexpr const char* kThen = "2026-11-23T19:22:05.000000Z";
constexpr const char* kThreeDaysLater = "2026-11-26T19:22:05.000000Z";

PageRecord page_of(const std::string& table, const std::string& received_at) {
  PageRecord page;
  page.unit = {table, {}, 0};
  page.received_at = received_at;
  return page;
}

class FreshnessTest : public testing::Test {
 protected:
  void finish(const std::vector<std::string>& tables) { freshness.note(FinishedEvent{tables, kThen}); }
  void refresh(const std::vector<std::string>& tables) { freshness.note(RefreshEvent{tables, kThen}); }

  const Selection selection = *Selection::of({}, {"conversations", "templates"});
  Freshness freshness{selection};
  const i64 then = parse_timestamp(kThen)->micros;
};

TEST_F(FreshnessTest, OnlyWhatWasFinishedInAllTablesWasFinished) {
  EXPECT_FALSE(freshness.was_finished());
  finish({"conversations", "conversation_messages"});
  EXPECT_FALSE(freshness.was_finished());
  finish(freshness.selected_tables());
  EXPECT_TRUE(freshness.was_finished());
  EXPECT_TRUE(freshness.will_be_outdated(then));
}

TEST_F(FreshnessTest, ARefreshThatWasStoppedIsNotFinished) {
  finish(freshness.selected_tables());
  EXPECT_FALSE(freshness.is_refreshing());
  refresh(freshness.tables_to_refresh(true, then));
  EXPECT_TRUE(freshness.is_refreshing());
  EXPECT_FALSE(freshness.was_finished());
  refresh({"templates"});
  EXPECT_FALSE(freshness.was_finished()) << "a part of it that is read once more does not let it begin anew";
  finish(freshness.selected_tables());
  EXPECT_FALSE(freshness.is_refreshing());
  EXPECT_TRUE(freshness.was_finished());
}

TEST_F(FreshnessTest, TheEndOfSomeStepsIsNotThatOfARefreshOfAll) {
  finish(freshness.selected_tables());
  refresh(freshness.tables_to_refresh(true, then));
  finish({"templates"});
  EXPECT_FALSE(freshness.was_finished()) << "it would begin anew";
  finish(freshness.selected_tables());
  EXPECT_TRUE(freshness.was_finished());
}

TEST_F(FreshnessTest, ARefreshOfOtherStepsThatWasFinishedTakesNothingBack) {
  finish(freshness.selected_tables());
  refresh({"templates"});
  finish({"templates"});
  EXPECT_TRUE(freshness.was_finished());
  refresh({"templates"});
  finish({"campaigns"});
  EXPECT_TRUE(freshness.was_finished()) << "all was finished once, and no refresh was stopped";
}

// The other pages are as old as they were.
TEST_F(FreshnessTest, ARefreshOfSomeTablesThatWasStoppedLeavesTheNextReadingARefreshOfAll) {
  finish(freshness.selected_tables());
  refresh({"templates"});
  EXPECT_TRUE(freshness.is_refreshing());
  EXPECT_TRUE(freshness.was_finished());
  EXPECT_TRUE(freshness.will_be_outdated(then));
}

TEST_F(FreshnessTest, ARefreshOfMoreThanTheRunReadsIsOneOfAll) {
  finish(freshness.selected_tables());
  std::vector<std::string> more = freshness.tables_to_refresh(true, then);
  more.insert(more.begin(), "lists");
  refresh(more);
  EXPECT_FALSE(freshness.was_finished());
}

TEST_F(FreshnessTest, ARefreshThatIsFoundInTheUnitsGoesOnWhateverWasFinished) {
  finish(freshness.selected_tables());
  freshness.note_unfinished_refresh();
  EXPECT_TRUE(freshness.is_refreshing());
  EXPECT_TRUE(freshness.was_finished());
}

TEST_F(FreshnessTest, ARefreshBelowOneRecordSaysNothingOfTables) {
  finish(freshness.selected_tables());
  freshness.note(RefreshEvent{{"conversation_messages"}, kThen, {"c1"}});
  EXPECT_FALSE(freshness.is_refreshing());
  EXPECT_TRUE(freshness.was_finished());
}

TEST_F(FreshnessTest, ATableIsAsOldAsItsFirstPage) {
  freshness.note(page_of("conversations", kThen));
  freshness.note(page_of("conversations", kThreeDaysLater));
  EXPECT_FALSE(freshness.is_outdated(then + kDay));
  EXPECT_TRUE(freshness.is_outdated(then + kDay + 1));
  EXPECT_FALSE(freshness.will_be_outdated(then + 7 * kDay));
  EXPECT_TRUE(freshness.will_be_outdated(then + 7 * kDay + 1));
}

TEST_F(FreshnessTest, WhatIsReadAnewIsAsOldAsItsNewFirstPage) {
  freshness.note(page_of("conversations", kThen));
  refresh({"conversations"});
  EXPECT_FALSE(freshness.is_outdated(then + 30 * kDay));
  freshness.note(page_of("conversations", kThreeDaysLater));
  EXPECT_FALSE(freshness.is_outdated(then + 4 * kDay));
  EXPECT_TRUE(freshness.is_outdated(then + 4 * kDay + 1));
}

// A run of just the steps that were finished would read them anew: one of more steps is to vouch for no older pages.
TEST_F(FreshnessTest, WhatWasFinishedByARunOfFewerTablesIsTooOldAfterADay) {
  freshness.note(page_of("conversations", kThen));
  finish({"conversations", "conversation_messages"});
  EXPECT_FALSE(freshness.will_be_outdated(then + kDay));
  EXPECT_TRUE(freshness.will_be_outdated(then + kDay + 1));
  // What another step finished, of which this one takes ids alone, is no run of fewer tables.
  const Selection messages = *Selection::of({}, {"templates"});
  Freshness of_one_step{messages};
  of_one_step.note(page_of("templates", kThen));
  of_one_step.note(FinishedEvent{{"conversations"}, kThen});
  EXPECT_FALSE(of_one_step.will_be_outdated(then + kDay + 1));
}

TEST_F(FreshnessTest, APageFromTheFutureIsAsOldAsNobodyKnows) {
  freshness.note(page_of("templates", kThreeDaysLater));
  EXPECT_TRUE(freshness.is_outdated(then)) << "a clock was ahead, or is behind now";
  EXPECT_THAT(freshness.tables_to_refresh(false, then), ElementsAre("templates"));
  EXPECT_FALSE(freshness.is_outdated(then + 3 * kDay - 60'000'000)) << "clocks differ by a minute";
}

TEST_F(FreshnessTest, WhatTheRunDoesNotReadHasNoAge) {
  freshness.note(page_of("campaigns", kThen));
  freshness.note(page_of("conversation_messages", kThen));  // its parent's record tells whether it changed
  EXPECT_FALSE(freshness.is_outdated(then + 30 * kDay));
}

TEST_F(FreshnessTest, ARefreshIsOfAllTablesOrOfOldOnes) {
  freshness.note(page_of("conversations", kThen));
  EXPECT_THAT(freshness.tables_to_refresh(false, then), IsEmpty());
  freshness.note(page_of("templates", kThreeDaysLater));
  EXPECT_THAT(freshness.tables_to_refresh(false, then + 3 * kDay), ElementsAre("conversations"));
  EXPECT_THAT(freshness.tables_to_refresh(true, then), testing::IsSupersetOf({"conversations", "templates"}));
  EXPECT_THAT(freshness.tables_to_refresh(true, then), testing::Not(testing::Contains("conversation_messages")));
}

}  // namespace
}  // namespace chimplift
