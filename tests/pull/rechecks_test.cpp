// What follows when a collection is not found: its parent's list is read once more, and says whether the parent is gone.
#include "pull/rechecks.hpp"

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
  /// The list's page comes; its records have these ids.
  std::vector<Rechecks::Verdict> answer(const PageTask& task, const std::vector<std::string>& ids) {
    PageContents contents;
    contents.records = static_cast<i64>(ids.size());
    contents.total_items = contents.records;
    for (const std::string& id : ids) {
      contents.fields.push_back({id, std::nullopt});
      contents.key_hashes.push_back(std::hash<std::string>()(id));
    }
    --task.unit->tasks;
    task.unit->collection.take(task.stretch, contents);
    rechecks.note_ids(*task.unit, contents);
    return rechecks.settle(*task.unit);
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

  Rechecks rechecks;
};

TEST_F(RechecksTest, AParentIsGoneWhereItsListNoLongerHasIt) {
  const std::vector<Rechecks::Verdict> verdicts = answer(begin(kConversations), {"c2"});
  ASSERT_THAT(verdicts, SizeIs(1));
  EXPECT_EQ(verdicts[0].unit, kMessages);
  EXPECT_EQ(verdicts[0].outcome, Rechecks::Outcome::gone);
  EXPECT_TRUE(rechecks.is_done());
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
