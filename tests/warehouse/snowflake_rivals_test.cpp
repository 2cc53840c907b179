// Two runs that load the same tables at once: the one that is behind changes nothing, and says so.
#include <gmock/gmock.h>

#include <atomic>

#include "warehouse/loaded_rows.hpp"
#include "warehouse/snowflake_harness.hpp"

namespace chimplift {
namespace {

using snowflake_standin::Asked;
using snowflake_standin::Fault;
using testing::ElementsAre;
using testing::HasSubstr;

class SnowflakeRivals : public testing::Test {
 protected:
  struct Run {
    std::vector<Table> tables = made_up_tables();
    std::unique_ptr<Warehouse> warehouse;
  };

  /// A run that has read how far the tables are loaded.
  Run begin(const std::string& owner, const std::string& archive = "archive") {
    SnowflakeSettings settings = harness.settings();
    settings.owner = owner;
    Run run;
    run.warehouse = *open_snowflake(settings, harness.files());
    EXPECT_TRUE(run.warehouse->prepare(run.tables));
    EXPECT_TRUE(run.warehouse->settle());
    EXPECT_TRUE(run.warehouse->checkpoints(archive, "shop"));
    return run;
  }
  static Checkpoint members_at(i64 page) { return {"archive", "shop", "list_members", page, page, 0, page == 0 ? "" : "sum"}; }
  /// The one member, with this e-mail address.
  static Result<void> load(Run& run, const std::string& email, const std::vector<Checkpoint>& checkpoints) {
    TRY(run.warehouse->append(run.tables[0], std::vector<Row>{member("shop", "L", i64{1}, email)}));
    return run.warehouse->commit(checkpoints);
  }
  static void expect_done(const Result<void>& done) { EXPECT_TRUE(done) << done.error().message; }
  static void expect_busy(const Result<void>& done) {
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::busy) << done.error().message;
    EXPECT_THAT(done.error().message, HasSubstr("another run loads the same tables"));
  }
  void expect_stored(const std::string& email, i64 page) {
    EXPECT_THAT(harness.read("list_members", {"email"}), ElementsAre(ElementsAre(email)));
    EXPECT_EQ(begin("READER").warehouse->checkpoints("archive", "shop")->at("list_members").last_page, page);
  }

  SnowflakeHarness harness;
};

TEST_F(SnowflakeRivals, TheSlowerOneOverwritesNothing) {
  Run slow = begin("LOAD");
  Run fast = begin("SYNC");
  expect_done(load(fast, "newer", {members_at(2)}));
  expect_busy(load(slow, "older", {members_at(1)}));
  expect_stored("newer", 2);
  expect_done(load(fast, "newest", {members_at(3)}));
  // Run again, it goes on from where the other one ended.
  slow = begin("LOAD");
  expect_done(load(slow, "last", {members_at(4)}));
  expect_stored("last", 4);
}

// Of a table whose pages are damaged a load commits rows and no checkpoint.
TEST_F(SnowflakeRivals, RowsOfATableThatHadNoCheckpointAreHeldToThat) {
  Run slow = begin("LOAD");
  Run fast = begin("SYNC");
  expect_done(load(fast, "newer", {members_at(2)}));
  expect_busy(load(slow, "older", {}));
  expect_stored("newer", 2);
}

TEST_F(SnowflakeRivals, RowsThatTravelWithAnotherAccountsCheckpointsAreHeldToTheirOwn) {
  Run first = begin("SYNC");
  expect_done(load(first, "old", {members_at(1)}));
  Run slow = begin("LOAD");
  EXPECT_TRUE(slow.warehouse->checkpoints("archive of the blog", "blog"));
  expect_done(load(first, "newer", {members_at(2)}));
  expect_busy(load(slow, "older", {{"archive of the blog", "blog", "list_members", 1, 1, 0, "sum"}}));
  expect_stored("newer", 2);
}

TEST_F(SnowflakeRivals, ItIsSeenAlsoWhereTheOtherCommitsAfterTheRowsWereStaged) {
  std::atomic<bool> has_overtaken = false;
  Run slow = begin("LOAD");
  Run fast = begin("SYNC");
  harness.server.fault = [&](const Asked& asked) {
    if (asked.sql.starts_with("BEGIN TRANSACTION") && !has_overtaken.exchange(true)) expect_done(load(fast, "newer", {members_at(2)}));
    return Fault::none;
  };
  expect_busy(load(slow, "older", {members_at(1)}));
  harness.server.fault = nullptr;
  EXPECT_TRUE(has_overtaken.load());
  expect_stored("newer", 2);
}

/// Executed twice, its second time finds other checkpoints than it expects: its own.
TEST_F(SnowflakeRivals, ACommitWhoseAnswerWasLostIsNotTakenForSomebodyElses) {
  std::atomic<int> lost = 0;
  Run run = begin("LOAD");
  i64 page = 0;
  for (const bool forgets : {false, true}) {
    for (const Fault fault : {Fault::cut_before, Fault::cut_after, Fault::gateway}) {
      harness.server.forgets_requests = forgets;
      lost = 0;
      harness.server.fault = [&lost, fault](const Asked& asked) {
        return asked.sql.starts_with("BEGIN TRANSACTION") && ++lost <= 2 ? fault : Fault::none;
      };
      ++page;
      expect_done(load(run, std::to_string(page), {members_at(page)}));
      EXPECT_EQ(lost.load(), 3);
      harness.server.fault = nullptr;
      expect_stored(std::to_string(page), page);
    }
  }
}

TEST_F(SnowflakeRivals, AVoidCommitWhoseAnswerWasLostIsStillVoid) {
  for (const bool forgets : {false, true}) {
    std::atomic<int> lost = 0;
    Run slow = begin("LOAD");
    Run fast = begin("SYNC");
    expect_done(load(fast, "newer", {members_at(forgets ? 4 : 2)}));
    harness.server.forgets_requests = forgets;
    harness.server.fault = [&lost](const Asked& asked) {
      return asked.sql.starts_with("BEGIN TRANSACTION") && ++lost <= 2 ? Fault::cut_after : Fault::none;
    };
    expect_busy(load(slow, "older", {members_at(forgets ? 3 : 1)}));
    harness.server.fault = nullptr;
    expect_stored("newer", forgets ? 4 : 2);
  }
}

/// As for an archive that came back from a copy, or for rows that a verification found lacking.
TEST_F(SnowflakeRivals, ACheckpointMayBeSetBack) {
  Run run = begin("LOAD");
  expect_done(load(run, "5", {members_at(5)}));
  Run other = begin("SYNC");
  expect_done(run.warehouse->commit(std::vector<Checkpoint>{members_at(0)}));
  expect_done(load(run, "3", {members_at(3)}));
  run = begin("LOAD");
  expect_done(load(run, "1", {members_at(1)}));
  expect_busy(load(other, "6", {members_at(6)}));
  expect_stored("1", 1);
}

TEST_F(SnowflakeRivals, ACheckpointThatIsSetBackWhereThereIsNoneChangesNothing) {
  Run run = begin("SYNC");
  Run other = begin("VERIFY");
  expect_done(other.warehouse->commit(std::vector<Checkpoint>{members_at(0)}));
  expect_done(load(run, "1", {members_at(1)}));
}

/// The files of a stream are loaded in batches of which only the last one has a checkpoint, and that is not the table's.
TEST_F(SnowflakeRivals, RowsWithoutTheirTablesCheckpointAreHeldToItToo) {
  Run first = begin("LOAD");
  expect_done(load(first, "1", {members_at(1)}));
  Run without_any = begin("A");
  Run with_another = begin("B");
  expect_done(load(first, "2", {members_at(2)}));
  expect_busy(load(without_any, "older", {}));
  expect_busy(load(with_another, "older", {{"archive", "shop", "assets of list_members", 77, 1, 0}}));
  expect_done(load(first, "3", {}));
  expect_stored("3", 2);
}

/// Of two archives of one account each takes the other's checkpoint away with the rows, and so neither goes on over the other's.
TEST_F(SnowflakeRivals, AnotherArchivesLoadIsSeenToo) {
  const Checkpoint of_other{"other", "shop", "list_members", 7, 1, 0, "other sum"};
  const auto pages_of_other = [this] { return begin("READER").warehouse->checkpoints("other", "shop")->size(); };
  Run run = begin("A");
  expect_done(load(run, "1", {members_at(1)}));
  Run other = begin("B", "other");
  expect_done(load(other, "other", {of_other}));
  expect_busy(load(run, "2", {members_at(2)}));
  EXPECT_THAT(harness.read("list_members", {"email"}), ElementsAre(ElementsAre("other")));
  EXPECT_EQ(pages_of_other(), 1U) << "a batch that is void takes nothing away";
  run = begin("A");
  expect_done(load(run, "3", {members_at(2)}));
  expect_busy(load(other, "other", {of_other}));
  expect_stored("3", 2);
  EXPECT_EQ(pages_of_other(), 0U);
}

TEST_F(SnowflakeRivals, WhoeverLoadsOtherTablesOrAccountsIsNone) {
  Run members = begin("A");
  Run lists = begin("B");
  Run blog = begin("C");
  EXPECT_TRUE(blog.warehouse->checkpoints("archive of the blog", "blog"));
  for (i64 page = 1; page <= 3; ++page) {
    expect_done(load(members, "a", {members_at(page)}));
    EXPECT_TRUE(lists.warehouse->append(lists.tables[1], std::vector<Row>{member("shop", "L", page, "b")}));
    expect_done(lists.warehouse->commit(std::vector<Checkpoint>{{"archive", "shop", "lists", page, page, 0}}));
    EXPECT_TRUE(blog.warehouse->append(blog.tables[0], std::vector<Row>{member("blog", "L", page, "c")}));
    expect_done(blog.warehouse->commit(std::vector<Checkpoint>{{"archive of the blog", "blog", "list_members", page, page, 0}}));
  }
  EXPECT_EQ(harness.read("list_members", {"id"}).size(), 4U);
  EXPECT_EQ(harness.read("lists", {"id"}).size(), 3U);
}

}  // namespace
}  // namespace chimplift
