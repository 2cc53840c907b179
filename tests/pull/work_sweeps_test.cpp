// Contacts that move while their audience is read: from those who are not archived to those who are, and from one id to another.
#include <gmock/gmock.h>

#include <algorithm>
#include <optional>

#include "inventory/ledger_view.hpp"
#include "pull/work.hpp"
#include "support/small_archive.hpp"

namespace chimplift {
namespace {

using testing::Contains;
using testing::ElementsAre;

const UnitId kContacts{"list_members", {"l1"}, 0};
const UnitId kArchived{"list_members", {"l1"}, 1};

UnitId notes_of(const std::string& contact) { return {"member_notes", {"l1", contact}, 0}; }

/// An account with one audience: the test answers in the server's place.
class WorkSweeps : public testing::Test {
 protected:
  WorkSweeps() : small("member_details") { begin(); }

  void begin(std::optional<i64> most_records = {}) {
    work.reset();
    ASSERT_TRUE(small.archive->flush());
    small.reopen();
    work = std::make_unique<Work>(small.settings.selection, *small.archive, most_records);
    std::vector<WantedFile> files;
    ASSERT_TRUE(work->resume(files));
    asked.clear();
  }
  /// `contacts`: their ids.
  static std::string members(const std::vector<std::string>& contacts) {
    std::string list;
    for (const std::string& id : contacts) list += (list.empty() ? "" : ",") + (R"({"id":")" + id + R"("})");
    return R"({"members":[)" + list + R"(],"total_items":)" + std::to_string(contacts.size()) + "}";
  }
  [[nodiscard]] std::string body_of(const UnitId& unit) const {
    if (unit.stream == "lists") return R"({"lists":[{"id":"l1"}],"total_items":1})";
    if (unit.stream == "list_members") return members(unit.sweep == 0 ? contacts : archived);
    const Stream& stream = *find_stream(unit.stream);
    return R"({")" + std::string(stream.items) + R"(":[],"total_items":0})";
  }
  /// Does with the answer what a pull does; what is below a contact that the server does not have is not found.
  void answer(const PageTask& task) {
    const UnitId unit = task.unit->id;
    asked.push_back(unit);
    if (unit.parents.size() == 2 && std::ranges::find(contacts, unit.parents[1]) == contacts.end()) {
      work->suspect(task, "404");
      return;
    }
    const std::string body = body_of(unit);
    const PageContents contents = *read_page(body, work->discoverer(*task.unit->stream).shape());
    if (!task.unit->is_recheck) small.keep_page(unit, body, task.unit->collection.pass(), task.stretch);
    std::vector<WantedFile> files;
    work->take(task, body, contents, files);
  }
  void answer_all() {
    do {
      while (const std::optional<PageTask> task = work->next()) answer(*task);
    } while (work->begin_rechecks());
    EXPECT_TRUE(work->is_done());
    ASSERT_TRUE(small.archive->flush());
  }

  SmallArchive small;
  std::unique_ptr<Work> work;
  std::vector<UnitId> asked;
  std::vector<std::string> contacts = {"a", "b"};
  std::vector<std::string> archived;
};

TEST_F(WorkSweeps, TheArchivedContactsAreReadWhenTheOthersAre) {
  answer(*work->next());
  const PageTask task = *work->next();
  ASSERT_EQ(task.unit->id, kContacts);
  // Nothing else can be asked for while its answer is under way.
  EXPECT_FALSE(work->next());
  answer(task);
  answer_all();
  EXPECT_THAT(asked, Contains(kArchived));
}

TEST_F(WorkSweeps, TheArchivedContactsAreReadAgainBehindOthersThatALaterRunReads) {
  answer(*work->next());
  work->give_up(*work->next(), UnitState::incomplete, "500");
  answer_all();
  ASSERT_THAT(asked, Contains(kArchived));
  begin();
  answer_all();
  std::erase_if(asked, [](const UnitId& unit) { return unit.stream != "list_members"; });
  EXPECT_THAT(asked, ElementsAre(kContacts, kArchived));
  begin();
  answer_all();
  EXPECT_THAT(asked, ElementsAre());
}

// A contact who was archived before the others were read, and behind the archived ones: whatever stops the run between the two.
TEST_F(WorkSweeps, TheArchivedContactsAreReadAgainAlsoWhereThatRunIsStopped) {
  answer(*work->next());
  work->give_up(*work->next(), UnitState::incomplete, "500");
  answer_all();
  ASSERT_THAT(asked, Contains(kArchived));
  begin();
  while (asked.empty() || asked.back() != kContacts) answer(*work->next());
  begin();
  answer_all();
  EXPECT_THAT(asked, Contains(kArchived));
  begin();
  answer_all();
  EXPECT_THAT(asked, ElementsAre());
}

// So are those that were only begun: they would end before the others do.
TEST_F(WorkSweeps, ArchivedContactsThatWereBegunBesideAnUnfinishedReadingAreReadAgain) {
  answer(*work->next());
  work->give_up(*work->next(), UnitState::incomplete, "500");
  const PageTask task = *work->next();
  ASSERT_EQ(task.unit->id, kArchived);
  small.keep_page(kArchived, body_of(kArchived), task.unit->collection.pass(), task.stretch);
  begin();
  answer_all();
  std::erase_if(asked, [](const UnitId& unit) { return unit.stream != "list_members"; });
  EXPECT_THAT(asked, ElementsAre(kContacts, kArchived));
}

// A verification in between sees it too.
TEST_F(WorkSweeps, ArchivedContactsThatWereReadTooEarlyCountNoMoreFromThenOn) {
  answer(*work->next());
  work->give_up(*work->next(), UnitState::incomplete, "500");
  answer_all();
  begin();
  EXPECT_EQ(view_ledger(*small.archive)->end_of(kArchived), nullptr);
}

TEST_F(WorkSweeps, AContactWhoChangesTheAddressIsFoundUnderTheNewOne) {
  while (asked.size() < 3) answer(*work->next());
  ASSERT_EQ(asked.back(), kArchived);
  contacts = {"a", "c"};  // b is c now
  answer_all();
  EXPECT_THAT(asked, Contains(notes_of("b")));
  EXPECT_THAT(asked, Contains(notes_of("c")));
  EXPECT_EQ(work->units_known(), work->units_ended());
  begin();
  answer_all();
  EXPECT_THAT(asked, ElementsAre());
}

// It would be begun anew, and could not end: the table has had all the records that a test run reads.
TEST_F(WorkSweeps, ATestRunReadsNothingOnceMore) {
  contacts = {"a", "b", "c", "d"};
  begin(2);
  while (asked.size() < 2) answer(*work->next());
  ASSERT_EQ(asked.back(), kContacts);
  contacts = {"b", "c", "d", "e"};
  answer_all();
  EXPECT_THAT(asked, Contains(notes_of("a")));
  EXPECT_FALSE(view_ledger(*small.archive)->refreshed_below.contains({"list_members", {"l1"}}));
}

TEST_F(WorkSweeps, AContactWhoWasDeletedAsksForNoOtherReading) {
  while (asked.size() < 3) answer(*work->next());
  contacts = {"a"};
  answer_all();
  // Read, and once more to see that it is gone.
  EXPECT_EQ(std::ranges::count(asked, kContacts), 2);
}

// The newcomer c lets the audience be read once more, and there b is again.
TEST_F(WorkSweeps, WhatIsThereAgainInTheSameRunIsAskedForInIt) {
  while (asked.size() < 3) answer(*work->next());
  contacts = {"a", "c"};
  while (const std::optional<PageTask> task = work->next()) answer(*task);
  ASSERT_TRUE(work->begin_rechecks());
  while (!view_ledger(*small.archive)->end_of(notes_of("b"))) {
    answer(*work->next());
    ASSERT_TRUE(small.archive->flush());
  }
  ASSERT_EQ(view_ledger(*small.archive)->end_of(notes_of("b"))->state, UnitState::gone);
  contacts = {"a", "b", "c"};
  answer_all();
  EXPECT_EQ(view_ledger(*small.archive)->end_of(notes_of("b"))->state, UnitState::complete);
  EXPECT_EQ(work->units_known(), work->units_ended());
}

// Two 404s that passed, or a contact who was deleted and came back. A run that was stopped behind the page finds it in the archive.
TEST_F(WorkSweeps, WhatHangsBelowAContactWhoIsThereAgainIsAskedForThoughItWasTakenForGone) {
  for (const bool is_stopped : {false, true}) {
    SCOPED_TRACE(is_stopped);
    contacts = {"a", "b"};
    small.archive->keep(RefreshEvent{{"list_members", "member_notes"}, "now"});
    begin();
    while (asked.empty() || asked.back() != kArchived) answer(*work->next());
    contacts = {"a"};
    answer_all();
    ASSERT_EQ(view_ledger(*small.archive)->end_of(notes_of("b"))->state, UnitState::gone);
    contacts = {"a", "b"};
    small.archive->keep(RefreshEvent{{"list_members"}, "now", {"l1"}});
    begin();
    if (is_stopped) {
      const PageTask task = *work->next();
      ASSERT_EQ(task.unit->id, kContacts);
      small.keep_page(kContacts, body_of(kContacts), task.unit->collection.pass(), task.stretch);
      begin();
    }
    answer_all();
    EXPECT_THAT(asked, Contains(notes_of("b")));
    EXPECT_EQ(view_ledger(*small.archive)->end_of(notes_of("b"))->state, UnitState::complete);
    begin();
    answer_all();
    EXPECT_THAT(asked, ElementsAre());
  }
}

}  // namespace
}  // namespace chimplift
