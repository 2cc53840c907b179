// Rows that are missing in a way that no total shows: Mailchimp's own numbers elsewhere tell.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "e2e_compare.hpp"

namespace chimplift::e2e {
namespace {

const Words kNoTables = {"--warehouse", "none"};

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
  options.most_rows = 20;  // collections of several pages, which overlap
  const Scene scene(options);
  const Ended ended = scene.sync(kNoTables);
  EXPECT_EQ(ended.code, 0) << ended.all();
  const Json certificate = scene.certificate();
  EXPECT_EQ(certificate.at("verdict"), "safe to close");
  EXPECT_GT(certificate.at("cross_checks").size(), 20U);
  // Children of tests of which Mailchimp has no report, e-mails never sent that are no campaigns, fewer contacts of every kind than
  // members, and a draft that nobody has written yet: the certificate says so, and that it is no gap.
  const std::set<std::string> differ = {"children of campaigns have reports of their own", "bodies of automations' e-mails",
                                        "campaigns to an audience", "members of an audience among its contacts of every kind",
                                        "campaigns that sent nothing yet have a body"};
  for (const Json& check : certificate.at("cross_checks")) {
    EXPECT_EQ(check.at("outcome"), differ.contains(check.at("name")) ? "differs, explained" : "holds") << check;
    EXPECT_GT(check.at("compared"), 0) << check;
  }
  EXPECT_EQ(ended.all().find("read once more"), std::string::npos) << ended.all();  // it took no request
}

/// The last subscribed contact of a list is in no page of it and in no total: place as the list is served, by the time of signing up. The
/// list of archived ones is shorter, and loses nobody.
mailchimp_sim::Fault lost_subscriber(const Scene& scene, const std::string& list) {
  const auto& collection = scene.account().collections.at("/lists/" + list + "/members");
  std::vector<std::tuple<std::string, std::size_t, std::string>> served;  // time, place among all, status
  for (const mailchimp_sim::Row& row : collection.rows) {
    if (row.status != "archived") served.emplace_back(row.sort_keys.at(1), served.size(), row.status);
  }
  std::sort(served.begin(), served.end());
  auto place = static_cast<i64>(served.size()) - 1;
  while (place > 0 && std::get<2>(served[static_cast<std::size_t>(place)]) != "subscribed") --place;
  EXPECT_GT(place, static_cast<i64>(collection.rows.size() - served.size()));
  EXPECT_LT(served.size(), collection.rows.size()) << "archived contacts are to be there, and not to make up for who is lost";
  return {.kind = "lose_row", .path_contains = "/lists/" + list + "/members$", .param = place};
}

/// How often each path was asked for.
std::map<std::string, int> requests(const Scene& scene) {
  std::map<std::string, int> times;
  for (const std::string& line : scene.stats().request_log) ++times[line.substr(0, line.find('?'))];
  return times;
}

TEST(e2e_cross_check, a_subscribed_contact_who_is_in_no_list_and_no_total_is_a_gap_that_names_the_audience) {
  SimulatorOptions options = Scene::small();
  options.record_requests = true;
  Scene scene(options);
  const std::string list = ids_of(scene, "/lists")[0];
  scene.simulator.plant(lost_subscriber(scene, list));
  const Ended ended = scene.sync(kNoTables);
  EXPECT_EQ(ended.code, 3) << ended.all();
  const Json certificate = scene.certificate();
  EXPECT_EQ(certificate.at("verdict"), "not safe");
  ASSERT_GE(certificate.at("gaps").size(), 1U);
  for (const Json& gap : certificate.at("gaps")) EXPECT_EQ(findings(Json::array({gap})), (Words{"list_members list_id=" + list})) << gap;
  const Json check = check_named(certificate, "subscribed contacts of an audience");
  EXPECT_EQ(check.at("outcome"), "fails");
  EXPECT_EQ(check.at("read").get<i64>() + 1, check.at("said").get<i64>());

  // Only what may be wrong was read once more: the audiences, and the contacts of this one; nothing below them.
  const Scene sound(options);
  EXPECT_EQ(sound.sync(kNoTables).code, 0);
  std::map<std::string, int> once_more = requests(scene);
  for (const auto& [path, times] : requests(sound)) once_more[path] -= times;
  std::erase_if(once_more, [](const auto& item) { return item.second <= 0; });
  EXPECT_EQ(once_more, (std::map<std::string, int>{{"/", 1}, {"/lists", 1}, {"/lists/" + list + "/members", 2}}));
  EXPECT_EQ(scene.run("verify", kNoTables).code, 3);
  scene.simulator.lift_faults();
  EXPECT_EQ(scene.sync(kNoTables).code, 0);
  EXPECT_EQ(scene.certificate().at("verdict"), "safe to close") << scene.certificate().at("gaps");
  expect_truth_of(scene, {"lists", "contacts"});
}

// What an earlier reading has is in the archive, whatever Mailchimp's numbers, which lag, still count.
TEST(e2e_cross_check, a_contact_who_went_before_a_refresh_is_explained_and_safe) {
  Scene scene;
  EXPECT_EQ(scene.sync(kNoTables).code, 0);
  scene.simulator.plant(lost_subscriber(scene, ids_of(scene, "/lists")[0]));
  const Ended ended = scene.sync(kNoTables);
  EXPECT_EQ(ended.code, 0) << ended.all();
  const Json certificate = scene.certificate();
  EXPECT_EQ(certificate.at("verdict"), "safe to close") << certificate.at("gaps");
  const Json check = check_named(certificate, "subscribed contacts of an audience");
  EXPECT_EQ(check.at("outcome"), "differs, explained") << check;
  EXPECT_NE(check.at("explanation").get<std::string>().find("are no more"), std::string::npos) << check;
  EXPECT_EQ(ended.all().find("read once more"), std::string::npos) << ended.all();
}

// That of a part says so too: e2e_subset_test.cpp.
TEST(e2e_cross_check, a_test_run_says_what_it_did_not_check) {
  const Scene scene;
  const Ended ended = scene.sync({"--is-test", "true", "--warehouse", "none"});
  EXPECT_EQ(ended.code, 0) << ended.all();
  const Json checks = scene.certificate().at("cross_checks");
  EXPECT_GT(checks.size(), 20U);
  for (const Json& check : checks) EXPECT_EQ(check.at("outcome"), "not made") << check;
  EXPECT_NE(ended.out.find("not checked (a test run reads only a part)"), std::string::npos) << ended.out;
}

TEST(e2e_cross_check, a_file_that_is_in_no_list_and_no_total_is_a_gap_and_closes_later) {
  Scene scene;
  // The third file is in no folder: only the sum of all bytes knows of it.
  scene.simulator.plant({.kind = "lose_row", .path_contains = "/file-manager/files", .param = 2});
  const Ended ended = scene.sync(kNoTables);
  EXPECT_EQ(ended.code, 3) << ended.all();
  const Json certificate = scene.certificate();
  EXPECT_EQ(certificate.at("verdict"), "not safe");
  EXPECT_EQ(findings(certificate.at("gaps")), (Words{"stored_files"})) << certificate.at("gaps");
  const Json check = check_named(certificate, "bytes of all stored files");
  EXPECT_EQ(check.at("outcome"), "fails");
  EXPECT_LT(check.at("read"), check.at("said"));
  EXPECT_NE(ended.out.find("something is missing that no total shows"), std::string::npos) << ended.out;

  // verify alone sees the same; and the command that the gap names closes it, by reading both sides anew.
  EXPECT_EQ(scene.run("verify", kNoTables).code, 3);
  EXPECT_EQ(findings(scene.certificate().at("gaps")), (Words{"stored_files"}));
  scene.simulator.lift_faults();
  EXPECT_EQ(scene.sync({"--only-steps", "stored_files", "--warehouse", "none"}).code, 0);
  EXPECT_EQ(scene.sync(kNoTables).code, 0);
  EXPECT_EQ(scene.certificate().at("verdict"), "safe to close") << scene.certificate().at("gaps");
  expect_truth_of(scene, {"stored_files"});
}

TEST(e2e_cross_check, a_sent_campaign_without_a_report_is_a_gap_that_names_it) {
  Scene scene;
  const std::string lost = ids_of(scene, "/reports")[0];
  scene.simulator.plant({.kind = "lose_row", .path_contains = "/reports$", .param = 0});
  scene.simulator.plant({.kind = "status_404", .path_contains = "/reports/" + lost + "$"});
  EXPECT_EQ(scene.sync(kNoTables).code, 3);
  EXPECT_EQ(findings(scene.certificate().at("gaps")), (Words{"campaign_stats id=" + lost})) << scene.certificate().at("gaps");
  scene.simulator.lift_faults();
  EXPECT_EQ(scene.sync(kNoTables).code, 0);
  expect_truth_of(scene, {"campaigns", "campaign_stats"});
}

// Of a kind for which nothing says that there must be one.
TEST(e2e_cross_check, a_campaign_that_sent_e_mails_and_has_no_report_is_shown) {
  Scene scene;
  const auto& campaigns = scene.account().collections.at("/campaigns").rows;
  const auto child = std::ranges::find_if(campaigns, [](const mailchimp_sim::Row& row) {
    const Json campaign = Json::parse(row.json);
    return campaign.at("type") == "rss" && campaign.at("emails_sent") > 0;
  });
  ASSERT_NE(child, campaigns.end());
  const Words reports = ids_of(scene, "/reports");
  const auto place = std::ranges::find(reports, child->id) - reports.begin();
  ASSERT_LT(place, static_cast<std::ptrdiff_t>(reports.size()));
  scene.simulator.plant({.kind = "lose_row", .path_contains = "/reports$", .param = place});
  scene.simulator.plant({.kind = "status_404", .path_contains = "/reports/" + child->id + "$"});
  const Ended ended = scene.sync(kNoTables);
  EXPECT_EQ(ended.code, 0) << ended.all();
  const Json check = check_named(scene.certificate(), "campaigns that sent e-mails have reports");
  EXPECT_EQ(check.at("outcome"), "differs, explained") << check;
  ASSERT_EQ(check.at("differing"), 1) << check;
  EXPECT_EQ(check.at("examples").at(0).at("group").at("id"), child->id) << check;
}

TEST(e2e_cross_check, a_sent_campaign_without_a_body_is_an_exception_that_names_it_and_a_draft_is_shown) {
  Scene scene;
  Words sent;
  Words drafts;
  for (const mailchimp_sim::Row& row : scene.account().collections.at("/campaigns").rows)
    (Json::parse(row.json).at("emails_sent") > 0 ? sent : drafts).push_back(row.id);
  for (const std::string& id : {sent.at(0), drafts.at(0)})
    scene.simulator.plant({.kind = "no_texts", .path_contains = "/campaigns/" + id + "/content$"});
  const Ended ended = scene.sync(kNoTables);
  EXPECT_EQ(ended.code, 0) << ended.all();
  const Json certificate = scene.certificate();
  EXPECT_EQ(certificate.at("verdict"), "safe to close, with exceptions");
  EXPECT_EQ(findings(certificate.at("exceptions")), (Words{"campaign_content campaign_id=" + sent[0]})) << certificate.at("exceptions");
  const Json check = check_named(certificate, "campaigns that sent nothing yet have a body");
  EXPECT_NE(check.at("examples").dump().find(drafts[0]), std::string::npos) << check;
}

TEST(e2e_cross_check, what_moved_between_two_readings_is_read_once_more_and_is_no_gap) {
  Scene scene;
  scene.simulator.plant({.kind = "lose_row", .path_contains = "/file-manager/files", .times = 1, .param = 2});
  const Ended ended = scene.sync(kNoTables);
  EXPECT_EQ(ended.code, 0) << ended.all();
  EXPECT_EQ(scene.certificate().at("verdict"), "safe to close") << scene.certificate().at("gaps");
  expect_truth_of(scene, {"stored_files"});
}

TEST(e2e_cross_check, a_deleted_contacts_activity_is_explained_and_safe) {
  Scene scene;
  const std::string campaign = ids_of(scene, "/reports")[0];
  scene.simulator.plant({.kind = "lose_row", .path_contains = "/reports/" + campaign + "/open-details", .param = 0});
  scene.simulator.plant({.kind = "lose_row", .path_contains = "/reports/" + campaign + "/sent-to", .param = 0});
  const Ended ended = scene.sync(kNoTables);
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
  const Ended ended = scene.sync({"--excluded-steps", "campaigns,campaign_content", "--warehouse", "none"});
  EXPECT_EQ(ended.code, 0) << ended.all();
  EXPECT_NE(ended.out.find("8 not checked (campaigns: excluded"), std::string::npos) << ended.out;
  const Json check = check_named(scene.certificate(), "every sent campaign has its report");
  EXPECT_EQ(check.at("outcome"), "not made");
  EXPECT_EQ(check.at("reason"), "campaigns: excluded");
}

}  // namespace
}  // namespace chimplift::e2e
