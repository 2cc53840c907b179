// Campaigns of every kind and state, and the report of each that was sent.
#include <fmt/format.h>

#include <algorithm>

#include "simulator/make.hpp"
#include "simulator/shape.hpp"
#include "simulator/words.hpp"

namespace mailchimp_sim {

namespace {

/// Who gets a campaign: a run of the list's people from a random place on, so that campaigns overlap but differ.
std::vector<std::size_t> choose_recipients(const ListPlan& list, i64 count, Random& random) {
  const auto total = static_cast<i64>(list.people.size());
  const i64 take = std::min(count, total);
  const i64 start = random.below(total);
  std::vector<std::size_t> chosen;
  for (i64 i = 0; i < take; ++i) chosen.push_back(static_cast<std::size_t>((start + i) % total));
  return chosen;
}

/// The plan of 40 campaigns: mostly sent ones, and of each special kind at least one.
std::vector<CampaignPlan> plan(Maker& maker, Random& random) {
  std::vector<CampaignPlan> plans;
  const i64 count = maker.campaign_count();
  std::string rss_parent;
  for (i64 i = 0; i < count; ++i) {
    CampaignPlan campaign;
    campaign.id = random.hex(10);
    campaign.type = i == 3 ? "plaintext" : (i == 4 ? "variate" : (i >= 5 && i <= 7 ? "rss" : "regular"));
    campaign.status = "sent";
    if (i % 10 == 9) campaign.status = i % 20 == 9 ? "save" : "schedule";
    if (i == 5) rss_parent = campaign.id;
    if (i == 6 || i == 7) campaign.parent_id = rss_parent;
    campaign.list = static_cast<std::size_t>(i % 2);
    campaign.title = words::phrase(random, 3) + (i == 0 ? " ../../secret" : "");
    campaign.subject = words::phrase(random, 5);
    campaign.created = 1'600'000'000 + i * 4'000'000;
    if (campaign.is_sent()) {
      campaign.sent = campaign.created + random.between(3'600, 500'000);
      const i64 wanted = i == 8 ? 0 : maker.scaled(random.between(50, 400));  // one that was sent to nobody
      campaign.recipients = choose_recipients(maker.lists[campaign.list], wanted, random);
    }
    plans.push_back(std::move(campaign));
  }
  return plans;
}

/// Its e-mails are its children's; its report is had by its id alone.
bool is_rss_parent(const CampaignPlan& campaign) { return campaign.type == "rss" && campaign.parent_id.empty(); }

/// With a picture, with "" in its place, or none at all.
std::string social_card(Maker& maker, const CampaignPlan& campaign, std::size_t at) {
  const bool has_picture = at % 8 == 0 || campaign.type == "automation";
  if (at % 4 != 0 && !has_picture) return "";
  const std::string picture = has_picture ? maker.add_picture("social card of campaign " + campaign.id) : "\"\"";
  return json::object({{"image_url", picture}, {"description", "\"\""}, {"title", "\"\""}});
}

double rate(i64 part, i64 whole) { return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole); }

Row campaign_row(Maker& maker, const CampaignPlan& campaign, const Outcome& outcome, std::size_t at, Random& random) {
  const ListPlan& list = maker.lists[campaign.list];
  const i64 emails = is_rss_parent(campaign) ? 0 : static_cast<i64>(campaign.recipients.size());
  const bool sent = campaign.is_sent();
  const std::string send_time =
      sent ? json::plain_date(campaign.sent) : (campaign.status == "schedule" ? json::plain_date(kNow + 86'400) : "");
  Given given = {{"id", json::text(campaign.id)},
                 {"web_id", json::number(at == 1 ? 9'223'372'036'854'775'806 : 8'000'000 + static_cast<i64>(at))},
                 {"parent_campaign_id", campaign.parent_id.empty() ? "" : json::text(campaign.parent_id)},
                 {"type", json::text(campaign.type)},
                 {"create_time", json::date(campaign.created)},
                 {"status", json::text(campaign.status)},
                 {"emails_sent", json::number(emails)},
                 {"send_time", json::text(send_time)},
                 {"content_type", json::text(campaign.type == "plaintext" ? "" : "template")},
                 {"recipients.list_id", json::text(list.id)},
                 {"recipients.list_name", json::text(list.name)},
                 {"recipients.recipient_count", json::number(emails)},
                 {"settings.title", json::text(campaign.title)},
                 {"settings.subject_line", sent ? json::text(campaign.subject) : ""},
                 {"settings.folder_id", json::text(campaign.folder)},
                 {"settings.auto_fb_post", "[]"},
                 {"variate_settings", campaign.type == "variate" ? R"({"winner_criteria":"opens","wait_time":60,"test_size":50})" : ""},
                 {"ab_split_opts", ""},
                 {"social_card", social_card(maker, campaign, at)},
                 {"report_summary", sent ? json::object({{"opens", json::number(outcome.opens)},
                                                         {"unique_opens", json::number(outcome.unique_opens)},
                                                         {"open_rate", json::real(rate(outcome.unique_opens, emails))},
                                                         {"clicks", json::number(outcome.clicks)},
                                                         {"subscriber_clicks", json::number(outcome.subscriber_clicks)},
                                                         {"click_rate", json::real(rate(outcome.subscriber_clicks, emails))},
                                                         {"ecommerce", R"({"total_orders":0,"total_spent":0,"total_revenue":0})"}})
                                         : ""},
                 {"delivery_status", R"({"enabled":false})"},
                 {"resend_shortcut_eligibility", sent ? R"({"to_non_openers":{"is_eligible":true,"reason":""}})" : ""},
                 {"resend_shortcut_usage", at % 7 == 2 ? R"({"original_campaign":{"id":"0000000000","title":"🦊"}})" : ""}};
  if (campaign.type != "rss") given.emplace_back("rss_opts", "");
  if (maker.options.extra_odd && at == 11) given.emplace_back("needs_block_refresh", "\"no\"");
  Row row;
  row.json = make_record("campaigns", given, random);
  row.id = campaign.id;
  row.status = campaign.status;
  row.type = campaign.type;
  row.sort_keys = {json::plain_date(campaign.created), send_time};
  return row;
}

Row report_row(Maker& maker, const CampaignPlan& campaign, const Outcome& outcome, Random& random) {
  const ListPlan& list = maker.lists[campaign.list];
  const auto emails = static_cast<i64>(campaign.recipients.size());
  const auto date_or_empty = [](i64 seconds) { return seconds == 0 ? std::string("\"\"") : json::date(seconds); };
  Row row;
  row.json = make_record("campaign_stats",
                         {{"id", json::text(campaign.id)},
                          {"campaign_title", json::text(campaign.title)},
                          {"type", json::text(campaign.type)},
                          {"list_id", json::text(list.id)},
                          {"list_is_active", "true"},
                          {"list_name", json::text(list.name)},
                          {"subject_line", json::text(campaign.subject)},
                          {"emails_sent", json::number(emails)},
                          {"abuse_reports", json::number(outcome.abuse)},
                          {"unsubscribed", json::number(outcome.unsubscribed)},
                          {"send_time", json::date(campaign.sent)},
                          {"rss_last_send", campaign.type == "rss" ? json::date(campaign.sent) : ""},
                          {"bounces.hard_bounces", json::number(outcome.hard_bounces)},
                          {"bounces.soft_bounces", json::number(outcome.soft_bounces)},
                          {"bounces.syntax_errors", "0"},
                          {"opens.opens_total", json::number(outcome.opens)},
                          {"opens.unique_opens", json::number(outcome.unique_opens)},
                          {"opens.open_rate", json::real(rate(outcome.unique_opens, emails))},
                          {"opens.last_open", date_or_empty(outcome.last_open)},
                          {"clicks.clicks_total", json::number(outcome.clicks)},
                          {"clicks.unique_clicks", json::number(outcome.unique_clicks)},
                          {"clicks.unique_subscriber_clicks", json::number(outcome.subscriber_clicks)},
                          {"clicks.click_rate", json::real(rate(outcome.subscriber_clicks, emails))},
                          {"clicks.last_click", date_or_empty(outcome.last_click)},
                          {"ab_split", campaign.type == "variate" ? R"({"a":{"opens":3},"b":{"opens":4}})" : ""},
                          {"timewarp", campaign.type == "regular" ? "" : "[]"},
                          {"delivery_status", R"({"enabled":false})"}},
                         random);
  row.id = campaign.id;
  row.type = campaign.type;
  return row;
}

Collection sub_reports_of(const std::string& id) {
  Collection children{.table = "campaign_sub_reports",
                      .path = "/reports/" + id + "/sub-reports",
                      .items_key = "reports",
                      .parents = {{"campaign_id", json::text(id)}}};
  children.also = ",\"campaign_id\":" + json::text(id);
  return children;
}

void add_feedback(Maker& maker, const CampaignPlan& campaign, bool any, Random& random) {
  const std::string id = json::text(campaign.id);
  Collection feedback{.table = "campaign_feedback",
                      .path = "/campaigns/" + campaign.id + "/feedback",
                      .items_key = "feedback",
                      .parents = {{"campaign_id", id}}};
  feedback.paging = Paging::all;
  feedback.also = ",\"campaign_id\":" + id;
  for (i64 i = 0; any && i < 3; ++i) {
    Row row;
    row.id = std::to_string(900 + i);
    row.json =
        make_record("campaign_feedback", {{"feedback_id", row.id}, {"campaign_id", id}, {"parent_id", i == 0 ? "0" : "900"}}, random);
    feedback.rows.push_back(std::move(row));
  }
  maker.account.add(std::move(feedback));
  maker.account.add(Single{"campaign_send_checklists",
                           "/campaigns/" + campaign.id + "/send-checklist",
                           {{"campaign_id", id}},
                           json::object({{"is_ready", json::boolean(campaign.status != "save")},
                                         {"items", R"([{"type":"success","id":201,"heading":"List","details":"Ready ✓"}])"}})});
}

/// Three folders, the last one empty; some campaigns are in none.
void add_folders(Maker& maker) {
  Random random = maker.random("campaign folders");
  Collection folders{.table = "campaign_folders", .path = "/campaign-folders", .items_key = "folders"};
  for (std::size_t i = 0; i < 3; ++i) {
    Row row;
    row.id = random.hex(10);
    i64 count = 0;
    for (std::size_t c = i; i < 2 && c < maker.campaigns.size(); c += 4, ++count) maker.campaigns[c].folder = row.id;
    row.json = make_record("campaign_folders", {{"id", json::text(row.id)}, {"count", json::number(count)}}, random);
    folders.rows.push_back(std::move(row));
  }
  maker.account.add(std::move(folders));
}

}  // namespace

void make_campaigns(Maker& maker) {
  Random random = maker.random("campaigns");
  maker.campaigns = plan(maker, random);
  add_folders(maker);
  Collection campaigns{.table = "campaigns", .path = "/campaigns", .items_key = "campaigns"};
  campaigns.sort_names = {"create_time", "send_time"};
  Collection reports{.table = "campaign_stats", .path = "/reports", .items_key = "reports"};
  for (std::size_t i = 0; i < maker.campaigns.size(); ++i) {
    const CampaignPlan& campaign = maker.campaigns[i];
    const Outcome outcome = make_report_details(maker, campaign);
    campaigns.rows.push_back(campaign_row(maker, campaign, outcome, i, random));
    if (campaign.is_sent()) {
      Row report = report_row(maker, campaign, outcome, random);
      if (is_rss_parent(campaign)) {
        maker.account.add(Single{"campaign_stats", "/reports/" + campaign.id, {}, std::move(report.json)});
      } else {
        reports.rows.push_back(std::move(report));
      }
    }
    make_campaign_content(maker, campaign, i);
    add_feedback(maker, campaign, i % 5 == 0, random);
  }
  // The RSS parent's children are campaigns themselves; the A/B parent's children exist as sub-reports only.
  for (const CampaignPlan& parent : maker.campaigns) {
    if (!parent.is_sent()) continue;
    Collection children = sub_reports_of(parent.id);
    for (std::size_t i = 0; i < maker.campaigns.size(); ++i) {
      if (maker.campaigns[i].parent_id != parent.id) continue;
      const auto report =
          std::find_if(reports.rows.begin(), reports.rows.end(), [&](const Row& row) { return row.id == maker.campaigns[i].id; });
      children.rows.push_back(*report);
    }
    for (int i = 0; parent.type == "variate" && i < 3; ++i) {
      CampaignPlan child = parent;
      child.id = random.hex(10);
      child.type = "variate-child";
      child.recipients.clear();
      children.rows.push_back(report_row(maker, child, {}, random));
    }
    maker.account.add(std::move(children));
  }
  maker.account.add(std::move(campaigns));
  maker.account.add(std::move(reports));
}

i64 make_automation_mail(Maker& maker, const std::string& id) {
  Random random = maker.random("report of an automation's e-mail " + id);
  constexpr std::size_t kAt = 99;  // none of the oddities that some campaigns have on purpose
  CampaignPlan mail;
  mail.id = id;
  mail.type = "automation";
  mail.status = "sent";
  mail.title = mail.subject = words::phrase(random, 3);
  mail.list = static_cast<std::size_t>(random.below(2));
  mail.created = 1'650'000'000;
  mail.sent = mail.created + random.between(3'600, 500'000);
  mail.recipients = choose_recipients(maker.lists[mail.list], maker.scaled(60), random);
  const Outcome outcome = make_report_details(maker, mail);
  maker.account.add(sub_reports_of(id));
  maker.account.add(Single{"campaign_stats", "/reports/" + id, {}, report_row(maker, mail, outcome, random).json});
  maker.account.add(Single{"campaigns", "/campaigns/" + id, {}, campaign_row(maker, mail, outcome, kAt, random).json});
  make_campaign_content(maker, mail, kAt);
  add_feedback(maker, mail, false, random);
  return static_cast<i64>(mail.recipients.size());
}

}  // namespace mailchimp_sim
