// kill -9 at a request, before its effect or after it: the next run ends with the same tables, nothing twice, nothing left about.
// CHIMPLIFT_TORTURE tries every request, otherwise a third of them is drawn.
#include <gmock/gmock.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>

#include "built_paths.hpp"
#include "support/chance.hpp"
#include "support/temporary_folder.hpp"
#include "support/tries.hpp"
#include "warehouse/loaded_rows.hpp"
#include "warehouse/snowflake_harness.hpp"
#include "warehouse/snowflake_leftovers.hpp"

extern char** environ;

namespace chimplift {
namespace {

using snowflake_standin::Asked;
using snowflake_standin::Fault;
using testing::IsEmpty;

constexpr const char* kMembers = "PROD.MAILCHIMP.LIST_MEMBERS";

struct Result_ {
  std::vector<std::vector<std::string>> members;
  std::vector<std::vector<std::string>> lists;
  std::vector<std::vector<std::string>> checkpoints;
  bool operator==(const Result_&) const = default;
};

class KilledLoad : public testing::Test {
 protected:
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
  void SetUp() override { GTEST_SKIP() << "another program orders what the threads here do, and ThreadSanitizer does not see that"; }
#endif
#endif

  struct Place {
    SnowflakeHarness harness;
    TemporaryFolder keys;
  };

  /// Runs the loader to its end or its death; its exit code, or minus the signal.
  static int load(Place& place, std::atomic<pid_t>& child) {
    const std::string key = (place.keys / "key.p8").string();
    EXPECT_TRUE(write_file(key, test_key()));
    const std::string url = place.harness.server.url();
    const std::string folder = place.harness.folder.path().string();
    std::string program = CHIMPLIFT_SNOWFLAKE_LOADER;
    char* words[] = {program.data(), const_cast<char*>(url.c_str()), const_cast<char*>(key.c_str()), const_cast<char*>(folder.c_str()),
                     nullptr};
    pid_t id = 0;
    EXPECT_EQ(posix_spawn(&id, program.c_str(), nullptr, nullptr, words, environ), 0);
    child = id;
    int status = 0;
    waitpid(id, &status, 0);
    child = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

  static Result_ result(Place& place) {
    auto& engine = place.harness.server.engine();
    Result_ all{engine.read(kMembers, {"ACCOUNT_NAME", "LIST_ID", "ID", "EMAIL", "ADDED"}),
                engine.read("PROD.MAILCHIMP.LISTS", {"ACCOUNT_NAME", "LIST_ID", "ID", "EMAIL"}),
                engine.read("PROD.MAILCHIMP.CHIMPLIFT_CHECKPOINTS", {"ARCHIVE_ID", "TABLE_NAME", "LAST_PAGE", "ROWS", "MISFITS"})};
    std::erase_if(all.checkpoints, [](const auto& row) { return row[0].empty(); });  // the one that counts runs
    return all;
  }

  static void wait_for_child(const std::atomic<pid_t>& child) {
    while (child == 0) usleep(100);  // the first request may be here before posix_spawn() has returned
  }
};

TEST_F(KilledLoad, AtAnyRequestIsMadeGoodByTheNext) {
  const bool tries_all = std::getenv("CHIMPLIFT_TORTURE") != nullptr;
  Chance chance;
  std::printf("%s\n", chance.seed().c_str());
  int kills = 0;
  std::atomic<pid_t> child{0};
  Place whole;
  ASSERT_EQ(load(whole, child), 0);
  const Result_ expected = result(whole);
  ASSERT_EQ(expected.members.size(), 130U);
  ASSERT_EQ(expected.lists.size(), 2U);
  const int requests = whole.harness.server.requests();
  ASSERT_GT(requests, 12);
  for (int at = 1; at <= requests; ++at) {
    for (const bool is_after : {false, true}) {
      if (!tries_all && !chance.once_in(3)) continue;
      ++kills;
      SCOPED_TRACE("killed at request " + std::to_string(at) + (is_after ? ", after it was done" : ""));
      Place place;
      const auto kill_it = [&](const Asked& asked) {
        if (asked.number != at) return;
        wait_for_child(child);
        kill(child, SIGKILL);
      };
      if (is_after) {
        place.harness.server.executed = kill_it;
      } else {
        place.harness.server.fault = [&](const Asked& asked) {
          kill_it(asked);
          return asked.number == at ? Fault::cut_before : Fault::none;
        };
      }
      const int ended = load(place, child);
      if (!is_after) {
        ASSERT_EQ(ended, -SIGKILL);
      }
      // The first run is dead; the next one is not told anything.
      place.harness.server.executed = nullptr;
      place.harness.server.fault = nullptr;
      ASSERT_EQ(load(place, child), 0);
      EXPECT_EQ(result(place), expected);
      EXPECT_THAT(place.harness.left_behind(), IsEmpty());
      if (HasFailure()) return;
    }
  }
  tried(kills);
}

/// What a dead run had sent may be executed long afterwards, when the next one is at work already.
TEST_F(KilledLoad, ItsCommitThatComesLateChangesNothing) {
  std::atomic<pid_t> child{0};
  Place whole;
  ASSERT_EQ(load(whole, child), 0);
  for (int commit = 1; commit <= kMadeUpBatches; ++commit) {
    Place place;
    int seen = 0;
    place.harness.server.fault = [&](const Asked& asked) {
      const bool is_commit = asked.sql.starts_with("BEGIN TRANSACTION");
      place.harness.server.polls = 0;
      if (is_commit && ++seen == commit) place.harness.server.polls = 1'000'000;  // this one waits
      if (seen == commit && asked.method == "GET") {
        wait_for_child(child);
        kill(child, SIGKILL);
      }
      return Fault::none;
    };
    ASSERT_EQ(load(place, child), -SIGKILL);
    place.harness.server.polls = 0;
    // It is executed when the next run is about to load its first files, or behind the end of it where that one has nothing to load.
    place.harness.server.fault = [&place](const Asked& asked) {
      if (asked.sql.starts_with("COPY INTO")) place.harness.server.run_what_waits();
      return Fault::none;
    };
    ASSERT_EQ(load(place, child), 0);
    place.harness.server.run_what_waits();
    EXPECT_EQ(result(place), result(whole));
    EXPECT_THAT(place.harness.left_behind(), IsEmpty());
  }
}

TEST(SnowflakeLeftovers, OfOthersAreLeftAloneForTwoWeeks) {
  EXPECT_TRUE(snowflake::is_left_behind("A_20261123192205_01020304", "A_20261123192206_05060708"));
  EXPECT_FALSE(snowflake::is_left_behind("A_20261123192206_05060708", "A_20261123192206_05060708"));
  EXPECT_FALSE(snowflake::is_left_behind("B_20261130235959_01020304", "A_20261201000001_05060708"));
  // A load may last into its third day, and longer.
  EXPECT_FALSE(snowflake::is_left_behind("B_20261116000000_01020304", "A_20261130000001_05060708"));
  EXPECT_TRUE(snowflake::is_left_behind("B_20261115235959_01020304", "A_20261130000001_05060708"));
  EXPECT_FALSE(snowflake::is_left_behind("somebody-elses-file.csv", "A_20261130000001_05060708"));
  EXPECT_FALSE(snowflake::is_left_behind("", "A_20261130000001_05060708"));
}

TEST(SnowflakeLeftovers, TwoOwnersDoNotDisturbEachOther) {
  SnowflakeHarness harness;
  SnowflakeSettings other = harness.settings();
  other.owner = "OTHER";
  auto a = *harness.open();
  auto b = *open_snowflake(other, harness.files());
  std::vector<Table> tables_a = made_up_tables();
  std::vector<Table> tables_b = made_up_tables();
  ASSERT_TRUE(a->prepare(tables_a));
  ASSERT_TRUE(a->append(tables_a[0], std::vector<Row>{member("shop", "L", i64{1}, "of a")}));
  ASSERT_TRUE(b->prepare(tables_b));
  ASSERT_TRUE(b->append(tables_b[0], std::vector<Row>{member("shop", "L", i64{2}, "of b")}));
  ASSERT_TRUE(a->commit({}));
  ASSERT_TRUE(b->commit({}));
  EXPECT_EQ(*a->count_rows(tables_a[0], "shop"), 2);
}

TEST(SnowflakeLeftovers, ARunThatIsStartedTwiceStopsTheFirst) {
  SnowflakeHarness harness;
  auto first = *harness.open();
  std::vector<Table> tables = made_up_tables();
  ASSERT_TRUE(first->prepare(tables));
  ASSERT_TRUE(first->append(tables[0], std::vector<Row>{member("shop", "L", i64{1}, "a")}));
  ASSERT_TRUE(first->commit({}));
  auto second = *harness.open();
  ASSERT_TRUE(second->prepare(tables));
  ASSERT_TRUE(first->append(tables[0], std::vector<Row>{member("shop", "L", i64{2}, "b")}));
  EXPECT_FALSE(first->commit({}));
  EXPECT_EQ(*second->count_rows(tables[0], "shop"), 1);
}

}  // namespace
}  // namespace chimplift
