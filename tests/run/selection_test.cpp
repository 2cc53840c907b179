#include "run/selection.hpp"

#include <gmock/gmock.h>

namespace chimplift {
namespace {

using testing::HasSubstr;

Selection select(const std::vector<std::string>& excluded, const std::vector<std::string>& only) {
  Result<Selection> selection = Selection::of(excluded, only);
  EXPECT_TRUE(selection) << selection.error().message;
  return selection ? *selection : Selection();
}

std::vector<std::string> pulled(const Selection& selection) {
  std::vector<std::string> tables;
  for (const Stream* stream : selection.pulled()) tables.emplace_back(stream->table);
  return tables;
}

TEST(Selection, IsEverythingUnlessSaidOtherwise) {
  const Selection all = select({}, {});
  EXPECT_EQ(all.pulled().size(), catalogue().size());
  for (const Stream& stream : catalogue()) EXPECT_TRUE(all.has(stream)) << stream.table;
  EXPECT_TRUE(all.excluded_steps().empty());
}

TEST(Selection, EachStepAloneBringsItsParentsAndWhatNamesTheirIds) {
  for (const std::string& step : steps()) {
    const Selection one = select({}, {step});
    std::set<std::string_view> needed;
    for (const Stream& stream : catalogue()) {
      EXPECT_EQ(one.has(stream), stream.step == step) << stream.table;
      if (stream.step != step) continue;
      for (const Stream* at = &stream; at != nullptr; at = find_stream(at->parent)) needed.insert(at->table);
    }
    // Campaigns name reports, reports name campaigns, and both are named elsewhere.
    if (needed.contains("campaigns") || needed.contains("campaign_stats"))
      needed.insert({"campaigns", "campaign_stats", "campaign_sub_reports", "automations", "automation_emails"});
    const std::vector<std::string> tables = pulled(one);
    EXPECT_EQ(std::set<std::string_view>(tables.begin(), tables.end()), needed) << step;
    EXPECT_EQ(one.excluded_steps().size(), steps().size() - 1);
  }
}

TEST(Selection, WhatNamesIdsIsLeftOutWhereItIsExcludedByName) {
  EXPECT_THAT(pulled(select({"automations"}, {"email_activity"})), testing::Not(testing::Contains("automation_emails")));
  EXPECT_THAT(pulled(select({"automations"}, {})), testing::Not(testing::Contains("automations")));
  EXPECT_THAT(pulled(select({"campaign_stats"}, {})), testing::Contains("campaign_stats")) << "a parent is needed all the same";
}

TEST(Selection, ParentsComeBeforeTheirChildren) {
  for (const std::string& step : steps()) {
    std::set<std::string_view> before;
    const Selection selection = select({step}, {});
    for (const Stream* stream : selection.pulled()) {
      EXPECT_TRUE(stream->parent.empty() || before.contains(stream->parent)) << stream->table;
      before.insert(stream->table);
    }
  }
}

TEST(Selection, AnExcludedStepIsNotVouchedForEvenWhereItsRowsAreNeeded) {
  const Selection selection = select({"lists"}, {});
  const Stream& lists = *find_stream("lists");
  EXPECT_FALSE(selection.has(lists));
  EXPECT_THAT(pulled(selection), testing::Contains("lists")) << "segments need the lists' ids";
  EXPECT_THAT(selection.excluded_steps(), testing::ElementsAre("lists"));
}

TEST(Selection, ExclusionIsStrongerThanChoice) {
  const Selection selection = select({"templates"}, {"templates", "campaigns"});
  EXPECT_THAT(selection.excluded_steps(), testing::Contains("templates"));
  EXPECT_FALSE(selection.has(*find_stream("templates")));
  EXPECT_TRUE(selection.has(*find_stream("campaigns")));
}

TEST(Selection, AnUnknownStepNamesTheNearestAndAll) {
  for (const bool excluded : {true, false}) {
    const std::vector<std::string> wrong = {"campagins"};
    const Result<Selection> selection = excluded ? Selection::of(wrong, {}) : Selection::of({}, wrong);
    ASSERT_FALSE(selection);
    EXPECT_EQ(selection.error().kind, ErrorKind::usage);
    EXPECT_THAT(selection.error().message, HasSubstr("did you mean \"campaigns\"?"));
    for (const std::string& step : steps()) EXPECT_THAT(selection.error().advice, HasSubstr(step));
  }
  EXPECT_FALSE(Selection::of({""}, {}));
  EXPECT_FALSE(Selection::of({"Campaigns"}, {})) << "a name is a name";
}

TEST(Selection, NothingLeftIsAnError) {
  const Result<Selection> selection = Selection::of(steps(), {});
  ASSERT_FALSE(selection);
  EXPECT_EQ(selection.error().kind, ErrorKind::usage);
}

}  // namespace
}  // namespace chimplift
