// The ground truth agrees with what is served, and the numbers that Mailchimp repeats in several places agree with each other.
#include "simulator/truth.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "plain_client.hpp"

namespace mailchimp_sim::testing {
namespace {

using nlohmann::json;
using Records = std::multiset<std::string>;

/// Table → records, read over HTTP page by page as a client would: all partitions of each collection.
std::map<std::string, Records> read_everything(const Running& running) {
  const std::string shortcuts = "include_resend_shortcut_eligibility=true&include_resend_shortcut_usage=true";
  std::map<std::string, Records> tables;
  for (const auto& [path, single] : running.account().singles) {
    if (single.table.empty()) continue;
    tables[single.table].insert(running.get(path + "?exclude_fields=_links&" + shortcuts).json().dump());
  }
  for (const auto& [path, collection] : running.account().collections) {
    if (collection.table.empty()) continue;
    Records& records = tables[collection.table];
    std::vector<std::string> sweeps = {""};
    if (collection.table == "list_members") sweeps.emplace_back("&status=archived");
    if (!collection.full_when.empty() || collection.include_flags)
      sweeps = {"&include_cleaned=true&include_transactional=true&include_unsubscribed=true&include_total_contacts=true"};
    if (collection.sweeps_type_user) sweeps = {"&type=user"};
    for (const std::string& sweep : sweeps) {
      std::string cursor;
      for (i64 offset = 0;; offset += 100) {
        const auto page = running
                              .get(path + "?count=100&offset=" + std::to_string(offset) + sweep + cursor + "&" + shortcuts +
                                   "&exclude_fields=_links," + collection.items_key + "._links")
                              .json();
        for (const json& record : page.at(collection.items_key)) records.insert(record.dump());
        if (collection.paging == Paging::cursor && page.at("next_cursor").is_string()) {
          cursor = "&cursor=" + page.at("next_cursor").get<std::string>();
          continue;
        }
        if (page.at(collection.items_key).size() < 100 || collection.paging == Paging::all || collection.paging == Paging::count_only)
          break;
      }
    }
  }
  return tables;
}

TEST(truth, agrees_with_what_is_served_for_every_table) {
  const Running running;
  const auto served = read_everything(running);
  const auto truth = truth_of(running.account());
  EXPECT_EQ(truth.size(), 84U) << "each of the catalogue's streams";
  EXPECT_EQ(truth.size(), served.size());
  for (const auto& [table, lines] : truth) {
    if (table == "email_activity") continue;
    Records expected;
    for (const std::string& line : lines) expected.insert(json::parse(line).at("record").dump());
    EXPECT_EQ(expected, served.at(table)) << table;
  }
  std::size_t events = 0;
  for (const std::string& recipient : served.at("email_activity")) events += json::parse(recipient).at("activity").size();
  EXPECT_EQ(truth.at("email_activity").size(), events);
}

TEST(truth, has_identical_events_numbered_and_recipients_without_any) {
  const Running running;
  const auto truth = truth_of(running.account());
  i64 repeated = 0;
  std::set<std::string> keys;
  for (const std::string& line : truth.at("email_activity")) {
    repeated += json::parse(line).at("occurrence") > 0 ? 1 : 0;
    EXPECT_TRUE(keys.insert(line).second) << line;
  }
  EXPECT_GT(repeated, 10);
  EXPECT_GT(truth.at("campaign_recipients").size(), 0U);
}

TEST(truth, the_numbers_of_reports_agree_with_their_details) {
  const Running running;
  for (const auto& report : running.rows("/reports?count=1000", "reports")) {
    const std::string base = "/reports/" + report.at("id").get<std::string>();
    const auto total = [&](const std::string& part) { return running.get(base + part + "?count=1").json().at("total_items"); };
    EXPECT_EQ(report.at("emails_sent"), total("/sent-to"));
    EXPECT_EQ(report.at("emails_sent"), total("/email-activity"));
    EXPECT_EQ(report.at("unsubscribed"), total("/unsubscribed"));
    EXPECT_EQ(report.at("abuse_reports"), total("/abuse-reports"));
    EXPECT_EQ(report.at("opens").at("unique_opens"), total("/open-details"));
    EXPECT_EQ(report.at("opens").at("opens_total"), running.get(base + "/open-details").json().at("total_opens"));
    i64 clicks = 0;
    for (const auto& link : running.rows(base + "/click-details?count=100", "urls_clicked")) clicks += link.at("total_clicks").get<i64>();
    EXPECT_EQ(report.at("clicks").at("clicks_total"), clicks);
  }
}

TEST(truth, the_numbers_of_lists_and_folders_agree_with_their_rows) {
  const Running running;
  for (const auto& list : running.rows("/lists", "lists")) {
    const std::string members = "/lists/" + list.at("id").get<std::string>() + "/members?count=0&status=";
    EXPECT_EQ(list.at("stats").at("member_count"), running.get(members + "subscribed").json().at("total_items"));
    EXPECT_EQ(list.at("stats").at("cleaned_count"), running.get(members + "cleaned").json().at("total_items"));
  }
  std::map<i64, i64> files;
  i64 bytes = 0;
  const auto page = running.get("/file-manager/files?count=1000").json();
  for (const auto& file : page.at("files")) {
    ++files[file.at("folder_id").get<i64>()];
    bytes += file.at("size").get<i64>();
  }
  EXPECT_EQ(page.at("total_file_size"), bytes);
  for (const auto& folder : running.rows("/file-manager/folders", "folders"))
    EXPECT_EQ(folder.at("file_count"), files[folder.at("id").get<i64>()]);
  std::map<std::string, i64> campaigns;  // by folder and by list
  for (const auto& campaign : running.rows("/campaigns?count=1000", "campaigns")) {
    ++campaigns[campaign.at("settings").at("folder_id").get<std::string>()];
    ++campaigns[campaign.at("recipients").at("list_id").get<std::string>()];
  }
  for (const auto& folder : running.rows("/campaign-folders", "folders"))
    EXPECT_EQ(folder.at("count"), campaigns[folder.at("id").get<std::string>()]);
  for (const auto& list : running.rows("/lists", "lists"))
    EXPECT_EQ(list.at("stats").at("campaign_count"), campaigns[list.at("id").get<std::string>()]);
}

TEST(truth, is_the_same_for_the_same_seed_and_another_for_another) {
  const auto truth = [](u64 seed) {
    SimulatorOptions options = Running::small();
    options.seed = seed;
    return truth_of(*World(options, "http://files.example").accounts()[0]);
  };
  EXPECT_EQ(truth(7), truth(7));
  EXPECT_NE(truth(7), truth(8));
}

}  // namespace
}  // namespace mailchimp_sim::testing
