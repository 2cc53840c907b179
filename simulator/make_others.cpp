// The streams beyond the ten steps but for shops and single members: a line of data for each collection.
#include <fmt/format.h>

#include "simulator/json_text.hpp"
#include "simulator/make.hpp"
#include "simulator/make_simple.hpp"
#include "simulator/words.hpp"

namespace mailchimp_sim {

namespace {

std::string add_image(SimpleMaker& simple, const std::string& kind, const std::string& id) {
  Maker::Image image = Maker::make_image(simple.random());
  const std::string path = fmt::format("/linked/{}.{}", simple.random().hex(10), image.extension);
  return simple.maker().add_file(kind, id, path, image.content_type, std::move(image.bytes));
}

/// Two media, in one of the ways in which they may be written: the API's documents do not say how.
std::string media_of(SimpleMaker& simple, const std::string& id, std::size_t way) {
  std::vector<std::string> media;
  for (int number = 1; number <= 2; ++number)
    media.push_back(json::text(add_image(simple, "sms_media", fmt::format("{}.media-{}", id, number))));
  if (way % 3 == 0)
    return "[" + json::object({{"url", media[0]}}) + "," + json::object({{"type", R"("image/png")"}, {"src", media[1]}}) + "]";
  if (way % 3 == 1) return "[" + media[0] + "," + media[1] + "]";
  return json::object({{"type", R"("image/png")"}, {"first", media[0]}, {"more", json::object({{"url", media[1]}})}});
}

void make_account_streams(SimpleMaker& simple) {
  simple.rows({.table = "chimp_chatter", .path = "/activity-feed/chimp-chatter", .items = "chimp_chatter", .count = 4});
  simple.rows({.table = "account_exports", .path = "/account-exports", .items = "exports", .count = 2, .id = "export_id", .numeric = true});
  for (const std::string& app :
       simple.rows({.table = "authorized_apps", .path = "/authorized-apps", .items = "apps", .count = 2, .numeric = true}))
    simple.single("authorized_app_details", "/authorized-apps/" + app, {{"app_id", app}}, {{"id", app}, {"users", R"(["ada","björn"])"}});
  simple.rows({.table = "batch_webhooks", .path = "/batch-webhooks", .items = "webhooks", .count = 1});
  simple.rows({.table = "connected_sites", .path = "/connected-sites", .items = "sites", .count = 2, .id = "foreign_id"});
  simple.rows(
      {.table = "verified_domains", .path = "/verified-domains", .items = "domains", .count = 3, .id = "domain", .paging = Paging::all});
}

/// Two e-mails, of which the second was never sent and is no campaign.
std::vector<std::string> make_automation_emails(SimpleMaker& simple, const std::string& path, const Parents& parents) {
  Collection emails{.table = "automation_emails", .path = path + "/emails", .items_key = "emails", .parents = parents};
  emails.paging = Paging::all;
  Given common;
  for (const auto& [name, value] : parents) {
    emails.also += ',' + json::text(name) + ':' + value;
    common.emplace_back(name, value);
  }
  std::vector<std::string> ids;
  for (const bool is_sent : {true, false}) {
    Row row;
    row.id = simple.random().hex(10);
    const i64 sent = is_sent ? make_automation_mail(simple.maker(), row.id) : 0;
    Given given = common;
    given.emplace_back("id", json::text(row.id));
    given.emplace_back("emails_sent", json::number(sent));
    row.json = make_record(emails.table, given, simple.random());
    row.json = with_value(row.json, "social_card.image_url", is_sent ? simple.maker().add_picture("social card " + row.id) : "\"\"");
    ids.push_back(row.id);
    emails.rows.push_back(std::move(row));
  }
  simple.maker().account.add(std::move(emails));
  return ids;
}

/// The first contacts of an audience, for the rows of an automation: their `id` is the contact's, as a subscriber hash. Where the audience
/// has fewer, the others are nobody's.
std::vector<Given> contacts(const Maker& maker, std::size_t count) {
  const ListPlan& list = maker.lists.front();
  std::vector<Given> contacts(count);
  for (std::size_t i = 0; i < std::min(count, list.people.size()); ++i) {
    const Person& person = list.people[i];
    contacts[i] = {{"id", json::text(person.id)}, {"email_address", json::text(person.email)}, {"list_id", json::text(list.id)}};
  }
  return contacts;
}

void make_automations(SimpleMaker& simple) {
  const std::vector<Given> removed = contacts(simple.maker(), 2);
  for (const std::string& flow : simple.rows({.table = "automations", .path = "/automations", .items = "automations", .count = 3})) {
    const Parents parents = {{"workflow_id", json::text(flow)}};
    const std::string path = "/automations/" + flow;
    for (const std::string& mail : make_automation_emails(simple, path, parents)) {
      Parents both = parents;
      both.emplace_back("workflow_email_id", json::text(mail));
      std::vector<Given> waiting = contacts(simple.maker(), 3);
      for (Given& contact : waiting) contact.emplace_back("email_id", json::text(mail));
      simple.rows({.table = "automation_queue",
                   .path = path + "/emails/" + mail + "/queue",
                   .items = "queue",
                   .parents = both,
                   .count = 3,
                   .paging = Paging::all,
                   .set = waiting});
    }
    simple.rows({.table = "automation_removed_subscribers",
                 .path = path + "/removed-subscribers",
                 .items = "subscribers",
                 .parents = parents,
                 .count = 2,
                 .paging = Paging::all,
                 .set = removed});
  }
}

void make_conversations_and_pages(SimpleMaker& simple) {
  for (const std::string& id : simple.rows(
           {.table = "conversations", .path = "/conversations", .items = "conversations", .count = 12, .set = {{{"message_count", "2"}}}}))
    simple.rows({.table = "conversation_messages",
                 .path = "/conversations/" + id + "/messages",
                 .items = "conversation_messages",
                 .parents = {{"conversation_id", json::text(id)}},
                 .count = 2,
                 .paging = Paging::all});
  // Landing pages have a count but no offset: a second page repeats the first.
  for (const std::string& id : simple.rows(
           {.table = "landing_pages", .path = "/landing-pages", .items = "landing_pages", .count = 3, .paging = Paging::count_only}))
    simple.single("landing_page_content", "/landing-pages/" + id + "/content", {{"page_id", json::text(id)}},
                  {{"html", json::text("<html><body>Página 🛬<img src='" + add_image(simple, "campaign_images", "landing page " + id) +
                                       "'></body></html>")},
                   {"json", json::text(R"({"rows":[]})")}});
  simple.rows({.table = "landing_page_stats", .path = "/reporting/landing-pages", .items = "landing_pages", .count = 3});
}

void make_surveys(SimpleMaker& simple) {
  const std::vector<Given> five = {{{"total_responses", "5"}}};
  for (const std::string& survey :
       simple.rows({.table = "surveys", .path = "/reporting/surveys", .items = "surveys", .count = 2, .set = five})) {
    const std::string path = "/reporting/surveys/" + survey;
    const Parents parents = {{"survey_id", json::text(survey)}};
    for (const std::string& question : simple.rows({.table = "survey_questions",
                                                    .path = path + "/questions",
                                                    .items = "questions",
                                                    .parents = parents,
                                                    .count = 2,
                                                    .paging = Paging::all,
                                                    .set = five})) {
      Parents both = parents;
      both.emplace_back("question_id", json::text(question));
      simple.rows({.table = "survey_answers",
                   .path = path + "/questions/" + question + "/answers",
                   .items = "answers",
                   .parents = both,
                   .count = 5});
    }
    for (const std::string& response : simple.rows({.table = "survey_responses",
                                                    .path = path + "/responses",
                                                    .items = "responses",
                                                    .parents = parents,
                                                    .count = 5,
                                                    .id = "response_id"})) {
      Parents both = parents;
      both.emplace_back("response_id", json::text(response));
      simple.single("survey_response_details", path + "/responses/" + response, both, {{"response_id", json::text(response)}});
    }
  }
}

void make_ads_and_texts(SimpleMaker& simple) {
  // Each picture is there, or named in two places, or "", or absent.
  const std::string small = simple.maker().add_picture("small picture of an ad");
  simple.rows({.table = "facebook_ads",
               .path = "/facebook-ads",
               .items = "facebook_ads",
               .count = 2,
               .set = {{{"thumbnail", small}, {"content.image_url", simple.maker().add_picture("picture of an ad")}},
                       {{"thumbnail", "\"\""}, {"content.image_url", "\"\""}}}});
  for (const std::string& id : simple.rows({.table = "facebook_ad_stats",
                                            .path = "/reporting/facebook-ads",
                                            .items = "facebook_ads",
                                            .count = 2,
                                            .set = {{{"thumbnail", small}}, {}}}))
    simple.rows({.table = "facebook_ad_product_activity",
                 .path = "/reporting/facebook-ads/" + id + "/ecommerce-product-activity",
                 .items = "products",
                 .parents = {{"outreach_id", json::text(id)}},
                 .count = 2});
  std::size_t way = 0;
  for (const std::string& id : simple.rows({.table = "sms_campaigns", .path = "/sms-campaigns", .items = "sms_campaigns", .count = 3}))
    simple.single("sms_campaign_content", "/sms-campaigns/" + id + "/content", {{"sms_campaign_id", json::text(id)}},
                  {{"message_body", json::text("Sale today 📱 reply STOP")}, {"media", media_of(simple, id, way++)}});
}

}  // namespace

void make_others(Maker& maker) {
  SimpleMaker simple(maker, "others");
  make_account_streams(simple);
  make_automations(simple);
  make_conversations_and_pages(simple);
  make_surveys(simple);
  make_ads_and_texts(simple);
  for (const ListPlan& list : maker.lists)
    simple.rows({.table = "audience_contacts",
                 .path = "/audiences/" + list.id + "/contacts",
                 .items = "contacts",
                 .parents = {{"audience_id", json::text(list.id)}},
                 .count = static_cast<i64>(list.people.size()) / 5,
                 .paging = Paging::cursor,
                 .has_total = false,
                 .given = {{"audience_id", json::text(list.id)}}});
}

}  // namespace mailchimp_sim
