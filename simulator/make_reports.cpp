// What each recipient did with a campaign, told by six streams that agree: sent-to, email-activity, opens, clicks, unsubscribes, abuse.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "simulator/make.hpp"
#include "simulator/make_report.hpp"
#include "simulator/shape.hpp"
#include "simulator/words.hpp"

namespace mailchimp_sim {

namespace {

std::string open_event(i64 at, const std::string& ip) {
  return json::object({{"action", "\"open\""}, {"timestamp", json::date(at)}, {"ip", json::text(ip)}});
}

}  // namespace

ReportWriter::ReportWriter(Maker& maker, const CampaignPlan& campaign)
    : maker_(maker), campaign_(campaign), list_(maker.lists[campaign.list]), random_(maker.random("report of " + campaign.id)) {
  for (int i = 0; i < 6; ++i) {
    Link link;
    link.id = random_.hex(10);
    link.url = fmt::format("https://shop.example.com/{}?utm_source=mc&n={}{}", i, random_.hex(4), i == 2 ? "#größe" : "");
    links_.push_back(std::move(link));
  }
}

Collection ReportWriter::start(const std::string& table, const std::string& part, const std::string& items) const {
  Collection collection{.table = table,
                        .path = "/reports/" + campaign_.id + '/' + part,
                        .items_key = items,
                        .parents = {{"campaign_id", json::text(campaign_.id)}}};
  collection.also = ",\"campaign_id\":" + json::text(campaign_.id);
  return collection;
}

Given ReportWriter::about(const Person& person, Given more) const {
  Given given = {
      {"campaign_id", json::text(campaign_.id)}, {"list_id", json::text(list_.id)},           {"list_is_active", "true"},
      {"email_id", json::text(person.id)},       {"email_address", json::text(person.email)}, {"merge_fields", person.merge_fields},
      {"vip", json::boolean(person.vip)}};
  for (auto& field : more) given.push_back(std::move(field));
  return given;
}

std::string ReportWriter::record(const Person& person, Given more) const { return json::object(about(person, std::move(more))); }

Deeds ReportWriter::live_through() {
  Deeds deeds;
  const double fate = random_.unit();
  if (fate < 0.02) {
    deeds.bounce = fate < 0.012 ? "hard" : "soft";
    deeds.events.push_back(json::object({{"action", "\"bounce\""},
                                         {"type", json::text(deeds.bounce)},
                                         {"timestamp", json::date(campaign_.sent + random_.between(1, 500))}}));
    return deeds;
  }
  if (fate > 0.5) return deeds;  // half of them never look: activity []
  const std::string ip = words::ip(random_);
  i64 at = campaign_.sent + random_.between(60, 400'000);
  if (random_.chance(0.1)) {
    // A mail provider's proxy opens within seconds.
    deeds.opens.push_back({campaign_.sent + 2, true});
    deeds.events.push_back(open_event(campaign_.sent + 2, "66.249.84.1"));
  }
  for (i64 i = random_.between(1, 4); i > 0; --i) {
    deeds.opens.push_back({at, false});
    deeds.events.push_back(open_event(at, ip));
    if (random_.chance(0.7)) at += random_.between(1, 5'000);  // else the next one falls into the same second
  }
  if (fate < 0.17) {
    for (i64 i = random_.between(1, 4); i > 0; --i) {
      const auto link = static_cast<std::size_t>(random_.below(static_cast<i64>(links_.size()) - 1));  // nobody clicks the last one
      const int times = random_.chance(0.2) ? 3 : 1;                                                   // identical clicks of one second
      for (int t = 0; t < times; ++t) {
        ++deeds.clicks[link];
        deeds.events.push_back(json::object(
            {{"action", "\"click\""}, {"timestamp", json::date(at)}, {"url", json::text(links_[link].url)}, {"ip", json::text(ip)}}));
      }
      deeds.last_click = at;
      if (random_.chance(0.5)) at += random_.between(1, 600);
    }
  }
  deeds.last_open = deeds.opens.back().at;
  for (const Open& open : deeds.opens) deeds.last_open = std::max(deeds.last_open, open.at);
  deeds.unsubscribes = random_.chance(0.02);
  deeds.complains = random_.chance(0.005);
  return deeds;
}

void ReportWriter::tell(const Person& person, const Deeds& deeds) {
  const auto add = [](Collection& collection, std::string json, const std::string& id) {
    Row row;
    row.json = std::move(json);
    row.id = id;
    collection.rows.push_back(std::move(row));
  };
  const auto opens = static_cast<i64>(deeds.opens.size());
  outcome_.opens += opens;
  outcome_.unique_opens += opens > 0 ? 1 : 0;
  outcome_.last_open = std::max(outcome_.last_open, deeds.last_open);
  outcome_.last_click = std::max(outcome_.last_click, deeds.last_click);
  outcome_.subscriber_clicks += deeds.clicks.empty() ? 0 : 1;
  outcome_.hard_bounces += deeds.bounce == "hard" ? 1 : 0;
  outcome_.soft_bounces += deeds.bounce == "soft" ? 1 : 0;

  add(sent_to_,
      record(person, {{"status", json::text(deeds.bounce.empty() ? "sent" : deeds.bounce)},
                      {"open_count", json::number(opens)},
                      {"last_open", opens == 0 ? "\"\"" : json::date(deeds.last_open)},
                      {"absplit_group", campaign_.type == "variate" ? "\"a\"" : ""},
                      {"gmt_offset", "0"}}),
      person.id);
  add(activity_,
      json::object({{"campaign_id", json::text(campaign_.id)},
                    {"list_id", json::text(list_.id)},
                    {"list_is_active", "true"},
                    {"email_id", json::text(person.id)},
                    {"email_address", json::text(person.email)},
                    {"activity", json::array(deeds.events)}}),
      person.id);
  if (opens > 0) {
    std::vector<std::string> times;
    for (const Open& open : deeds.opens)
      times.push_back(json::object({{"timestamp", json::date(open.at)}, {"is_proxy_open", open.by_proxy ? "true" : ""}}));
    add(opens_,
        record(person,
               {{"contact_status", json::text(person.status)}, {"opens_count", json::number(opens)}, {"opens", json::array(times)}}),
        person.id);
    opens_.rows.back().sort_keys = {fmt::format("{:010}", opens)};
  }
  for (const auto& [at, clicks] : deeds.clicks) {
    Link& link = links_[at];
    link.clicks += clicks;
    ++link.people;
    link.last = std::max(link.last, deeds.last_click);
    outcome_.clicks += clicks;
    ++outcome_.unique_clicks;
    add(link.members,
        record(person, {{"clicks", json::number(clicks)}, {"url_id", json::text(link.id)}, {"contact_status", json::text(person.status)}}),
        person.id);
  }
  if (deeds.unsubscribes) {
    ++outcome_.unsubscribed;
    add(unsubscribed_,
        record(person, {{"timestamp", json::date(deeds.last_open + 30)},
                        {"reason", json::text(random_.chance(0.5) ? "None given" : "Too many e-mails 😤\nreally")}}),
        person.id);
  }
  if (deeds.complains) {
    ++outcome_.abuse;
    const std::string id = std::to_string(60'000 + outcome_.abuse);
    add(abuse_, record(person, {{"id", id}, {"date", json::date(deeds.last_open + 60)}}), id);
  }
}

Outcome ReportWriter::write() {
  sent_to_ = start("campaign_recipients", "sent-to", "sent_to");
  activity_ = start("email_activity", "email-activity", "emails");
  // A page of more than 500 recipients times out (docs/mailchimp.md, "Slow pages").
  activity_.slow_above = 500;
  if (campaign_.is_sent()) {
    opens_ = start("campaign_open_details", "open-details", "members");
    opens_.sort_names = {"opens_count"};
    unsubscribed_ = start("unsubscriptions", "unsubscribed", "unsubscribes");
    abuse_ = start("campaign_abuse_reports", "abuse-reports", "abuse_reports");
    for (Link& link : links_) {
      link.members = start("campaign_click_members", "click-details/" + link.id + "/members", "members");
      link.members.parents.emplace_back("link_id", json::text(link.id));
    }
    for (const std::size_t at : campaign_.recipients) {
      const Person& person = list_.people[at];
      tell(person, live_through());
    }
    opens_.also += fmt::format(",\"total_opens\":{},\"total_proxy_excluded_opens\":0", outcome_.opens);
    write_clicks();
    write_small_streams();
    for (Collection* collection : {&opens_, &unsubscribed_, &abuse_}) maker_.account.add(std::move(*collection));
  }
  // A draft has these two as well, empty; all its other reports are 404.
  maker_.account.add(std::move(sent_to_));
  maker_.account.add(std::move(activity_));
  return outcome_;
}

Outcome make_report_details(Maker& maker, const CampaignPlan& campaign) { return ReportWriter(maker, campaign).write(); }

}  // namespace mailchimp_sim
