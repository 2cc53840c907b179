// The power fails at any moment, and the disk forgets what was not made durable: all of it, or any part. What the ledger vouches for is
// there all the same, and the next runs end as if nothing had been.
#include <gtest/gtest.h>

#include <cstdio>

#include "faults/disk.hpp"
#include "faults/faulty.hpp"
#include "support/tries.hpp"

namespace chimplift::faults {
namespace {

using e2e::Chance;
using e2e::times;

/// All files below the folder and what they hold.
std::map<std::string, std::string> tree(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& file : e2e::files_below(folder)) files[std::filesystem::relative(file, folder)] = e2e::read_text(file);
  return files;
}

class PowerLoss : public testing::Test {
 protected:
  /// Not where a test begins by itself: one that is skipped needs none of it.
  void learn() {
    EXPECT_EQ(victim.attacked("sync").code, 0);
    undisturbed = victim.contents();
    changes = victim.calls(Class::count);
    start();
  }
  ~PowerLoss() override {
    tried(losses);
    std::printf("  %d losses of power, of which %d left tables that DuckDB could not open\n", losses, unreadable);
  }
  PowerLoss() = default;
  PowerLoss(const PowerLoss&) = delete;
  PowerLoss& operator=(const PowerLoss&) = delete;

  void start() {
    victim.forget();
    std::filesystem::create_directories(victim.archive);
  }

  /// Runs the command until the power fails before that change of a file. True where it ended by itself.
  bool lose_power(const std::string& name, i64 at, Disk::Kept kept) {
    const std::string vouched_for = victim.ledger();
    Disk disk(victim.archive);
    const std::string when = std::to_string(at) + (chance.between(0, 1) == 0 ? "h" : "");
    const Ended ended = victim.attacked(name, {"FAULTS_KILL=" + when, "FAULTS_LOG=" + victim.log().string()});
    if (victim.lost_its_tables(ended)) {
      ++unreadable;
      return false;
    }
    const bool is_killed = ended.code == 128 + SIGKILL;
    EXPECT_TRUE(is_killed || ended.code == 0 || (name == "verify" && (ended.code == 3 || ended.code == 6)))
        << name << " " << when << " ended with " << ended.code << "\n"
        << ended.all();
    if (is_killed) ++losses;
    disk.replay(victim.log());
    disk.leave(victim.archive, kept, chance);
    const std::string what = name + " " + when + ", kept " + std::to_string(static_cast<int>(kept));
    EXPECT_EQ(victim.ledger().substr(0, vouched_for.size()), vouched_for) << what << ": what was vouched for is forgotten";
    EXPECT_EQ(victim.damage(), "") << what;
    return !is_killed;
  }

  void expect_undisturbed(const std::string& what) {
    Ended ended = victim.clean("sync");
    if (victim.lost_its_tables(ended)) {
      ++unreadable;
      ended = victim.clean("sync");
    }
    EXPECT_EQ(ended.code, 0) << what << "\n" << ended.all();
    EXPECT_EQ(difference(undisturbed, victim.contents()), "") << what;
  }

  Disk::Kept any() { return chance.between(0, 2) == 0 ? Disk::Kept::none : Disk::Kept::some; }

  Chance chance;
  Victim victim;
  std::string undisturbed;
  i64 changes = 0;
  int losses = 0;
  int unreadable = 0;
};

// Without this the others would prove nothing.
TEST_F(PowerLoss, IsRebuiltFromAllThatWasDone) {
  learn();
  for (int i = 0; i < times(3, 50); ++i) {
    SCOPED_TRACE(chance.seed());
    start();
    Disk disk(victim.archive);
    (void)victim.attacked("sync",
                          {"FAULTS_KILL=" + std::to_string(chance.between(1, changes)) + "h", "FAULTS_LOG=" + victim.log().string()});
    disk.replay(victim.log());
    const auto real = tree(victim.archive);
    disk.leave(victim.archive, Disk::Kept::all, chance);
    EXPECT_EQ(tree(victim.archive), real);
    ++losses;
  }
}

TEST_F(PowerLoss, AtAnyMomentLosesNothingThatWasVouchedFor) {
  SCOPED_TRACE(chance.seed());
  learn();
  for (const int wanted = times(8, 2000); losses < wanted && !HasFailure();) {
    start();
    while (losses < wanted && !lose_power("sync", chance.between(1, chance.between(1, 3) == 1 ? changes : 60), any()) && !HasFailure()) {
    }
    expect_undisturbed("after " + std::to_string(losses) + " losses");
  }
}

TEST_F(PowerLoss, WhileItRefreshesAndLoadsLosesNothing) {
  SCOPED_TRACE(chance.seed());
  learn();
  for (const int wanted = times(1, 500); losses < wanted && !HasFailure();) {
    expect_undisturbed("at the beginning");
    for (const char* name : {"sync", "load", "verify"}) {
      for (i64 more = chance.between(1, 2); more > 0; --more) lose_power(name, chance.between(1, 60), any());
    }
    expect_undisturbed("after " + std::to_string(losses) + " losses");
  }
}

// Each change of a file in turn, and nothing kept that was not made durable.
TEST_F(PowerLoss, BeforeEveryChangeOfAFile) {
  if (times(0, 1) == 0) GTEST_SKIP() << "takes minutes: set CHIMPLIFT_TORTURE";
  learn();
  for (i64 at = 1; at <= changes && !HasFailure(); ++at) {
    start();
    lose_power("sync", at, Disk::Kept::none);
    expect_undisturbed("at change " + std::to_string(at));
  }
}

}  // namespace
}  // namespace chimplift::faults
