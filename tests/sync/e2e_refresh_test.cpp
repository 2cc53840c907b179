// A sync of a finished archive brings it up to date: it asks for what may have changed, and says what did.
#include <gtest/gtest.h>

#include <csignal>
#include <set>

#include "e2e_compare.hpp"

namespace chimplift::e2e {
namespace {

using mailchimp_sim::DriftPlan;

SimulatorOptions recorded() {
  SimulatorOptions options = Scene::small();
  options.record_requests = true;
  return options;
}

/// The steps of reports and of all that is below them, and one that has nothing to do with them.
const Words kReports = {"--only-steps", "campaigns,campaign_content,campaign_stats,email_activity,unsubscriptions,templates"};

/// A finished archive, and how many requests it took.
struct Finished {
  Scene scene{recorded()};
  std::size_t requests = 0;
  explicit Finished(const Words& words = kReports) {
    EXPECT_EQ(scene.sync(words).code, 0);
    requests = scene.stats().request_log.size();
  }
  [[nodiscard]] Ended sync_as_json() const {
    Words words = kReports;
    words.emplace_back("--json");
    return scene.sync(words);
  }
  /// Campaigns whose reports were asked for beyond their line in the list, their record, and what these do not tell of, since then.
  [[nodiscard]] std::set<std::string> campaigns_asked() const {
    std::set<std::string> campaigns;
    const std::vector<std::string> log = scene.stats().request_log;
    for (std::size_t i = requests; i < log.size(); ++i) {
      const std::string prefix = "/reports/";
      if (!log[i].starts_with(prefix) || log[i].find("/eepurl") != std::string::npos || log[i].find("/sub-reports") != std::string::npos)
        continue;
      const std::size_t end = log[i].find_first_of("/?", prefix.size());
      if (log[i][end] == '/') campaigns.insert(log[i].substr(prefix.size(), end - prefix.size()));
    }
    return campaigns;
  }
  [[nodiscard]] bool asked(const std::string& path) const {
    const std::vector<std::string> log = scene.stats().request_log;
    return std::any_of(log.begin() + static_cast<std::ptrdiff_t>(requests), log.end(),
                       [&path](const std::string& line) { return line.starts_with(path); });
  }
};

Json changes_of(const Ended& ended) { return Json::parse(ended.out).at("accounts").at(0).at("changes"); }

i64 count(const Json& changes, const std::string& table, const std::string& what) {
  for (const Json& line : changes) {
    if (line.at("table") == table) return line.at(what).get<i64>();
  }
  return 0;
}

TEST(e2e_refresh, what_cannot_have_changed_is_not_asked_for) {
  const Finished finished(Words{});
  const Json cross_checks = finished.scene.certificate().at("cross_checks");
  const Ended ended = finished.scene.sync({"--json"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_TRUE(finished.campaigns_asked().empty()) << *finished.campaigns_asked().begin();
  EXPECT_TRUE(finished.asked("/reports?"));
  EXPECT_TRUE(finished.asked("/lists?"));
  EXPECT_GT(finished.scene.stats().requests, static_cast<i64>(finished.requests + finished.requests / 2)) << "it read nothing";
  EXPECT_EQ(finished.scene.certificate().at("cross_checks"), cross_checks) << "they hold as well where only what changed was read";
  EXPECT_EQ(changes_of(ended), Json::array());
  EXPECT_EQ(finished.scene.certificate().at("verdict"), "safe to close");
  expect_truth(finished.scene);
}

TEST(e2e_refresh, a_report_that_changed_is_read_with_all_below_it) {
  Finished finished;
  finished.scene.simulator.plant_drift(DriftPlan{.path_contains = "/reports", .changes = 1, .probability = 1, .kinds = {"change"}});
  const Ended ended = finished.sync_as_json();
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(finished.campaigns_asked().size(), 1U);
  EXPECT_EQ(count(changes_of(ended), "campaign_stats", "changed"), 1) << changes_of(ended);
  EXPECT_EQ(count(changes_of(ended), "campaign_stats", "added"), 0);
  const Tally tally = classify(finished.scene);
  EXPECT_TRUE(tally.is_whole()) << to_text(tally);
}

TEST(e2e_refresh, a_new_campaign_is_read_with_all_below_it) {
  Finished finished;
  finished.scene.simulator.plant_drift(DriftPlan{.path_contains = "/reports", .changes = 1, .probability = 1, .kinds = {"insert"}});
  const Ended ended = finished.sync_as_json();
  EXPECT_EQ(finished.campaigns_asked().size(), 1U);
  EXPECT_EQ(count(changes_of(ended), "campaign_stats", "added"), 1) << changes_of(ended);
  const Tally tally = classify(finished.scene);
  EXPECT_TRUE(tally.is_whole()) << to_text(tally);
}

TEST(e2e_refresh, a_refresh_that_is_killed_forgets_no_change) {
  Chance chance;
  for (int round = 0; round < times(1, 60); ++round) {
    Finished finished;
    SCOPED_TRACE(chance.seed());
    finished.scene.simulator.plant_drift(DriftPlan{.path_contains = "/reports", .changes = 1, .probability = 1, .kinds = {"change"}});
    (void)finished.scene.signal_after("sync", chance.between(1, 60), SIGKILL, kReports);
    const Ended ended = finished.scene.sync(kReports);
    EXPECT_EQ(ended.code, 0) << ended.all();
    EXPECT_EQ(finished.campaigns_asked().size(), 1U);
    const Tally tally = classify(finished.scene);
    EXPECT_TRUE(tally.is_whole()) << to_text(tally);
  }
}

/// Steps as pods bring an archive up to date one after another. A report that one of them finds changed changes what others read.
TEST(e2e_refresh, what_one_step_finds_changed_another_step_reads) {
  const std::vector<Words> orders = {{"campaign_stats", "email_activity", "unsubscriptions"},
                                     // This one reads the reports for the campaigns that they name, and none of what is below them.
                                     {"campaign_content", "unsubscriptions", "email_activity", "campaign_stats"}};
  for (const Words& steps : orders) {
    Finished finished;
    finished.scene.simulator.plant_drift(DriftPlan{.path_contains = "/reports", .changes = 1, .probability = 1, .kinds = {"change"}});
    for (const std::string& step : steps) {
      const Ended ended = finished.scene.sync({"--only-steps", step});
      EXPECT_EQ(ended.code, 0) << step << "\n" << ended.all();
    }
    ASSERT_EQ(finished.campaigns_asked().size(), 1U) << steps.front();
    const std::string report = "/reports/" + *finished.campaigns_asked().begin();
    for (const char* below : {"/click-details", "/email-activity", "/sent-to", "/unsubscribed", "/open-details"})
      EXPECT_TRUE(finished.asked(report + below)) << steps.front() << " first: " << below;
    EXPECT_EQ(finished.scene.run("verify", kReports).code, 0);
    const Tally tally = classify(finished.scene);
    EXPECT_TRUE(tally.is_whole()) << steps.front() << " first\n" << to_text(tally);
  }
}

/// A refresh of everything is killed, and one of other steps ends before it goes on: that it was a refresh must not be forgotten, or
/// reports that changed would be read without what is below them.
TEST(e2e_refresh, the_end_of_one_steps_refresh_does_not_end_that_of_others) {
  Chance chance;
  for (int round = 0; round < times(1, 60); ++round) {
    Finished finished;
    SCOPED_TRACE(chance.seed());
    finished.scene.simulator.plant_drift(DriftPlan{.path_contains = "/reports", .changes = 1, .probability = 1, .kinds = {"change"}});
    (void)finished.scene.signal_after("sync", chance.between(3, 40), SIGKILL, kReports);
    EXPECT_EQ(finished.scene.sync({"--only-steps", "templates"}).code, 0);
    const Ended ended = finished.scene.sync(kReports);
    EXPECT_EQ(ended.code, 0) << ended.all();
    EXPECT_EQ(finished.campaigns_asked().size(), 1U);
    const Tally tally = classify(finished.scene);
    EXPECT_TRUE(tally.is_whole()) << to_text(tally);
  }
}

}  // namespace
}  // namespace chimplift::e2e
