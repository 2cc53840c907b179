// Parents that are deleted while the run goes on: what hung below them is gone, and no gap. What is not found below a parent that is still
// there is a gap.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.hpp"
#include "e2e_compare.hpp"

namespace chimplift::e2e {
namespace {

const Words kNoTables = {"--warehouse", "none"};

/// Steps of what is below an audience, and of what is below a campaign: of the others nothing goes here.
const Words kAudiences = {"lists", "list_segments", "segment_members", "contacts", "member_details"};
const Words kCampaigns = {"campaigns", "campaign_content", "campaign_stats", "email_activity", "unsubscriptions"};

std::string first_below(const Scene& scene, const std::string& collection) {
  return collection + "/" + scene.account().collections.at(collection).rows.at(0).id;
}

/// The collections of catalogue streams below a record of the account.
i64 gone_units(const Json& certificate, const std::string& table) {
  for (const Json& stream : certificate.at("streams")) {
    if (stream.at("table") == table) return stream.at("gone").get<i64>();
  }
  ADD_FAILURE() << "no stream " << table;
  return -1;
}

std::string state_of(const Json& certificate, const std::string& table) {
  for (const Json& stream : certificate.at("streams")) {
    if (stream.at("table") == table) return stream.at("state");
  }
  return "none";
}

/// The run ends well, with nothing lost of what stayed of these steps, and the same again reads the account as it is now.
Json expect_gone(Scene& scene, const Words& steps) {
  const Ended ended = scene.sync(kNoTables);
  EXPECT_EQ(ended.code, 0) << ended.all();
  const Json certificate = scene.certificate();
  EXPECT_EQ(certificate.at("verdict"), "safe to close") << certificate.at("gaps");
  EXPECT_EQ(scene.run("load", {"--only-steps", join(steps, ",")}).code, 0);
  const Tally tally = classify(scene, 0, steps);
  EXPECT_TRUE(tally.is_whole()) << to_text(tally);
  EXPECT_GT(scene.simulator.drifted(), 0);
  EXPECT_EQ(scene.run("verify", kNoTables).code, 0);
  // Read anew, the account no longer names what was deleted.
  const Ended again = scene.sync(kNoTables);
  EXPECT_EQ(again.code, 0) << again.all();
  EXPECT_EQ(gone_units(scene.certificate(), "list_members"), 0) << "its list no longer names it";
  return certificate;
}

TEST(e2e_gone, a_list_that_is_deleted_takes_its_children_along_and_its_grandchildren) {
  Scene scene;
  const std::string list = first_below(scene, "/lists");
  // Its segments are known by then, and their members are asked for.
  scene.simulator.plant_drift(mailchimp_sim::Deletion{.path = list, .before_path = list + "/segments/"});
  const Json certificate = expect_gone(scene, kAudiences);
  EXPECT_GT(gone_units(certificate, "segment_members"), 0);
  EXPECT_EQ(state_of(certificate, "segment_members"), "complete") << "other lists have segments too";
}

TEST(e2e_gone, a_list_that_is_deleted_before_its_members_are_read_has_both_sweeps_gone) {
  Scene scene;
  const std::string list = first_below(scene, "/lists");
  scene.simulator.plant_drift(mailchimp_sim::Deletion{.path = list, .before_path = list + "/members"});
  EXPECT_EQ(gone_units(expect_gone(scene, kAudiences), "list_members"), 2);
}

TEST(e2e_gone, a_segment_that_is_deleted_before_its_members_are_read_is_gone) {
  Scene scene;
  const auto& collections = scene.account().collections;
  const auto list = std::find_if(collections.begin(), collections.end(),
                                 [](const auto& item) { return item.second.table == "list_segments" && !item.second.rows.empty(); });
  ASSERT_NE(list, collections.end());
  const std::string segment = first_below(scene, list->first);
  scene.simulator.plant_drift(mailchimp_sim::Deletion{.path = segment, .before_path = segment + "/members"});
  EXPECT_EQ(gone_units(expect_gone(scene, kAudiences), "segment_members"), 1);
}

TEST(e2e_gone, a_campaign_that_is_deleted_takes_its_content_and_its_report_along) {
  Scene scene;
  const std::string report = first_below(scene, "/reports");
  const std::string id = report.substr(report.rfind('/') + 1);
  scene.simulator.plant_drift(mailchimp_sim::Deletion{.path = "/campaigns/" + id, .before_path = report + "/click-details"});
  const Json certificate = expect_gone(scene, kCampaigns);
  EXPECT_EQ(gone_units(certificate, "campaign_click_details"), 1);
}

TEST(e2e_gone, every_list_deleted_leaves_streams_that_are_gone_as_a_whole) {
  Scene scene;
  for (const mailchimp_sim::Row& row : scene.account().collections.at("/lists").rows)
    scene.simulator.plant_drift(mailchimp_sim::Deletion{.path = "/lists/" + row.id, .before_path = "/lists/" + row.id + "/"});
  const Ended ended = scene.sync(kNoTables);
  EXPECT_EQ(ended.code, 0) << ended.all();
  const Json certificate = scene.certificate();
  EXPECT_TRUE(certificate.at("gaps").empty()) << certificate.at("gaps");
  EXPECT_EQ(state_of(certificate, "lists"), "complete");
  EXPECT_EQ(state_of(certificate, "list_members"), "gone");
}

// A server that lags gives a 404 for what is below a record, and its list without that record: the next run sees both again.
TEST(e2e_gone, what_comes_back_is_read_though_its_parents_record_is_as_it_was) {
  Scene scene;
  const std::string report = first_below(scene, "/reports");
  scene.simulator.plant({.kind = "status_404", .path_contains = report + "/email-activity", .times = 1});
  scene.simulator.plant({.kind = "lose_row", .path_contains = "/reports$", .skip = 1, .times = 1, .param = 0});
  const Ended first = scene.sync(kNoTables);
  EXPECT_EQ(first.code, 0) << first.all();
  EXPECT_EQ(gone_units(scene.certificate(), "email_activity"), 1);
  scene.simulator.lift_faults();
  const Ended again = scene.sync(kNoTables);
  EXPECT_EQ(again.code, 0) << again.all();
  EXPECT_EQ(gone_units(scene.certificate(), "email_activity"), 0);
  expect_truth_of(scene, kCampaigns);
}

TEST(e2e_gone, what_is_not_found_below_a_parent_that_is_still_there_is_a_gap) {
  Scene scene;
  const std::string list = first_below(scene, "/lists");
  const std::string id = list.substr(list.rfind('/') + 1);
  scene.simulator.plant({.kind = "status_404", .path_contains = list + "/members"});
  const Ended ended = scene.sync(kNoTables);
  EXPECT_EQ(ended.code, 3) << ended.all();
  // Both sweeps of the one collection: with the archived members and without.
  EXPECT_EQ(findings(scene.certificate().at("gaps")), (Words{"list_members list_id=" + id, "list_members list_id=" + id}));
}

TEST(e2e_gone, where_the_parents_list_cannot_be_read_again_nobody_can_say_that_it_is_gone) {
  Scene scene;
  const std::string list = first_below(scene, "/lists");
  scene.simulator.plant_drift(mailchimp_sim::Deletion{.path = list, .before_path = list + "/clients"});
  scene.simulator.plant({.kind = "status_403", .query_contains = "include_total_contacts", .skip = 1});
  const Ended ended = scene.sync(kNoTables);
  EXPECT_EQ(ended.code, 3) << ended.all();
  const Words gaps = findings(scene.certificate().at("gaps"));
  const std::string gap = "list_clients list_id=" + list.substr(list.rfind('/') + 1);
  EXPECT_NE(std::find(gaps.begin(), gaps.end(), gap), gaps.end()) << scene.certificate().at("gaps");
}

}  // namespace
}  // namespace chimplift::e2e
