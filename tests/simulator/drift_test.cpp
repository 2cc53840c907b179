// Accounts that change while they are read: what is served and what the truth tells of it agree, and the generated world stays as it is.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "plain_client.hpp"

namespace mailchimp_sim::testing {
namespace {

using Fate = RowStory::Fate;
using Ids = std::vector<std::string>;

constexpr const char* kMembers = "/members?count=1000&sort_field=timestamp_signup&sort_dir=ASC&exclude_fields=_links,members._links";

Ids ids_of(const nlohmann::json& rows) {
  Ids ids;
  for (const auto& row : rows) ids.push_back(row.at("id").is_string() ? row.at("id").get<std::string>() : row.at("id").dump());
  return ids;
}

/// The ids that a listing has after one change of that kind just before it is given, and those that it had.
std::pair<Ids, Ids> before_and_after(Running& running, const std::string& kind, const std::string& target, const std::string& items,
                                     u64 seed = 1) {
  Ids before = ids_of(running.rows(target, items));
  running.simulator.plant_drift({.seed = seed, .changes = 1, .probability = 1, .kinds = {kind}});
  return {before, ids_of(running.rows(target, items))};
}

TEST(drift, inserts_at_the_front_in_the_middle_and_at_the_end_of_a_sorted_listing) {
  std::set<std::string> places;
  for (u64 seed = 1; seed < 40 && places.size() < 3; ++seed) {
    Running running;
    const auto [before, after] =
        before_and_after(running, "insert", "/campaigns?count=1000&sort_field=create_time&sort_dir=ASC", "campaigns", seed);
    ASSERT_EQ(after.size(), before.size() + 1);
    const std::set<std::string> old(before.begin(), before.end());
    const auto made = std::find_if(after.begin(), after.end(), [&](const std::string& id) { return !old.contains(id); });
    ASSERT_NE(made, after.end());
    places.insert(made == after.begin() ? "front" : made + 1 == after.end() ? "end" : "middle");
    Ids rest = after;
    rest.erase(rest.begin() + (made - after.begin()));
    EXPECT_EQ(rest, before) << "the others stay in their order";
  }
  EXPECT_EQ(places, (std::set<std::string>{"front", "middle", "end"}));
}

TEST(drift, deletes_moves_and_changes_rows) {
  Running running;
  const std::string target = "/lists/" + running.list_id() + kMembers;
  const auto [full, less] = before_and_after(running, "delete", target, "members");
  EXPECT_EQ(less.size() + 1, full.size());
  const auto [unmoved, moved] = before_and_after(running, "move", target, "members", 2);
  EXPECT_NE(unmoved, moved);
  EXPECT_EQ(std::set<std::string>(unmoved.begin(), unmoved.end()), std::set<std::string>(moved.begin(), moved.end()));
  const auto page = running.get(target).body;
  running.simulator.plant_drift({.changes = 1, .probability = 1, .kinds = {"change"}});
  EXPECT_NE(running.get(target).body, page);
  EXPECT_EQ(running.simulator.drifted(), 3);
}

TEST(drift, tells_what_stayed_what_came_and_what_went) {
  Running running;
  const std::string target = "/lists/" + running.list_id() + kMembers;
  running.simulator.plant_drift({.changes = 60, .probability = 1});
  for (int i = 0; i < 30; ++i) (void)running.get(target);
  EXPECT_EQ(running.simulator.drifted(), 60);
  std::map<std::string, std::pair<Fate, std::string>> served;  // id → fate and the last version
  std::set<Fate> fates;
  std::size_t versions = 1;
  const auto truth = running.simulator.drift_truth();
  for (const RowTruth& row : truth.at("list_members")) {
    const auto line = nlohmann::json::parse(row.versions.back());
    if (line.at("parents").at("list_id") != running.list_id()) continue;
    EXPECT_TRUE(served.emplace(line.at("record").at("id"), std::pair{row.fate, line.at("record").dump()}).second) << "two rows of one id";
    fates.insert(row.fate);
    versions = std::max(versions, row.versions.size());
  }
  EXPECT_EQ(fates.size(), 3U);
  EXPECT_GT(versions, 1U);
  for (const std::string sweep : {"", "&status=archived"}) {
    for (const auto& record : running.rows(target + sweep, "members")) {
      const auto found = served.find(record.at("id").get<std::string>());
      ASSERT_NE(found, served.end()) << record;
      EXPECT_EQ(found->second.second, record.dump());
      EXPECT_NE(found->second.first, Fate::deleted);
      served.erase(found);
    }
  }
  for (const auto& [id, row] : served) EXPECT_NE(row.first, Fate::stayed) << id << " is not served any more";
}

TEST(drift, is_the_same_for_the_same_seed_and_leaves_the_world_as_it_is) {
  std::string bodies[2];
  for (std::string& body : bodies) {
    Running running;
    const auto truth = truth_of(running.account());
    running.simulator.plant_drift({.seed = 7, .changes = 30});
    for (int i = 0; i < 20; ++i) body = running.get("/lists/" + running.list_id() + kMembers).body;
    EXPECT_EQ(truth_of(running.account()), truth);
  }
  EXPECT_EQ(bodies[0], bodies[1]);
}

TEST(drift, a_deleted_parent_takes_along_what_hangs_below_and_nothing_else) {
  Running running;
  const std::string list = running.list_id();
  const std::string other = running.list_id(1);
  running.simulator.plant_drift(Deletion{.path = "/lists/" + list, .before_path = "/lists/" + list + "/activity", .skip = 1});
  EXPECT_EQ(running.get("/lists/" + list + "/activity").status, 200);
  EXPECT_EQ(running.get("/lists/" + list + "/activity").status, 404);
  EXPECT_EQ(running.get("/lists/" + list).status, 404);
  EXPECT_EQ(running.get("/lists/" + list + "/segments/1/members").status, 404);
  EXPECT_EQ(running.get("/lists/" + other + "/activity").status, 200);
  for (const auto& row : running.rows("/lists", "lists")) EXPECT_NE(row.at("id"), list);
  const auto truth = running.simulator.drift_truth();
  for (const RowTruth& row : truth.at("list_activity")) {
    const bool is_below = nlohmann::json::parse(row.versions[0]).at("parents").at("list_id") == list;
    EXPECT_EQ(row.fate, is_below ? Fate::deleted : Fate::stayed);
  }
}

TEST(drift, a_record_that_is_changed_has_that_text_and_both_versions_count) {
  Running running;
  const std::string id = running.rows("/file-manager/files", "files").at(0).at("id").dump();
  running.simulator.plant_drift(Change{.path = "/file-manager/files/" + id, .field = "full_size_url", .text = "https://x/moved.png"});
  EXPECT_EQ(running.rows("/file-manager/files", "files").at(0).at("full_size_url"), "https://x/moved.png");
  EXPECT_EQ(running.get("/file-manager/files/" + id).json().at("full_size_url"), "https://x/moved.png");
  const auto truth = running.simulator.drift_truth();
  for (const RowTruth& row : truth.at("stored_files")) {
    const bool is_changed = row.versions[0].find("\"id\":" + id + ",") != std::string::npos;
    EXPECT_EQ(row.versions.size(), is_changed ? 2U : 1U);
  }
}

TEST(drift, a_campaign_takes_its_report_along) {
  Running running;
  const std::string campaign = running.rows("/reports", "reports").at(0).at("id");
  running.simulator.plant_drift(Deletion{.path = "/campaigns/" + campaign});
  EXPECT_EQ(running.get("/campaigns/" + campaign + "/content").status, 404);
  EXPECT_EQ(running.get("/reports/" + campaign).status, 404);
  EXPECT_EQ(running.get("/reports/" + campaign + "/advice").status, 404);
  for (const auto& row : running.rows("/reports?count=1000", "reports")) EXPECT_NE(row.at("id"), campaign);
}

TEST(drift, below_a_newcomer_everything_is_there_and_empty) {
  Running running;
  const auto [before, after] = before_and_after(running, "insert", "/lists?count=1000", "lists");
  for (const std::string& id : after) {
    const auto members = running.get("/lists/" + id + "/members");
    ASSERT_EQ(members.status, 200) << id;
    const bool is_old = std::find(before.begin(), before.end(), id) != before.end();
    EXPECT_TRUE(is_old || members.json().at("members").empty());
    EXPECT_EQ(running.get("/lists/" + id + "/segments").status, 200);
    EXPECT_EQ(running.get("/lists/" + id).json().at("id"), id);
  }
}

TEST(drift, most_rows_bounds_each_page) {
  SimulatorOptions options = Running::small();
  options.most_rows = 7;
  const Running running(options);
  const auto page = running.get("/lists/" + running.list_id() + kMembers).json();
  EXPECT_EQ(page.at("members").size(), 7U);
  EXPECT_GT(page.at("total_items"), 7);
}

TEST(drift, a_kind_that_does_not_exist_is_refused) {
  Running running;
  EXPECT_THROW(running.simulator.plant_drift({.kinds = {"vanish"}}), std::invalid_argument);
}

}  // namespace
}  // namespace mailchimp_sim::testing
