// Signal 9 at random moments, over and over, until a run ends: the tables, the files and the pages are those of a run that nobody
// disturbed, byte for byte.
#include <gtest/gtest.h>

#include <cstdio>

#include "faults/faulty.hpp"
#include "support/tries.hpp"

namespace chimplift::faults {
namespace {

using e2e::Chance;
using e2e::times;
using std::chrono::milliseconds;

class Kills : public testing::Test {
 protected:
  Kills() {
    EXPECT_EQ(victim.attacked("sync").code, 0);
    undisturbed = victim.contents();
    changes = victim.calls(Class::count);
    victim.forget();
  }
  ~Kills() override {
    tried(kills);
    std::printf("  %d kills, of which %d left tables that DuckDB could not open\n", kills, unreadable);
  }
  Kills(const Kills&) = delete;
  Kills& operator=(const Kills&) = delete;

  /// Runs the command and kills it: before a change of a file, in the middle of a write, or after some time. True where it ended by itself.
  bool kill_once(const std::string& name) {
    const std::string before = victim.ledger();
    std::string how;
    Ended ended;
    if (chance.between(0, 3) == 0) {
      const milliseconds time(chance.between(1, 400));
      how = " after " + std::to_string(time.count()) + " ms";
      ended = victim.attacked_for(name, time);
    } else {
      how = std::to_string(chance.between(1, chance.between(1, 3) == 1 ? changes : 60)) + (chance.between(0, 2) == 0 ? "h" : "");
      ended = victim.attacked(name, {"FAULTS_KILL=" + how});
    }
    if (victim.lost_its_tables(ended)) {
      ++unreadable;
      return false;
    }
    const bool is_killed = ended.code == 128 + SIGKILL;
    history += name + " " + how + "; ";
    EXPECT_TRUE(is_killed || ended.code == 0 || (name == "verify" && (ended.code == 3 || ended.code == 6)))
        << name << " " << how << " ended with " << ended.code << "\n"
        << ended.all();
    if (is_killed) ++kills;
    EXPECT_EQ(victim.ledger().substr(0, before.size()), before) << name << " " << how << ": what was vouched for is forgotten";
    EXPECT_EQ(victim.damage(), "") << name << " " << how;
    return !is_killed;
  }

  void expect_undisturbed(const std::string& what) {
    SCOPED_TRACE(history);
    Ended ended = victim.clean("sync");
    if (victim.lost_its_tables(ended)) {
      ++unreadable;
      ended = victim.clean("sync");
    }
    ASSERT_EQ(ended.code, 0) << what << "\n" << ended.all();
    EXPECT_EQ(difference(undisturbed, victim.contents()), "") << what;
  }

  Chance chance;
  Victim victim;
  std::string undisturbed;
  i64 changes = 0;
  int kills = 0;
  int unreadable = 0;
  std::string history;  // since the archive was begun
};

TEST_F(Kills, UntilARunEndsChangeNothing) {
  SCOPED_TRACE(chance.seed());
  for (const int wanted = times(5, 2000); kills < wanted && !HasFailure();) {
    while (kills < wanted && !kill_once("sync") && !HasFailure()) {
    }
    expect_undisturbed("after " + std::to_string(kills) + " kills");
    victim.forget();
    history.clear();
  }
}

TEST_F(Kills, WhileItRefreshesLoadsAndVerifiesChangeNothing) {
  SCOPED_TRACE(chance.seed());
  for (const int wanted = times(1, 2000); kills < wanted && !HasFailure();) {
    expect_undisturbed("at the beginning");
    // Each of them is attacked, however few kills are wanted.
    for (const char* name : {"sync", "load", "verify"}) {
      if (chance.between(0, 1) == 0 && std::string(name) == "load") std::filesystem::remove(victim.duckdb());
      for (i64 more = chance.between(1, times(2, 4)); more > 0; --more) kill_once(name);
    }
    expect_undisturbed("after " + std::to_string(kills) + " kills");
  }
}

}  // namespace
}  // namespace chimplift::faults
