// What is asked for, and what is asked for again, without a network: the test answers in the server's place.
#include "pull/work.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/clock.hpp"
#include "inventory/ledger_view.hpp"
#include "rows/convert.hpp"
#include "run/retry.hpp"
#include "support/small_archive.hpp"

namespace chimplift {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const UnitId kConversations{"conversations", {}, 0};
const UnitId kMessages{"conversation_messages", {"c1"}, 0};
constexpr i64 kDay = 86'400'000'000;

/// An account with one conversation whose messages become more.
class WorkTest : public testing::Test {
 protected:
  WorkTest() : small("conversations") { begin(); }

  void begin() {
    work.reset();
    small.reopen();
    work = std::make_unique<Work>(small.settings.selection, *small.archive, std::nullopt);
    std::vector<WantedFile> files;
    ASSERT_TRUE(work->resume(files));
  }
  [[nodiscard]] std::string body_of(const PageTask& task) const {
    if (task.unit->id == kConversations)
      return fmt::format(R"({{"conversations":[{{"id":"c1","message_count":{}}}],"total_items":{}}})", messages, said);
    std::string list;
    for (int i = 1; i <= messages; ++i) list += fmt::format(R"({}{{"id":"m{}"}})", i > 1 ? "," : "", i);
    return fmt::format(R"({{"conversation_messages":[{}],"total_items":{}}})", list, messages);
  }
  /// Does with the answer what a pull does.
  void answer(const PageTask& task, const std::string& body) {
    asked.push_back(task.unit->id.stream);
    if (task.unit->is_outdated) {
      work->drop(task);
      return;
    }
    const PageContents contents = *read_page(body, work->discoverer(*task.unit->stream).shape());
    work->note_changes(task, contents, 0);
    small.keep_page(task.unit->id, body, task.unit->collection.pass(), task.stretch);
    std::vector<WantedFile> files;
    work->take(task, body, contents, files);
  }
  void answer(const PageTask& task) { answer(task, body_of(task)); }
  void answer_all() {
    while (const std::optional<PageTask> task = work->next()) answer(*task);
    EXPECT_TRUE(work->is_done());
    ASSERT_TRUE(small.archive->flush());
  }
  /// The messages are read between two passes of the conversations, and become more before the second.
  void change_between_passes() {
    said = 2;
    answer(*work->next());  // not whole: another pass
    const PageTask second_pass = *work->next();
    answer(*work->next());
    ASSERT_EQ(asked.back(), "conversation_messages");
    ASSERT_TRUE(small.archive->flush());
    ASSERT_EQ(messages_read(), 1);
    messages = 2;
    said = 1;
    answer(second_pass);
  }
  /// Messages in the last reading that the ledger vouches for; -1: it was not read to its end.
  [[nodiscard]] i64 messages_read() const {
    const LedgerView view = *view_ledger(*small.archive);
    const LedgerView::End* end = view.end_of(kMessages);
    if (end == nullptr || end->state != UnitState::complete) return -1;
    EXPECT_EQ(view.last_pass_of(kMessages)->records, end->records);
    return end->records;
  }

  SmallArchive small;
  std::unique_ptr<Work> work;
  std::vector<std::string> asked;
  int messages = 1;
  int said = 1;  // conversations, as the server says
};

TEST_F(WorkTest, WhatAParentsRecordSaysChangedIsReadAgainInALaterRun) {
  said = 3;
  answer_all();
  EXPECT_EQ(messages_read(), 1);
  EXPECT_TRUE(work->has_gaps()) << "the conversations were not read to their end";
  messages = 2;
  said = 1;
  begin();
  answer_all();
  EXPECT_EQ(messages_read(), 2);
  asked.clear();
  begin();
  answer_all();
  EXPECT_THAT(asked, ElementsAre());
}

TEST_F(WorkTest, WhatAParentsRecordSaysDidNotChangeIsNotReadAgain) {
  said = 3;
  answer_all();
  said = 1;
  begin();
  asked.clear();
  answer_all();
  EXPECT_THAT(asked, ElementsAre("conversations"));
  EXPECT_EQ(messages_read(), 1);
}

TEST_F(WorkTest, WhatChangedBetweenTwoPassesIsReadAgain) {
  change_between_passes();
  answer_all();
  EXPECT_EQ(messages_read(), 2);
}

TEST_F(WorkTest, WhatChangedBetweenTwoPassesIsNotForgottenByAKill) {
  change_between_passes();
  begin();
  answer_all();
  EXPECT_EQ(messages_read(), 2);
}

TEST_F(WorkTest, WhatChangedWhileItWasBeingReadIsReadFromItsBeginning) {
  said = 2;
  answer(*work->next());
  const PageTask second_pass = *work->next();
  const PageTask old_messages = *work->next();
  ASSERT_EQ(old_messages.unit->id, kMessages);
  const std::string old_answer = body_of(old_messages);
  messages = 2;
  said = 1;
  answer(second_pass);
  EXPECT_TRUE(old_messages.unit->is_outdated);
  EXPECT_FALSE(work->next()) << "what is under way has to come first";
  answer(old_messages, old_answer);
  answer_all();
  EXPECT_EQ(messages_read(), 2);
}

TEST_F(WorkTest, WhatWasNeverFinishedIsReadAnewAfterADay) {
  answer_all();
  begin();
  const i64 then = parse_timestamp(kThen)->micros;
  EXPECT_FALSE(work->was_finished());
  EXPECT_FALSE(work->is_outdated(then + kDay / 2));
  EXPECT_TRUE(work->is_outdated(then + kDay + 1));
  EXPECT_FALSE(work->will_be_outdated(then + 6 * kDay));
  EXPECT_TRUE(work->will_be_outdated(then + 8 * kDay));
  asked.clear();
  work->start_refresh(then + 2 * kDay);
  answer_all();
  EXPECT_THAT(asked, ElementsAre("conversations")) << "its record tells that the messages did not change";
}

TEST_F(WorkTest, OnlyWhatIsOldIsReadAnewWhereTheRestWasReadLately) {
  const Result<Selection> both = Selection::of({}, {"conversations", "templates"});
  small.settings.selection = *both;
  const std::string later = "2026-12-03T19:22:05.000000Z";
  small.keep_whole(kConversations, R"({"conversations":[{"id":"c1","message_count":1}],"total_items":1})");
  small.keep_whole(kMessages, R"({"conversation_messages":[{"id":"m1"}],"total_items":1})");
  for (const Stream* stream : both->pulled()) {
    if (stream->step != "templates" || !stream->parent.empty()) continue;
    for (int sweep = 0; sweep < static_cast<int>(stream->sweeps.size()); ++sweep) {
      const UnitId unit{std::string(stream->table), {}, sweep};
      small.keep_page(unit, fmt::format(R"({{"{}":[],"total_items":0}})", stream->items), 1, {0, 1000}, later);
      small.keep_end(unit, 0);
    }
  }
  begin();
  ASSERT_TRUE(work->is_outdated(parse_timestamp(later)->micros + 60'000'000));
  asked.clear();
  work->start_refresh(parse_timestamp(later)->micros + 60'000'000);
  answer_all();
  EXPECT_THAT(asked, ElementsAre("conversations"));
}

TEST_F(WorkTest, ARecheckThatIsUnderWayIsNotBegunAgain) {
  answer(*work->next());
  const PageTask task = *work->next();
  ASSERT_EQ(task.unit->id, kMessages);
  work->suspect(task, "404");
  EXPECT_TRUE(work->begin_rechecks());
  EXPECT_FALSE(work->begin_rechecks());
  const PageTask recheck = *work->next();
  const std::string gone = R"({"conversations":[],"total_items":0})";
  std::vector<WantedFile> files;
  work->take(recheck, gone, *read_page(gone, work->discoverer(*recheck.unit->stream).shape()), files);
  EXPECT_FALSE(work->next());
  EXPECT_TRUE(work->is_done());
}

// A unit that was given up ends with its last task, although that one is too slow and would be asked for in halves.
TEST_F(WorkTest, APageOfAUnitThatWasGivenUpIsNotSplit) {
  const PageTask first = *work->next();
  answer(first, R"({"conversations":[{"id":"c1"}],"total_items":5000})");
  const PageTask second = *work->next();
  const PageTask third = *work->next();
  ASSERT_EQ(third.unit->id, kConversations);
  work->give_up(second, UnitState::not_permitted, "403");
  EXPECT_FALSE(work->split(third));
  work->drop(third);
  while (const std::optional<PageTask> task = work->next()) {
    if (task->unit->id == kConversations) {
      work->drop(*task);
    } else {
      answer(*task);
    }
  }
  EXPECT_TRUE(work->is_done());
}

TEST_F(WorkTest, APageThatFailedTooOftenIsAskedForOnceMoreWhenAllElseWasRead) {
  answer(*work->next());
  const PageTask failing = *work->next();
  ASSERT_EQ(failing.unit->id, kMessages);
  ASSERT_TRUE(work->put_aside(failing));
  EXPECT_FALSE(work->next()) << "all else comes first";
  EXPECT_FALSE(work->is_done());
  EXPECT_FALSE(work->begin_rechecks());
  ASSERT_TRUE(work->has_put_aside());
  work->take_up_put_aside();
  EXPECT_FALSE(work->has_put_aside());
  const PageTask again = *work->next();
  EXPECT_EQ(again.unit->id, kMessages);
  EXPECT_FALSE(work->put_aside(again)) << "it would never end";
  answer(again);
  EXPECT_TRUE(work->is_done());
  ASSERT_TRUE(small.archive->flush());
  EXPECT_EQ(messages_read(), 1);
}

TEST_F(WorkTest, APageThatWasPutAsideEndsWithItsUnit) {
  answer(*work->next(), R"({"conversations":[{"id":"c1"}],"total_items":5000})");
  const PageTask failing = *work->next();
  const PageTask other = *work->next();
  ASSERT_EQ(failing.unit->id, kConversations);
  ASSERT_EQ(other.unit->id, kConversations);
  ASSERT_TRUE(work->put_aside(failing));
  work->give_up(other, UnitState::not_permitted, "403");
  work->take_up_put_aside();
  while (const std::optional<PageTask> task = work->next()) {
    EXPECT_EQ(task->unit->id, kMessages);
    answer(*task);
  }
  EXPECT_TRUE(work->is_done());
}

// Where everything fails, a second round for each would only take longer.
TEST_F(WorkTest, MoreThanAFewPagesAreNotPutAside) {
  std::string all;
  for (std::size_t i = 0; i <= kMostPutAside; ++i) all += fmt::format(R"({}{{"id":"c{}"}})", i > 0 ? "," : "", i);
  answer(*work->next(), fmt::format(R"({{"conversations":[{}],"total_items":{}}})", all, kMostPutAside + 1));
  for (std::size_t i = 0; i < kMostPutAside; ++i) ASSERT_TRUE(work->put_aside(*work->next())) << i;
  const PageTask last = *work->next();
  EXPECT_FALSE(work->put_aside(last));
  work->give_up(last, UnitState::incomplete, "500");
}

TEST_F(WorkTest, AStreamThatThisVersionDoesNotKnowIsAnErrorOfTheArchive) {
  small.archive->keep(EndRecord{{"things_to_come", {}, 0}, UnitState::complete, "", 0, 0, 0, 0, 1, false});
  ASSERT_TRUE(small.archive->flush());
  work.reset();
  Work later(small.settings.selection, *small.archive, std::nullopt);
  std::vector<WantedFile> files;
  const Result<void> resumed = later.resume(files);
  ASSERT_FALSE(resumed);
  EXPECT_EQ(resumed.error().kind, ErrorKind::archive);
  EXPECT_THAT(resumed.error().message, HasSubstr("things_to_come"));
}

// A step that was killed left a part of what is below a report; another one, which does not read that, sees that the report changed.
TEST(WorkOfSteps, WhatAnotherStepBeganIsBegunAnewWhereItsParentChanged) {
  SmallArchive small("campaigns");
  const UnitId reports{"campaign_stats", {}, 0};
  small.keep_whole(reports, R"({"reports":[{"id":"c1","emails_sent":3,"opens":{"opens_total":1}}],"total_items":1})");
  small.keep_page({"email_activity", {"c1"}, 0}, R"({"emails":[{"email_id":"e1"}],"total_items":3})");
  small.reopen();
  Work work(small.settings.selection, *small.archive, std::nullopt);
  std::vector<WantedFile> files;
  ASSERT_TRUE(work.resume(files));
  work.start_refresh(parse_timestamp(kThen)->micros + 2 * kDay);
  std::optional<PageTask> task = work.next();
  while (task && task->unit->id != reports) task = work.next();
  ASSERT_TRUE(task);
  const std::string changed = R"({"reports":[{"id":"c1","emails_sent":3,"opens":{"opens_total":2}}],"total_items":1})";
  work.note_changes(*task, *read_page(changed, work.discoverer(*task->unit->stream).shape()), 0);
  ASSERT_TRUE(small.archive->flush());
  EXPECT_TRUE(view_ledger(*small.archive)->refreshed_below.contains({"email_activity", {"c1"}}));
}

}  // namespace
}  // namespace chimplift
