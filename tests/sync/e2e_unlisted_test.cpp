// Reports and campaigns that /reports and /campaigns do not list: whatever else names them leads to them.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/files.hpp"
#include "e2e_compare.hpp"
#include "in_process.hpp"

namespace chimplift::e2e {
namespace {

const Words kNoTables = {"--warehouse", "none"};

/// The steps of what names reports and campaigns, and of all that is below these. Only their tables are compared.
const Words kNaming = {"automations", "campaigns", "campaign_content", "campaign_stats", "email_activity", "unsubscriptions"};

/// The ids of a table's records in the simulator's account, of all its collections.
Words ids_of(const Scene& scene, const std::string& table) {
  Words ids;
  for (const auto& [path, collection] : scene.account().collections) {
    if (collection.table != table) continue;
    for (const mailchimp_sim::Row& row : collection.rows) ids.push_back(row.id);
  }
  return ids;
}

/// The ids of the automations' e-mails whose campaigns and reports are had by their id alone.
Words unlisted(const Scene& scene) {
  Words ids;
  for (const auto& [path, single] : scene.account().singles) {
    if (single.table == "campaigns") ids.push_back(path.substr(path.rfind('/') + 1));
  }
  return ids;
}

/// The ids of parents whose children alone lead to their reports.
Words parents_of_others(const Scene& scene) {
  Words ids;
  for (const auto& [path, single] : scene.account().singles) {
    const std::string id = path.substr(path.rfind('/') + 1);
    if (single.table == "campaign_stats" && !scene.account().singles.contains("/campaigns/" + id)) ids.push_back(id);
  }
  return ids;
}

i64 asked(const Scene& scene, const std::string& path) {
  const auto by_path = scene.stats().by_path;
  const auto found = by_path.find(path);
  return found == by_path.end() ? 0 : found->second;
}

Json check_named(const Json& certificate, const std::string& name) {
  for (const Json& check : certificate.at("cross_checks")) {
    if (check.at("name") == name) return check;
  }
  return Json();
}

TEST(e2e_unlisted, what_no_list_has_is_found_by_whatever_names_it) {
  const Scene scene;
  const Words sent = unlisted(scene);
  ASSERT_FALSE(sent.empty());
  const Words emails = ids_of(scene, "automation_emails");
  const Ended ended = scene.sync(kNoTables);
  ASSERT_EQ(ended.code, 0) << ended.all();
  expect_truth_of(scene, kNaming);
  const Sql sql(scene.duckdb());
  const Json certificate = scene.certificate();
  EXPECT_EQ(certificate.at("verdict"), "safe to close") << certificate.at("gaps");
  {
    SCOPED_TRACE("reports of automations' e-mails, with all that is below them");
    EXPECT_EQ(check_named(certificate, "e-mails that automations sent").at("outcome"), "holds");
    for (const std::string& id : sent) {
      EXPECT_EQ(sql.column("SELECT DISTINCT campaign_id FROM mailchimp.email_activity WHERE campaign_id = '" + id + "'"), Words{id});
    }
    for (const std::string& id : emails) {
      const bool was_sent = std::find(sent.begin(), sent.end(), id) != sent.end();
      EXPECT_EQ(asked(scene, "/reports/" + id), was_sent ? 1 : 0);
    }
  }
  {
    SCOPED_TRACE("bodies of automations' e-mails");
    for (const std::string& id : sent) {
      EXPECT_EQ(asked(scene, "/campaigns/" + id), 1);
      EXPECT_EQ(sql.column("SELECT type FROM mailchimp.campaigns WHERE id = '" + id + "'"), Words{"automation"});
      const std::filesystem::path html = scene.account_folder() / "files" / "campaigns" / (id + ".html");
      EXPECT_NE(read_file(html).value_or("").find("</html>"), std::string::npos) << html;
    }
    // One that was never sent is no campaign in the simulator: that is said, and is no gap.
    const Json check = check_named(certificate, "bodies of automations' e-mails");
    EXPECT_EQ(check.at("outcome"), "differs, explained");
    EXPECT_EQ(check.at("said"), static_cast<i64>(emails.size()));
    EXPECT_EQ(check.at("read"), sent.size());
  }
  {
    SCOPED_TRACE("the report of a parent, by its children");
    // The parent's own record says that it sent no e-mail: its children did.
    const Words parents = parents_of_others(scene);
    ASSERT_EQ(parents.size(), 1U);
    EXPECT_EQ(asked(scene, "/reports/" + parents[0]), 1);
    EXPECT_EQ(asked(scene, "/reports/" + parents[0] + "/sub-reports"), 1);
    EXPECT_EQ(asked(scene, "/campaigns/" + parents[0]), 0) << "its list has it";
    EXPECT_EQ(sql.column("SELECT CAST(emails_sent AS VARCHAR) FROM mailchimp.campaigns WHERE id = '" + parents[0] + "'"), Words{"0"});
    EXPECT_NE(sql.column("SELECT CAST(emails_sent AS VARCHAR) FROM mailchimp.campaign_stats WHERE id = '" + parents[0] + "'"), Words{"0"});
  }
  {
    SCOPED_TRACE("automations");
    // OpenAPI calls an automation's id a campaign's. The simulator has neither a campaign nor a report of it, and that is no gap.
    const Words flows = ids_of(scene, "automations");
    ASSERT_FALSE(flows.empty());
    for (const std::string& id : flows) {
      for (const std::string path : {"/campaigns/", "/reports/"}) EXPECT_EQ(asked(scene, path + id), 2) << "believed the second time";
    }
  }
  {
    SCOPED_TRACE("children, by their id only where the list does not have them");
    const Words listed = ids_of(scene, "campaign_stats");
    int in_the_list = 0;
    int not_there = 0;
    for (const std::string& id : ids_of(scene, "campaign_sub_reports")) {
      const bool is_listed = std::find(listed.begin(), listed.end(), id) != listed.end();
      ++(is_listed ? in_the_list : not_there);
      // The simulator has no report of a child of an A/B test, which is believed the second time: nothing below it is asked for either.
      EXPECT_EQ(asked(scene, "/reports/" + id), is_listed ? 0 : 2) << id;
      EXPECT_EQ(asked(scene, "/reports/" + id + "/advice"), is_listed ? 1 : 0) << id;
    }
    EXPECT_GT(in_the_list, 0);
    EXPECT_GT(not_there, 0);
  }
}

TEST(e2e_unlisted, that_there_is_none_of_an_id_is_no_trouble) {
  const Scene scene;
  Progress progress;
  EXPECT_EQ(trouble_of(sync_in_process(scene, hurried(), false, {"campaigns", "automations"}, &progress)), "");
  // An automation's e-mail that was never sent is no campaign in the simulator: it was asked for, and the answer was 404.
  const Words sent = unlisted(scene);
  const Words emails = ids_of(scene, "automation_emails");
  EXPECT_TRUE(std::any_of(emails.begin(), emails.end(), [&](const std::string& id) {
    return asked(scene, "/campaigns/" + id) > 0 && std::find(sent.begin(), sent.end(), id) == sent.end();
  }));
  EXPECT_EQ(progress.accounts.front().trouble().find("404"), std::string::npos) << progress.accounts.front().trouble();
}

// Two 404s that pass, of the record and of what is below it, look as if it had been deleted: the next run sees that it was not.
TEST(e2e_unlisted, what_was_taken_for_gone_is_asked_for_again_where_its_parent_is_there) {
  Scene scene;
  const std::string report = "/reports/" + unlisted(scene).at(0);
  scene.simulator.plant({.kind = "status_404", .path_contains = report + "/email-activity", .times = 1});
  scene.simulator.plant({.kind = "status_404", .path_contains = report + "$", .skip = 1, .times = 1});
  const Ended first = scene.sync(kNoTables);
  EXPECT_EQ(first.code, 0) << first.all();
  const i64 times = asked(scene, report + "/email-activity");
  scene.simulator.lift_faults();
  const Ended again = scene.sync(kNoTables);
  EXPECT_EQ(again.code, 0) << again.all();
  EXPECT_GT(asked(scene, report + "/email-activity"), times);
  expect_truth_of(scene, kNaming);
}

TEST(e2e_unlisted, a_gateways_404_is_not_taken_for_mailchimps_word) {
  Scene scene;
  const std::string report = "/reports/" + unlisted(scene).at(0);
  scene.simulator.plant({.kind = "missing", .path_contains = report + "$", .times = 3});
  const Ended ended = scene.sync(kNoTables);
  EXPECT_EQ(ended.code, 0) << ended.all();
  EXPECT_EQ(scene.certificate().at("verdict"), "safe to close");
  EXPECT_GE(asked(scene, report), 4);
  EXPECT_EQ(asked(scene, report + "/click-details"), 1) << "it was taken";
}

TEST(e2e_unlisted, campaigns_lead_to_their_reports_and_reports_to_their_campaigns) {
  Scene scene;
  const std::string report = scene.account().collections.at("/reports").rows.at(0).id;
  const std::string campaign = scene.account().collections.at("/campaigns").rows.at(1).id;
  ASSERT_NE(report, campaign);
  // Neither their lists nor the totals of these have them.
  scene.simulator.plant({.kind = "lose_row", .path_contains = "/reports$", .param = 0});
  scene.simulator.plant({.kind = "lose_row", .path_contains = "/campaigns$", .param = 1});
  const Ended ended = scene.sync(kNoTables);
  EXPECT_EQ(ended.code, 0) << ended.all();
  EXPECT_EQ(asked(scene, "/reports/" + report), 1);
  EXPECT_EQ(asked(scene, "/campaigns/" + campaign), 1);
  EXPECT_EQ(asked(scene, "/campaigns/" + campaign + "/content"), 1);
  expect_truth_of(scene, kNaming);
  // What the lists have later is not asked for by its id once more, and counts once.
  scene.simulator.lift_faults();
  EXPECT_EQ(scene.run("pull").code, 0);
  EXPECT_EQ(asked(scene, "/reports/" + report), 1);
  EXPECT_EQ(asked(scene, "/campaigns/" + campaign), 1);
  expect_truth_of(scene, kNaming);
  const Ended verified = scene.run("verify", kNoTables);
  EXPECT_EQ(verified.code, 0) << verified.all();
  EXPECT_EQ(check_named(scene.certificate(), "every sent campaign has its report").at("outcome"), "holds");
}

TEST(e2e_unlisted, one_that_went_before_a_refresh_is_no_gap) {
  Scene scene;
  ASSERT_EQ(scene.sync(kNoTables).code, 0);
  const std::string id = unlisted(scene).at(0);
  for (const std::string path : {"/reports/", "/campaigns/"})
    scene.simulator.plant({.kind = "status_404", .path_contains = path + id + "$"});
  for (int again = 0; again < 2; ++again) {
    const Ended ended = scene.sync(kNoTables);
    EXPECT_EQ(ended.code, 0) << ended.all();
    EXPECT_EQ(scene.certificate().at("verdict"), "safe to close") << scene.certificate().at("gaps");
  }
  // The archive and the tables have it all the same, and the certificate says that Mailchimp has not.
  EXPECT_EQ(check_named(scene.certificate(), "e-mails that automations sent").at("outcome"), "differs, explained");
  expect_truth_of(scene, kNaming);
}

TEST(e2e_unlisted, nothing_is_asked_for_by_its_id_while_the_list_cannot_be_had_at_all) {
  Scene scene;
  scene.simulator.plant({.kind = "status_400", .path_contains = "/reports$"});
  EXPECT_EQ(scene.sync(kNoTables).code, 3);
  EXPECT_EQ(findings(scene.certificate().at("gaps")), Words{"campaign_stats"});
  for (const std::string& id : unlisted(scene)) EXPECT_EQ(asked(scene, "/reports/" + id), 0);
  scene.simulator.lift_faults();
  EXPECT_EQ(scene.sync(kNoTables).code, 0);
  expect_truth_of(scene, kNaming);
}

TEST(e2e_unlisted, what_a_list_cannot_give_is_had_by_its_id) {
  SimulatorOptions options = Scene::small();
  options.scale = 0.3;  // more reports than the smallest page has
  Scene scene(options);
  // The first reports cannot be read, however small the page.
  const std::string first = scene.account().collections.at("/reports").rows.at(0).id;
  scene.simulator.plant({.kind = "status_504", .path_contains = "/reports$", .query_contains = "offset=0"});
  scene.simulator.plant({.kind = "status_400", .path_contains = "/reports/" + first + "/eepurl", .times = 1});
  EXPECT_EQ(sync_in_process(scene, hurried(), false).failure(), ErrorKind::gaps);
  EXPECT_EQ(findings(scene.certificate().at("gaps")), (Words{"campaign_eepurl campaign_id=" + first, "campaign_stats"}));
  // What lacks below it comes with the next run, although the list still has its gap.
  EXPECT_EQ(sync_in_process(scene, hurried(), false).failure(), ErrorKind::gaps);
  EXPECT_EQ(findings(scene.certificate().at("gaps")), Words{"campaign_stats"});
  EXPECT_EQ(asked(scene, "/reports/" + first), 1);
  EXPECT_EQ(asked(scene, "/reports/" + first + "/click-details"), 1);
  scene.simulator.lift_faults();
  EXPECT_EQ(scene.sync(kNoTables).code, 0);
  expect_truth_of(scene, kNaming);
}

TEST(e2e_unlisted, one_that_cannot_be_had_is_a_gap_with_its_id_and_comes_with_the_next_run) {
  Scene scene;
  const std::string id = unlisted(scene).at(0);
  scene.simulator.plant({.kind = "status_400", .path_contains = "/reports/" + id + "$"});
  const Ended ended = scene.sync(kNoTables);
  EXPECT_EQ(ended.code, 3) << ended.all();
  EXPECT_EQ(findings(scene.certificate().at("gaps")), Words{"campaign_stats campaign_id=" + id});
  scene.simulator.lift_faults();
  EXPECT_EQ(scene.sync(kNoTables).code, 0);
  expect_truth_of(scene, kNaming);
}

// An archive that is brought up to date must not wait for ever for what nothing names any more.
TEST(e2e_unlisted, one_that_could_not_be_had_and_is_not_named_any_more_keeps_nothing_from_being_brought_up_to_date) {
  Scene scene;
  scene.simulator.plant({.kind = "status_400", .path_contains = "/reports/" + unlisted(scene).at(0) + "$"});
  scene.simulator.plant({.kind = "status_404", .path_contains = "/campaigns/" + unlisted(scene).at(0) + "$"});
  EXPECT_EQ(scene.sync(kNoTables).code, 3);
  const Words without = {"--excluded-steps", "automations", "--warehouse", "none"};
  EXPECT_EQ(scene.sync(without).code, 0);
  const i64 before = asked(scene, "/lists");
  EXPECT_EQ(scene.sync(without).code, 0);
  EXPECT_GT(asked(scene, "/lists"), before);
}

TEST(e2e_unlisted, one_that_is_not_found_at_first_is_asked_for_once_more) {
  Scene scene;
  const std::string id = unlisted(scene).at(0);
  scene.simulator.plant({.kind = "status_404", .path_contains = "/reports/" + id + "$", .times = 1});
  scene.simulator.plant({.kind = "status_404", .path_contains = "/campaigns/" + id + "$", .times = 1});
  const Ended ended = scene.sync(kNoTables);
  EXPECT_EQ(ended.code, 0) << ended.all();
  EXPECT_EQ(asked(scene, "/reports/" + id), 2);
  EXPECT_EQ(asked(scene, "/campaigns/" + id), 2);
  EXPECT_EQ(asked(scene, "/reports/" + id + "/click-details"), 1) << "it was taken";
  EXPECT_EQ(asked(scene, "/campaigns/" + id + "/content"), 1) << "it was taken";
  EXPECT_EQ(scene.certificate().at("verdict"), "safe to close");
}

TEST(e2e_unlisted, an_answer_that_is_something_else_is_not_taken_for_it) {
  Scene scene;
  const std::string id = unlisted(scene).at(0);
  for (const std::string path : {"/reports/", "/campaigns/"})
    scene.simulator.plant({.kind = "problem_200", .path_contains = path + id + "$", .times = 2});
  const Ended ended = scene.sync(kNoTables);
  EXPECT_EQ(ended.code, 0) << ended.all();
  for (const std::string path : {"/reports/", "/campaigns/"}) EXPECT_EQ(asked(scene, path + id), 3);
  expect_truth_of(scene, kNaming);
}

TEST(e2e_unlisted, one_that_is_mentioned_only_later_is_asked_for_then) {
  const Scene scene;
  EXPECT_EQ(scene.sync({"--excluded-steps", "automations", "--warehouse", "none"}).code, 0);
  for (const std::string& id : unlisted(scene)) EXPECT_EQ(asked(scene, "/reports/" + id), 0);
  // The archive now has all that names them, and not what they are: as one that was read before this was asked for.
  EXPECT_EQ(scene.run("pull", {"--only-steps", "automations"}).code, 0);
  const Ended verified = scene.run("verify", kNoTables);
  EXPECT_EQ(verified.code, 3) << verified.all();
  Words gaps = findings(scene.certificate().at("gaps"));
  for (const std::string& id : unlisted(scene))
    EXPECT_EQ(std::count(gaps.begin(), gaps.end(), "campaign_stats campaign_id=" + id), 1) << scene.certificate().at("gaps");
  EXPECT_EQ(scene.sync(kNoTables).code, 0);
  expect_truth_of(scene, kNaming);
}

TEST(e2e_unlisted, one_that_is_deleted_while_the_run_goes_on_is_gone) {
  Scene scene;
  const std::string report = "/reports/" + unlisted(scene).at(0);
  scene.simulator.plant_drift(mailchimp_sim::Deletion{.path = report, .before_path = report + "/click-details"});
  const Ended ended = scene.sync(kNoTables);
  EXPECT_EQ(ended.code, 0) << ended.all();
  const Json certificate = scene.certificate();
  EXPECT_EQ(certificate.at("verdict"), "safe to close") << certificate.at("gaps");
  int found = 0;
  for (const Json& stream : certificate.at("streams")) {
    if (stream.at("table") != "campaign_click_details") continue;
    ++found;
    EXPECT_EQ(stream.at("gone"), 1);
  }
  EXPECT_EQ(found, 1);
}

TEST(e2e_unlisted, what_is_not_found_below_one_that_is_still_there_is_a_gap) {
  Scene scene;
  const std::string id = unlisted(scene).at(0);
  scene.simulator.plant({.kind = "status_404", .path_contains = "/reports/" + id + "/locations"});
  const Ended ended = scene.sync(kNoTables);
  EXPECT_EQ(ended.code, 3) << ended.all();
  EXPECT_EQ(findings(scene.certificate().at("gaps")), Words{"campaign_locations campaign_id=" + id});
}

// In a refresh it is known before what mentions it has been read anew. A run that ends between the two leaves it read, and mentioned by
// nothing yet.
TEST(e2e_unlisted, what_a_refresh_left_open_below_one_is_read_before_anything_mentions_it_again) {
  Scene scene;
  ASSERT_EQ(scene.sync(kNoTables).code, 0);
  scene.simulator.plant({.kind = "status_400", .path_contains = "/automations$"});
  scene.simulator.plant({.kind = "status_400", .path_contains = "/reports/" + unlisted(scene).at(0) + "/eepurl"});
  EXPECT_EQ(scene.sync(kNoTables).code, 3);
  scene.simulator.lift_faults();
  const Ended ended = scene.sync(kNoTables);
  EXPECT_EQ(ended.code, 0) << ended.all();
  expect_truth_of(scene, kNaming);
}

// A refresh takes back what was said of every report, and what is told by its parent is not read again: what such pages mention counts
// all the same, in the run that was killed and in the next.
TEST(e2e_unlisted, a_refresh_that_is_killed_asks_for_them_again) {
  Scene scene;
  ASSERT_EQ(scene.sync(kNoTables).code, 0);
  Chance chance;
  SCOPED_TRACE(chance.seed());
  for (int kills = 0; kills < 3; ++kills) scene.signal_after("sync", chance.between(20, 150), SIGKILL, kNoTables);
  const Ended ended = scene.sync(kNoTables);
  EXPECT_EQ(ended.code, 0) << ended.all();
  EXPECT_EQ(scene.certificate().at("verdict"), "safe to close") << scene.certificate().at("gaps");
  expect_truth_of(scene, kNaming);
}

}  // namespace
}  // namespace chimplift::e2e
