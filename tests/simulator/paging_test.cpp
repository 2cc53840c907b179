// Pages as Mailchimp gives them: counts, hidden partitions, totals that are not the truth, fields, sorting.
#include <gtest/gtest.h>

#include <algorithm>

#include "plain_client.hpp"

namespace mailchimp_sim::testing {
namespace {

/// The ids on a page.
std::vector<std::string> ids(const nlohmann::json& page, const std::string& key) {
  std::vector<std::string> all;
  for (const auto& record : page.at(key))
    all.push_back(record.at("id").is_string() ? record.at("id").get<std::string>() : record.at("id").dump());
  return all;
}

SimulatorOptions full_size() { return {}; }

TEST(paging, gives_ten_by_default_and_a_thousand_at_most) {
  const Running running(full_size());
  const std::string members = "/lists/" + running.list_id() + "/members";
  EXPECT_EQ(running.get(members).json().at("members").size(), 10U);
  EXPECT_EQ(running.get(members + "?count=5000").json().at("members").size(), 1000U);
  EXPECT_EQ(running.get(members + "?count=0").json().at("members").size(), 0U);
  EXPECT_EQ(running.get(members + "?count=minus").status, 400);
  EXPECT_EQ(running.get(members + "?offset=1000000").json().at("members").size(), 0U);
  const auto first = ids(running.get(members + "?count=20").json(), "members");
  const auto second = ids(running.get(members + "?count=10&offset=10").json(), "members");
  EXPECT_TRUE(std::equal(second.begin(), second.end(), first.begin() + 10));
}

TEST(paging, has_a_listing_that_ends_exactly_with_a_full_page) {
  const Running running(full_size());
  const auto page = running.get("/lists/" + running.list_id(1) + "/members?count=1000&fields=total_items,members.id").json();
  EXPECT_EQ(page.at("total_items"), 1000);
  EXPECT_EQ(page.at("members").size(), 1000U);
}

TEST(paging, hides_archived_members_unless_they_are_asked_for) {
  const Running running;
  const std::string members = "/lists/" + running.list_id() + "/members?count=1000";
  for (const auto& member : running.rows(members, "members")) EXPECT_NE(member.at("status"), "archived");
  const auto archived = running.get(members + "&status=archived").json();
  EXPECT_FALSE(archived.at("members").empty());
  for (const auto& member : archived.at("members")) EXPECT_EQ(member.at("status"), "archived");
  EXPECT_EQ(running.get(members + "&status=garbage").json().at("total_items"), 0);
}

TEST(paging, undercounts_segment_members_that_only_the_flags_show) {
  const Running running(full_size());
  const std::string segments = "/lists/" + running.list_id() + "/segments";
  const std::string flags = "&include_cleaned=true&include_transactional=true&include_unsubscribed=true";
  bool undercounted = false;
  const auto plain = running.get(segments + "?count=100").json().at("segments");
  const auto full = running.get(segments + "?count=100" + flags).json().at("segments");
  for (std::size_t i = 0; i < full.size(); ++i) {
    const std::string members = segments + '/' + full[i].at("id").dump() + "/members?count=1000";
    const auto without = running.get(members).json();
    const auto with = running.get(members + flags).json();
    EXPECT_EQ(with.at("members").size(), full[i].at("member_count"));
    EXPECT_EQ(without.at("members").size(), plain[i].at("member_count"));
    EXPECT_EQ(with.at("total_items"), without.at("members").size());
    undercounted = undercounted || with.at("members").size() > with.at("total_items");
  }
  EXPECT_TRUE(undercounted);
}

TEST(paging, lets_email_activity_time_out_above_500) {
  const Running running;
  const std::string report = running.get("/reports?count=1&fields=reports.id").json()["reports"][0]["id"];
  EXPECT_EQ(running.get("/reports/" + report + "/email-activity?count=500").status, 200);
  const Reply slow = running.get("/reports/" + report + "/email-activity?count=501");
  EXPECT_EQ(slow.status, 504);
  EXPECT_EQ(slow.header("Content-Type"), "text/html");
}

TEST(paging, leaves_out_links_and_fields_as_asked) {
  const Running running;
  const auto everything = running.get("/lists").json();
  EXPECT_TRUE(everything.contains("_links"));
  EXPECT_TRUE(everything["lists"][0].contains("_links"));
  const auto bare = running.get("/lists?exclude_fields=_links,lists._links").json();
  EXPECT_FALSE(bare.contains("_links"));
  EXPECT_FALSE(bare["lists"][0].contains("_links"));
  const auto chosen = running.get("/lists?fields=lists.id,lists.stats.member_count,absent").json();
  EXPECT_EQ(chosen.size(), 1U);
  EXPECT_EQ(chosen["lists"][0].size(), 2U);
  EXPECT_EQ(chosen["lists"][0]["stats"].size(), 1U);
  const auto excluded = running.get("/lists?exclude_fields=lists.stats,total_items").json();
  EXPECT_FALSE(excluded.contains("total_items"));
  EXPECT_FALSE(excluded["lists"][0].contains("stats"));
  EXPECT_EQ(running.get("/lists?fields=lists.id&exclude_fields=_links").status, 400);
  EXPECT_FALSE(running.get("/?exclude_fields=_links").json().contains("_links"));
}

TEST(paging, sorts_and_filters_by_the_documented_keys) {
  const Running running;
  const auto times = [&](const std::string& query) {
    std::vector<std::string> all;
    for (const auto& campaign : running.rows("/campaigns?count=1000&" + query, "campaigns")) all.push_back(campaign.at("create_time"));
    return all;
  };
  auto up = times("sort_field=create_time&sort_dir=ASC");
  const auto down = times("sort_field=create_time&sort_dir=DESC");
  EXPECT_TRUE(std::is_sorted(up.begin(), up.end()));
  std::reverse(up.begin(), up.end());
  EXPECT_EQ(up, down);
  const std::string middle = down[down.size() / 2];
  for (const std::string& time : times("since_create_time=" + middle.substr(0, 19) + "%2B00:00")) EXPECT_GT(time, middle);
  for (const auto& item : running.rows("/templates?type=user&count=100", "templates")) EXPECT_EQ(item.at("type"), "user");
  EXPECT_GT(running.get("/templates").json().at("total_items"), running.get("/templates?type=user").json().at("total_items"));
}

TEST(paging, finds_ids_of_shops_with_slashes_and_members_who_have_nothing) {
  const Running running;
  EXPECT_EQ(running.get("/ecommerce/stores/shop%2F1").json().at("id"), "shop/1");
  EXPECT_GT(running.get("/ecommerce/stores/Laden%20%232%20%C3%BC/products/mug%2Flarge/variants?count=100").json().at("variants").size(),
            50U);
  EXPECT_EQ(running.get("/ecommerce/stores/shop/1").status, 404);
  const std::string members = "/lists/" + running.list_id() + "/members";
  const auto page = running.get(members + "?count=40").json();
  for (const auto& member : page.at("members")) {
    const std::string base = members + '/' + member.at("id").get<std::string>();
    EXPECT_EQ(running.get(base + "/tags?count=100").json().at("tags").size(), member.at("tags_count"));
    EXPECT_EQ(running.get(base + "/notes").status, 200);
  }
  EXPECT_EQ(running.get(members + "/00000000000000000000000000000000/notes").status, 404);
}

TEST(paging, gives_contacts_by_cursor_without_a_total) {
  const Running running;
  const std::string contacts = "/audiences/" + running.list_id() + "/contacts?count=20";
  const auto first = running.get(contacts).json();
  EXPECT_FALSE(first.contains("total_items"));
  const auto second = running.get(contacts + "&cursor=" + first.at("next_cursor").get<std::string>()).json();
  EXPECT_NE(first.at("contacts")[0], second.at("contacts")[0]);
  EXPECT_TRUE(second.at("next_cursor").is_null());
}

TEST(paging, shows_shortcuts_of_campaigns_only_when_asked) {
  const Running running;
  const std::vector<std::string> fields = {"resend_shortcut_eligibility", "resend_shortcut_usage"};
  const auto has = [](const nlohmann::json& records, const std::string& field) {
    return std::any_of(records.begin(), records.end(), [&field](const nlohmann::json& record) { return record.contains(field); });
  };
  for (const std::string& field : fields) {
    EXPECT_FALSE(has(running.rows("/campaigns?count=100", "campaigns"), field));
    EXPECT_TRUE(has(running.rows("/campaigns?count=100&include_" + field + "=true", "campaigns"), field));
    for (const std::string& other : fields)
      EXPECT_EQ(has(running.rows("/campaigns?count=100&include_" + field + "=true", "campaigns"), other), other == field);
  }
  const std::string one = "/campaigns/" + running.rows("/campaigns?count=1", "campaigns").at(0).at("id").get<std::string>();
  EXPECT_FALSE(running.get(one).json().contains(fields[0]));
  EXPECT_TRUE(running.get(one + "?include_resend_shortcut_eligibility=true").json().contains(fields[0]));
}

TEST(paging, gives_the_report_of_an_rss_campaigns_parent_by_its_id_alone) {
  const Running running;
  int parents = 0;
  for (const auto& campaign : running.rows("/campaigns?count=1000&type=rss", "campaigns")) {
    if (campaign.contains("parent_campaign_id")) continue;
    ++parents;
    EXPECT_EQ(campaign.at("emails_sent"), 0);
    const std::string id = campaign.at("id");
    EXPECT_GT(running.get("/reports/" + id).json().at("emails_sent"), 0);
    for (const auto& report : running.rows("/reports?count=1000", "reports")) EXPECT_NE(report.at("id"), id);
  }
  EXPECT_EQ(parents, 1);
  EXPECT_EQ(running.get("/reports/" + running.rows("/automations", "automations").at(0).at("id").get<std::string>()).status, 404);
}

TEST(paging, shows_total_contacts_only_when_asked) {
  const Running running;
  EXPECT_FALSE(running.get("/lists").json()["lists"][0]["stats"].contains("total_contacts"));
  EXPECT_TRUE(running.get("/lists?include_total_contacts=true").json()["lists"][0]["stats"].contains("total_contacts"));
}

}  // namespace
}  // namespace mailchimp_sim::testing
