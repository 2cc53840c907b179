// Accounts that change while they are read: what was there throughout is not lost and nothing is there twice, whatever the verdict; what
// could not be read in one piece is a gap.
#include <gtest/gtest.h>

#include <algorithm>

#include "e2e_compare.hpp"
#include "support/tries.hpp"

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
  tried(outcomes.runs);
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

// Where no order is promised rows also move. Few changes at a time: three that fit each other by chance cannot be told from none.
TEST(e2e_drift, rows_that_move_are_not_lost) {
  Chance chance;
  const auto base = static_cast<u64>(chance.between(1, 1'000'000'000));
  Outcomes outcomes;
  const int runs = times(2, 200);
  for (int i = 0; i < runs && !HasFailure(); ++i) {
    const u64 seed = base + static_cast<u64>(i);
    const DriftPlan plan{
        .seed = seed, .changes = 12, .probability = 0.05, .most_at_once = 2, .kinds = {"move", "move", "delete", "change"}};
    read_while_it_drifts(chance.seed() + ", run " + std::to_string(i), in_small_pages(seed), plan, kSteps, outcomes);
  }
  tell(outcomes);
  EXPECT_GT(outcomes.changes, 0);
}

// Pages that are under way together come in any order.
TEST(e2e_drift, rows_that_come_change_and_go_between_pages_that_are_read_together_take_none_along) {
  Chance chance;
  Outcomes outcomes;
  const int runs = times(1, 50);
  for (int i = 0; i < runs && !HasFailure(); ++i) {
    SimulatorOptions options = Scene::small();
    options.scale = 3;
    options.latency_ms = 5;
    const DriftPlan plan{.seed = static_cast<u64>(chance.between(1, 1'000'000'000)),
                         .path_contains = "/members",
                         .changes = 30,
                         .probability = 0.4,
                         .kinds = {"insert", "change", "delete"}};
    read_while_it_drifts(chance.seed() + ", run " + std::to_string(i), options, plan, {"--only-steps", "lists"}, outcomes);
  }
  tell(outcomes);
  EXPECT_GT(outcomes.changes, 0);
}

TEST(e2e_drift, a_collection_that_never_rests_is_a_gap_with_a_name_and_closes_when_it_does) {
  SimulatorOptions options = Scene::small();
  options.most_rows = 10;
  Scene scene(options);
  const auto& collections = scene.account().collections;
  const auto largest = std::max_element(collections.begin(), collections.end(), [](const auto& a, const auto& b) {
    const auto size = [](const auto& item) { return item.second.table == "list_members" ? item.second.rows.size() : 0; };
    return size(a) < size(b);
  });
  const std::string list = Json::parse(largest->second.parents.at(0).second);
  scene.simulator.plant_drift(
      DriftPlan{.path_contains = largest->first, .changes = 100'000, .probability = 1, .most_at_once = 1, .kinds = {"insert", "delete"}});
  const Ended ended = scene.sync({"--only-steps", "lists"});
  EXPECT_EQ(ended.code, 3) << ended.all();
  const Json gaps = scene.certificate().at("gaps");
  ASSERT_FALSE(gaps.empty());
  for (const std::string& gap : findings(gaps)) EXPECT_EQ(gap, "list_members list_id=" + list);
  const Tally tally = classify(scene);
  EXPECT_TRUE(tally.duplicated.empty() && tally.unexpected.empty()) << to_text(tally);
  scene.simulator.calm();
  EXPECT_EQ(scene.sync({"--only-steps", "lists"}).code, 0);
  EXPECT_TRUE(classify(scene).is_whole()) << to_text(classify(scene));
}

}  // namespace
}  // namespace chimplift::e2e
