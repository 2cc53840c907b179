// An archive that was never finished is not vouched for from pages of any age. Its ledger's times are set back, which makes it an old one.
#include <gmock/gmock.h>

#include "archive/ledger.hpp"
#include "base/clock.hpp"
#include "e2e_compare.hpp"
#include "rows/convert.hpp"

namespace chimplift::e2e {
namespace {

using mailchimp_sim::Fault;
using testing::HasSubstr;

const Words kNoTables = {"--warehouse", "none"};

/// Sets back the times of all pages.
void make_older(const Scene& scene, i64 days) {
  const std::filesystem::path path = scene.account_folder() / "ledger/ledger.ndjson";
  LedgerReader reader = *LedgerReader::open(path);
  std::string lines;
  std::string sum;
  while (std::optional<LedgerRecord> record = *reader.next(std::numeric_limits<i64>::max())) {
    if (auto* page = std::get_if<PageRecord>(&*record))
      page->received_at = format_utc(parse_timestamp(page->received_at)->micros - days * 86'400'000'000);
    lines += encode(*record, sum) + "\n";
  }
  write_text(path, lines);
}

SimulatorOptions recorded() {
  SimulatorOptions options = Scene::small();
  options.record_requests = true;
  return options;
}

/// An archive whose templates could not be read, and which is some days old.
struct Unfinished {
  Scene scene{recorded()};
  std::size_t requests = 0;
  explicit Unfinished(i64 days) {
    scene.simulator.plant(Fault{.kind = "status_403", .path_contains = "/templates"});
    EXPECT_EQ(scene.sync(words).code, 3);
    make_older(scene, days);
    requests = scene.stats().request_log.size();
  }
  [[nodiscard]] int times_asked(const std::string& path) const {
    const std::vector<std::string> log = scene.stats().request_log;
    return static_cast<int>(std::count_if(log.begin() + static_cast<std::ptrdiff_t>(requests), log.end(),
                                          [&path](const std::string& line) { return line.starts_with(path); }));
  }
  Words steps = {"--excluded-steps", "member_details,email_activity,ecommerce"};
  Words words = {"--warehouse", "none", "--excluded-steps", "member_details,email_activity,ecommerce"};
  Words without_templates = {"--warehouse", "none", "--excluded-steps", "member_details,email_activity,ecommerce,templates"};
};

TEST(e2e_age, what_is_excluded_later_does_not_make_old_pages_new) {
  for (const i64 days : {0, 20}) {
    const Unfinished unfinished(days);
    const Ended ended = unfinished.scene.sync(unfinished.without_templates);
    EXPECT_EQ(ended.code, 0) << ended.all();
    EXPECT_EQ(unfinished.times_asked("/lists?") > 0, days > 0) << days;
    EXPECT_EQ(unfinished.times_asked("/campaigns?") > 0, days > 0) << days;
  }
}

// A run of the same steps as before would read all of them anew: one of more steps is not to vouch for older pages.
TEST(e2e_age, what_is_included_later_lets_no_old_pages_of_others_be_vouched_for) {
  const Scene scene(recorded());
  const Words before = {"--warehouse", "none", "--only-steps", "lists"};
  const Words now = {"--warehouse", "none", "--only-steps", "lists,templates"};
  ASSERT_EQ(scene.sync(before).code, 0);
  make_older(scene, 2);
  const std::size_t requests = scene.stats().request_log.size();
  const Ended ended = scene.sync(now);
  EXPECT_EQ(ended.code, 0) << ended.all();
  const std::vector<std::string> log = scene.stats().request_log;
  const auto is_of_lists = [](const std::string& line) { return line.starts_with("/lists?"); };
  EXPECT_TRUE(std::any_of(log.begin() + static_cast<std::ptrdiff_t>(requests), log.end(), is_of_lists));
}

TEST(e2e_age, the_rest_of_an_old_reading_is_read_and_then_what_came_first_anew) {
  for (const i64 days : {2, 20}) {
    Unfinished unfinished(days);
    unfinished.scene.simulator.lift_faults();
    const Ended ended = unfinished.scene.sync(unfinished.words);
    EXPECT_EQ(ended.code, 0) << ended.all();
    EXPECT_GT(unfinished.times_asked("/templates?"), 0);
    EXPECT_EQ(unfinished.times_asked("/lists?") > 0, days > 7) << days;
    expect_truth_of(unfinished.scene, {"templates", "lists", "campaigns"});
  }
}

TEST(e2e_age, a_second_pull_alone_reads_what_is_old_anew) {
  Unfinished unfinished(0);
  unfinished.scene.simulator.lift_faults();
  EXPECT_EQ(unfinished.scene.run("pull", unfinished.steps).code, 0);
  EXPECT_EQ(unfinished.times_asked("/lists?"), 0);
  make_older(unfinished.scene, 2);
  EXPECT_EQ(unfinished.scene.run("pull", unfinished.steps).code, 0);
  EXPECT_GT(unfinished.times_asked("/lists?"), 0);
}

// What is below a report that a step found changed is a rest to be read, and the other pages are as old as they were: whoever runs all
// steps then, right before closing the account, expects it as it is now.
TEST(e2e_age, what_one_step_found_changed_does_not_make_the_others_pages_new) {
  for (const int changes : {0, 1}) {
    Scene scene;
    EXPECT_EQ(scene.sync(kNoTables).code, 0);
    const mailchimp_sim::DriftPlan drift{.path_contains = "/reports", .changes = changes, .probability = 1, .kinds = {"change"}};
    if (changes > 0) scene.simulator.plant_drift(drift);
    EXPECT_EQ(scene.sync({"--only-steps", "campaigns", "--warehouse", "none"}).code, 0);
    const auto times_asked = [&scene](const std::string& path) { return scene.stats().by_path.at(path); };
    const i64 lists = times_asked("/lists");
    const i64 templates = times_asked("/templates");
    const Ended ended = scene.sync(kNoTables);
    EXPECT_EQ(ended.code, 0) << ended.all();
    EXPECT_EQ(times_asked("/lists"), lists + 1);
    EXPECT_EQ(times_asked("/templates"), templates + 1);
  }
}

}  // namespace
}  // namespace chimplift::e2e
