// Every call that can fail, fails: the i-th of its class, once or for good. The program ends with the exit code that is documented for it,
// the archive opens, whatever is said to be complete is complete, and the next run ends as if nothing had been.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string_view>
#include <utility>

#include "faults/faulty.hpp"
#include "support/part.hpp"
#include "support/tries.hpp"

namespace chimplift::faults {
namespace {

using e2e::Chance;
using e2e::times;

/// Exit codes (docs/command-line.md) with which a run may end whose call of that class failed. 0 where it was tried again or did not
/// matter.
std::set<int> allowed(Class which) {
  switch (which) {
    case Class::socket:
    case Class::connect:
    case Class::send:
    case Class::receive:
      return {0, 3, 5};  // 3: files that cannot be had are gaps
    // What could not be read again while it was verified is a gap until it can.
    case Class::open:
    case Class::read:
    case Class::stat:
      return {0, 3, 6};
    case Class::memory:
    case Class::thread:
      return {0, 1, 6};
    // Each of them is of something that the run needs, also where DuckDB closes its file, and where it reads what it wrote.
    case Class::write:
    case Class::sync:
    case Class::fetch:
      return {6};
    default:
      return {0, 6};
  }
}

class EveryCall : public testing::Test {
 protected:
  /// Not where a test begins by itself: one that is skipped needs none of it.
  void learn() {
    EXPECT_EQ(victim.attacked("sync").code, 0);
    undisturbed = victim.contents();
    for (int i = 0; i < static_cast<int>(Class::count); ++i) calls[static_cast<Class>(i)] = victim.calls(static_cast<Class>(i));
  }
  ~EveryCall() override { tried(attempts); }
  EveryCall() = default;
  EveryCall(const EveryCall&) = delete;
  EveryCall& operator=(const EveryCall&) = delete;

  void fail(Class which, i64 number, bool for_good) {
    victim.forget();
    const std::string plan = std::string(kNames[static_cast<int>(which)]) + ":" + std::to_string(number) + (for_good ? "+" : "");
    const Ended ended = victim.attacked("sync", {"FAULTS_FAIL=" + plan});
    const std::string told = last_told = victim.told();
    ++attempts;
    ++outcomes[{which, for_good, ended.code}];
    const std::string what = plan + ", " + told + "\n" + ended.all();
    const std::pair<std::size_t, std::size_t> unsynced = only_in_memory(told);
    // How many calls there are depends on how the pages come together: the last ones may not be reached.
    EXPECT_TRUE(told.empty() ? ended.code == 0 : allowed(which).contains(ended.code)) << "ended with " << ended.code << ": " << what;
    EXPECT_EQ(victim.damage(), "") << what;
    // What could not be removed is there until the next run.
    if (ended.code == 0 && which != Class::remove) {
      EXPECT_EQ(difference(undisturbed, victim.contents()), "") << "said to be complete: " << what;
      return;
    }
    Ended again = victim.clean("sync");
    if (victim.lost_its_tables(again)) {
      ++unreadable;
      again = victim.clean("sync");
    }
    lose(unsynced);
    EXPECT_EQ(again.code, 0) << "the next run: " << again.all() << "\nafter " << what;
    EXPECT_EQ(difference(undisturbed, victim.contents()), "") << what;
  }

  /// What of the ledger a failed sync left in memory: from where, to where. Linux shows it, and takes it for written, until it needs the
  /// memory; then it is zeros.
  [[nodiscard]] std::pair<std::size_t, std::size_t> only_in_memory(const std::string& told) const {
    constexpr std::string_view kMark = "ledger.ndjson\tsynced ";
    const std::size_t mark = told.find(kMark);
    if (mark == std::string::npos) return {};
    return {static_cast<std::size_t>(std::stoll(told.substr(mark + kMark.size()))), e2e::read_text(ledger_file()).size()};
  }

  void lose(const std::pair<std::size_t, std::size_t>& bytes) const {
    if (bytes.second <= bytes.first) return;
    std::string ledger = e2e::read_text(ledger_file());
    ASSERT_GE(ledger.size(), bytes.second);
    std::fill_n(ledger.begin() + static_cast<std::ptrdiff_t>(bytes.first), bytes.second - bytes.first, '\0');
    e2e::write_text(ledger_file(), ledger);
  }

  [[nodiscard]] std::filesystem::path ledger_file() const { return victim.account_folder() / "ledger" / "ledger.ndjson"; }

  void tell() const {
    for (const auto& [key, number] : outcomes) {
      const auto& [which, for_good, code] = key;
      std::printf("  %-10s %-8s exit code %3d: %d of %ld\n", kNames[static_cast<int>(which)], for_good ? "for good" : "once", code, number,
                  static_cast<long>(calls.at(which)));
    }
    std::printf("  %d failures, of which %d left tables that DuckDB could not open\n", attempts, unreadable);
  }

  Victim victim;
  std::string undisturbed;
  std::string last_told;
  std::map<Class, i64> calls;
  std::map<std::tuple<Class, bool, int>, int> outcomes;
  int attempts = 0;
  int unreadable = 0;
};

/// What is asked for again and again until it is given up takes half a minute.
bool is_slow(Class which) { return which == Class::socket || which == Class::connect || which == Class::send || which == Class::receive; }

TEST_F(EveryCall, ThatFailsLeavesNothingBehind) {
  Chance chance;
  SCOPED_TRACE(chance.seed());
  learn();
  ASSERT_GT(calls[Class::write], 0);
  // A class of which there is no call is no try.
  for (const int wanted = times(5, 10); attempts < wanted;) {
    const auto which = static_cast<Class>(chance.between(0, static_cast<i64>(Class::count) - 1));
    if (calls[which] == 0) continue;
    fail(which, chance.between(1, calls[which]), !is_slow(which) && chance.between(0, 1) == 0);
  }
}

// DuckDB says that there is no more, and not that it could not read it.
TEST_F(EveryCall, ThatReadsAResultOfDuckDbsAndFailsIsNotTakenForItsEnd) {
  Chance chance;
  SCOPED_TRACE(chance.seed());
  learn();
  ASSERT_GT(calls[Class::fetch], 0);
  for (int i = 0; i < times(3, 6); ++i) fail(Class::fetch, chance.between(1, calls[Class::fetch]), false);
}

// What was written and not synced is in memory only: the next run must not build on it.
TEST_F(EveryCall, ThatSyncsTheLedgerAndFailsLeavesNothingThatIsOnlyInMemory) {
  Chance chance;
  SCOPED_TRACE(chance.seed());
  learn();
  int of_ledger = 0;
  // The ledger is synced behind the pages of each commit: every third or so is one.
  for (i64 i = chance.between(1, calls[Class::sync] / 4); i <= calls[Class::sync] && of_ledger < 1; ++i) {
    fail(Class::sync, i, false);
    if (last_told.find("ledger.ndjson") != std::string::npos) ++of_ledger;
  }
  EXPECT_EQ(of_ledger, 1);
}

// All of them; CHIMPLIFT_TORTURE=write,sync: those of these classes; CHIMPLIFT_PART=1/4: the first quarter of each.
TEST_F(EveryCall, OfEveryClassThatFailsLeavesNothingBehind) {
  const char* torture = std::getenv("CHIMPLIFT_TORTURE");
  if (torture == nullptr) GTEST_SKIP() << "takes half an hour: set CHIMPLIFT_TORTURE";
  learn();
  const std::string wanted = "," + std::string(torture) + ",";
  for (const auto& [which, number] : calls) {
    const std::string name = kNames[static_cast<int>(which)];
    if (wanted != ",1," && wanted.find("," + name + ",") == std::string::npos) continue;
    const Part part = wanted_part(number);
    for (i64 i = part.first + 1; i <= part.end; ++i) {
      for (const bool for_good : {false, true}) fail(which, i, for_good);
    }
  }
  tell();
}

}  // namespace
}  // namespace chimplift::faults
