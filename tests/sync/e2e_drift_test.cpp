// Accounts that change while they are read: what was there throughout is not lost and nothing is there twice, whatever the verdict; what
// could not be read in one piece is a gap.
#include <gtest/gtest.h>

#include "e2e_compare.hpp"

namespace chimplift::e2e {
namespace {

using mailchimp_sim::DriftPlan;
using mailchimp_sim::u64;

/// What many runs came to.
struct Outcomes {
  int runs = 0;
  int changes = 0;
  int safe = 0;
  int with_gaps = 0;
};

/// One sync of an account that drifts.
void read_while_it_drifts(const std::string& seed, const SimulatorOptions& options, const DriftPlan& plan, const Words& words,
                          Outcomes& outcomes) {
  SCOPED_TRACE(seed);
  Scene scene(options);
  scene.simulator.plant_drift(plan);
  const Ended ended = scene.sync(words);
  ASSERT_TRUE(std::filesystem::exists(scene.account_folder() / "certificate.json")) << ended.all();
  const Json certificate = scene.certificate();
  const bool is_safe = certificate.at("verdict") != "not safe";
  ASSERT_EQ(ended.code, is_safe ? 0 : 3) << ended.all();
  ASSERT_EQ(is_safe, certificate.at("gaps").empty());
  const Tally tally = classify(scene);
  EXPECT_TRUE(tally.is_whole()) << certificate.at("verdict") << ", " << certificate.at("gaps") << "\n" << to_text(tally);
  EXPECT_GT(tally.right, 0);
  ++outcomes.runs;
  outcomes.changes += scene.simulator.drifted();
  ++(is_safe ? outcomes.safe : outcomes.with_gaps);
}

/// Lists, campaigns and their reports in pages of a few rows, so that the changes fall between pages.
SimulatorOptions in_small_pages(u64 seed) {
  SimulatorOptions options = Scene::small();
  options.seed = seed % 1000 + 1;
  options.most_rows = static_cast<i64>(3 + seed % 40);
  return options;
}

const Words kSteps = {"--only-steps", "lists,list_segments,segment_members,campaigns,campaign_stats,templates"};

void tell(const Outcomes& outcomes) {
  std::printf("  %d runs, %d changes: %d safe to close, %d with gaps\n", outcomes.runs, outcomes.changes, outcomes.safe,
              outcomes.with_gaps);
}

TEST(e2e_drift, rows_that_come_change_and_go_take_none_along) {
  Chance chance;
  const auto base = static_cast<u64>(chance.between(1, 1'000'000'000));
  Outcomes outcomes;
  const int runs = times(3, 1000);
  for (int i = 0; i < runs && !HasFailure(); ++i) {
    const u64 seed = base + static_cast<u64>(i);
    const DriftPlan plan{.seed = seed,
                         .changes = static_cast<int>(seed % 60) + 5,
                         .probability = 0.02 + static_cast<double>(seed % 7) * 0.05,
                         .kinds = {"insert", "change", "delete"}};
    read_while_it_drifts(chance.seed() + ", run " + std::to_string(i), in_small_pages(seed), plan, kSteps, outcomes);
  }
  tell(outcomes);
  EXPECT_GT(outcomes.changes, 0);
}

}  // namespace
}  // namespace chimplift::e2e
