// What follows when a collection is not found: its parent's list is read once more, and says whether the parent is gone.
#include "pull/rechecks.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "mailchimp/catalogue.hpp"

namespace chimplift {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const UnitId kConversations{"conversations", {}, 0};
const UnitId kMessages{"conversation_messages", {"c1"}, 0};

class RechecksTest : public testing::Test {
 protected:
  /// The list's page comes with so many records.
  std::vector<Rechecks::Verdict> answer_with(const PageTask& task, const std::string& records, std::size_t count) {
    const Stream& stream = *task.unit->stream;
    const Discoverer discoverer(stream, selection);
    const std::string body = fmt::format(R"({{"{}":[{}],"total_items":{}}})", stream.items, records, count);
    const PageContents contents = *read_page(body, discoverer.shape());
    --task.unit->tasks;
    task.unit->collection.take(task.stretch, contents);
    rechecks.note_ids(*task.unit, discoverer, contents);
    return rechecks.settle(*task.unit);
  }
  /// The same with records of these ids.
  std::vector<Rechecks::Verdict> answer(const PageTask& task, const std::vector<std::string>& ids) {
    std::string records;
    for (const std::string& id : ids) records += fmt::format(R"({}{{"id":"{}"}})", records.empty() ? "" : ",", id);
    return answer_with(task, records, ids.size());
  }
  std::vector<Rechecks::Verdict> fail_with(const PageTask& task, bool is_suspect) {
    --task.unit->tasks;
    task.unit->given_up = Unit::GivenUp{UnitState::incomplete, "of the list", is_suspect};
    return rechecks.settle(*task.unit);
  }
  PageTask begin(const UnitId& list) {
    rechecks.suspect(list, kMessages, "404");
    EXPECT_TRUE(rechecks.begin());
    return *rechecks.next();
  }

  const Selection selection = *Selection::of({}, {});
  Rechecks rechecks;
};

TEST_F(RechecksTest, AParentIsGoneWhereItsListNoLongerHasIt) {
  const std::vector<Rechecks::Verdict> verdicts = answer(begin(kConversations), {"c2"});
  ASSERT_THAT(verdicts, SizeIs(1));
  EXPECT_EQ(verdicts[0].unit, kMessages);
  EXPECT_EQ(verdicts[0].outcome, Rechecks::Outcome::gone);
  EXPECT_TRUE(rechecks.is_done());
}

// Else what hangs below a campaign that was deleted would be a gap for as long as another one names it.
TEST_F(RechecksTest, AParentThatAnotherRecordOnlyNamesIsGone) {
  rechecks.suspect({"campaigns", {}, 0}, {"campaign_content", {"gone"}, 0}, "404");
  rechecks.suspect({"campaigns", {}, 0}, {"campaign_content", {"child"}, 0}, "404");
  ASSERT_TRUE(rechecks.begin());
  const std::vector<Rechecks::Verdict> verdicts =
      answer_with(*rechecks.next(), R"({"id":"child","parent_campaign_id":"gone","emails_sent":5})", 1);
  ASSERT_THAT(verdicts, SizeIs(2));
  EXPECT_EQ(verdicts[0].outcome, Rechecks::Outcome::gone);
  EXPECT_EQ(verdicts[1].outcome, Rechecks::Outcome::there);
}

TEST_F(RechecksTest, AParentThatItsListHasIsNotGone) {
  const std::vector<Rechecks::Verdict> verdicts = answer(begin(kConversations), {"c2", "c1"});
  ASSERT_THAT(verdicts, SizeIs(1));
  EXPECT_EQ(verdicts[0].outcome, Rechecks::Outcome::there);
  EXPECT_EQ(verdicts[0].reason, "404");
}

TEST_F(RechecksTest, WhereTheListCannotBeReadNoParentIsGone) {
  const std::vector<Rechecks::Verdict> verdicts = fail_with(begin(kConversations), false);
  ASSERT_THAT(verdicts, SizeIs(1));
  EXPECT_EQ(verdicts[0].outcome, Rechecks::Outcome::there);
}

TEST_F(RechecksTest, WhereTheListIsNotFoundTheListAboveItTells) {
  const std::vector<Rechecks::Verdict> verdicts = fail_with(begin(kConversations), true);
  ASSERT_THAT(verdicts, SizeIs(1));
  EXPECT_EQ(verdicts[0].outcome, Rechecks::Outcome::list_not_found);
}

TEST_F(RechecksTest, ARecheckIsJudgedWhenEverySweepWasRead) {
  const UnitId contacts{"list_members", {"l1"}, 0};
  ASSERT_THAT(find_stream("list_members")->sweeps, SizeIs(2));
  rechecks.suspect(contacts, {"member_notes", {"l1", "m1"}, 0}, "404");
  rechecks.suspect(contacts, {"member_notes", {"l1", "m2"}, 0}, "404");
  ASSERT_TRUE(rechecks.begin());
  const PageTask first = *rechecks.next();
  const PageTask second = *rechecks.next();
  EXPECT_NE(first.unit, second.unit);
  EXPECT_FALSE(rechecks.next());
  EXPECT_THAT(answer(first, {"m3"}), IsEmpty());
  EXPECT_FALSE(rechecks.is_done());
  const std::vector<Rechecks::Verdict> verdicts = answer(second, {"m2"});
  ASSERT_THAT(verdicts, SizeIs(2));
  EXPECT_EQ(verdicts[0].outcome, Rechecks::Outcome::gone);
  EXPECT_EQ(verdicts[1].outcome, Rechecks::Outcome::there);
  EXPECT_TRUE(rechecks.is_done());
}

TEST_F(RechecksTest, WhatIsUnderWayIsNotBegunAgain) {
  EXPECT_FALSE(rechecks.begin());
  const PageTask task = begin(kConversations);
  EXPECT_FALSE(rechecks.begin());
  rechecks.suspect(kConversations, {"conversation_messages", {"c2"}, 0}, "404");
  EXPECT_FALSE(rechecks.begin()) << "it is judged with the others";
  EXPECT_THAT(answer(task, {}), SizeIs(2));
}

TEST_F(RechecksTest, WhatIsNotFoundByItsIdIsAskedForOnceMore) {
  const UnitId report{"campaign_stats", {"c1"}, 0};
  rechecks.note_absent(report);
  EXPECT_FALSE(rechecks.is_done());
  EXPECT_FALSE(rechecks.was_asked_once_more(report));
  EXPECT_THAT(rechecks.take_absent(), ElementsAre(report));
  EXPECT_TRUE(rechecks.was_asked_once_more(report));
  EXPECT_THAT(rechecks.take_absent(), IsEmpty());
  EXPECT_TRUE(rechecks.is_done());
}

}  // namespace
}  // namespace chimplift
