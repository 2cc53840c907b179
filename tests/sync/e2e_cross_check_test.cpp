// Rows that are missing in a way that no total shows: Mailchimp's own numbers elsewhere tell.
#include <gtest/gtest.h>

#include "e2e_compare.hpp"

namespace chimplift::e2e {
namespace {

Words ids_of(const Scene& scene, const std::string& collection) {
  Words ids;
  for (const mailchimp_sim::Row& row : scene.account().collections.at(collection).rows) ids.push_back(row.id);
  return ids;
}

/// The check about these tables that judges, or has that name.
Json check_named(const Json& certificate, const std::string& name) {
  for (const Json& check : certificate.at("cross_checks")) {
    if (check.at("name") == name) return check;
  }
  ADD_FAILURE() << "there is no cross-check " << name;
  return {};
}

TEST(e2e_cross_check, all_hold_in_a_sound_account) {
  SimulatorOptions options = Scene::small();
  options.scale = 1;  // collections of several pages, which overlap
  const Scene scene(options);
  const Ended ended = scene.sync();
  EXPECT_EQ(ended.code, 0) << ended.all();
  const Json certificate = scene.certificate();
  EXPECT_EQ(certificate.at("verdict"), "safe to close");
  EXPECT_GT(certificate.at("cross_checks").size(), 20U);
  for (const Json& check : certificate.at("cross_checks")) {
    EXPECT_EQ(check.at("outcome"), "holds") << check;
    EXPECT_GT(check.at("compared"), 0) << check;
  }
}

TEST(e2e_cross_check, a_file_that_is_in_no_list_and_no_total_is_a_gap_and_closes_later) {
  Scene scene;
  // The third file is in no folder: only the sum of all bytes knows of it.
  scene.simulator.plant({.kind = "lose_row", .path_contains = "/file-manager/files", .param = 2});
  const Ended ended = scene.sync();
  EXPECT_EQ(ended.code, 3) << ended.all();
  const Json certificate = scene.certificate();
  EXPECT_EQ(certificate.at("verdict"), "not safe");
  EXPECT_EQ(findings(certificate.at("gaps")), (Words{"stored_files"})) << certificate.at("gaps");
  const Json check = check_named(certificate, "bytes of all stored files");
  EXPECT_EQ(check.at("outcome"), "fails");
  EXPECT_LT(check.at("read"), check.at("said"));
  EXPECT_NE(ended.out.find("something is missing that no total shows"), std::string::npos) << ended.out;

  // verify alone sees the same; and the command that the gap names closes it, by reading both sides anew.
  EXPECT_EQ(scene.run("verify").code, 3);
  EXPECT_EQ(findings(scene.certificate().at("gaps")), (Words{"stored_files"}));
  scene.simulator.lift_faults();
  EXPECT_EQ(scene.sync({"--only-steps", "stored_files"}).code, 0);
  EXPECT_EQ(scene.sync().code, 0);
  EXPECT_EQ(scene.certificate().at("verdict"), "safe to close") << scene.certificate().at("gaps");
  expect_truth(scene);
}

TEST(e2e_cross_check, a_sent_campaign_without_a_report_is_a_gap_that_names_it) {
  Scene scene;
  const std::string lost = ids_of(scene, "/reports")[0];
  scene.simulator.plant({.kind = "lose_row", .path_contains = "/reports", .query_contains = "reports._links", .param = 0});
  EXPECT_EQ(scene.sync().code, 3);
  EXPECT_EQ(findings(scene.certificate().at("gaps")), (Words{"campaign_stats id=" + lost})) << scene.certificate().at("gaps");
  scene.simulator.lift_faults();
  EXPECT_EQ(scene.sync().code, 0);
  expect_truth(scene);
}

TEST(e2e_cross_check, what_moved_between_two_readings_is_read_once_more_and_is_no_gap) {
  Scene scene;
  scene.simulator.plant({.kind = "lose_row", .path_contains = "/file-manager/files", .times = 1, .param = 2});
  const Ended ended = scene.sync();
  EXPECT_EQ(ended.code, 0) << ended.all();
  EXPECT_EQ(scene.certificate().at("verdict"), "safe to close") << scene.certificate().at("gaps");
  expect_truth(scene);
}

TEST(e2e_cross_check, a_deleted_contacts_activity_is_explained_and_safe) {
  Scene scene;
  const std::string campaign = ids_of(scene, "/reports")[0];
  scene.simulator.plant({.kind = "lose_row", .path_contains = "/reports/" + campaign + "/open-details", .param = 0});
  scene.simulator.plant({.kind = "lose_row", .path_contains = "/reports/" + campaign + "/sent-to", .param = 0});
  const Ended ended = scene.sync();
  EXPECT_EQ(ended.code, 0) << ended.all();
  const Json certificate = scene.certificate();
  EXPECT_EQ(certificate.at("verdict"), "safe to close") << certificate.at("gaps");
  for (const std::string name : {"recipients of a campaign", "contacts who opened a campaign", "opens of a campaign"}) {
    const Json check = check_named(certificate, name);
    EXPECT_EQ(check.at("outcome"), "differs, explained") << check;
    EXPECT_EQ(check.at("differing"), 1) << check;
    EXPECT_EQ(check.at("examples").at(0).at("group").at("campaign_id"), campaign) << check;
    EXPECT_NE(check.at("explanation").get<std::string>().find("deleted"), std::string::npos) << check;
  }
  EXPECT_NE(ended.out.find("differ for known reasons"), std::string::npos) << ended.out;
}

TEST(e2e_cross_check, what_was_left_out_is_not_compared) {
  const Scene scene;
  EXPECT_EQ(scene.sync({"--excluded-steps", "campaigns,campaign_content"}).code, 0);
  const Json check = check_named(scene.certificate(), "every sent campaign has its report");
  EXPECT_EQ(check.at("outcome"), "not made");
  EXPECT_EQ(check.at("reason"), "campaigns: excluded");
}

}  // namespace
}  // namespace chimplift::e2e
