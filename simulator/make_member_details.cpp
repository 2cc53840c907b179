// What hangs on single members. Most members have nothing: their listings are empty without being stored.
#include <array>

#include "simulator/json_text.hpp"
#include "simulator/make.hpp"
#include "simulator/make_simple.hpp"

namespace mailchimp_sim {

namespace {

/// What single kinds of activity say besides their kind and time (OpenAPI 3.0.55).
const std::vector<Given>& activities() {
  static const std::vector<Given> kKinds = [] {
    const Given campaign = {{"campaign_id", R"("42694e9e57")"}, {"campaign_title", R"("Spring ✿")"}};
    const Given page = {{"outreach_id", R"("a1b2c3d4e5")"}, {"outreach_title", R"("Landing page 🛬")"}};
    const auto kind = [](const char* name, Given fields, const Given& more = {}) {
      fields.emplace_back("activity_type", json::text(name));
      fields.insert(fields.end(), more.begin(), more.end());
      return fields;
    };
    return std::vector<Given>{
        kind("open", campaign),
        kind("click", campaign, {{"link_clicked", R"("https://shop.example.com/?a=1&b=2")"}}),
        kind("bounce", campaign, {{"bounce_type", R"("soft")"}, {"bounce_has_open_activity", "true"}}),
        kind("unsub", campaign, {{"is_admin_unsubscribed", "false"}, {"unsubscribe_reason", R"("no longer interested")"}}),
        kind("sent", campaign),
        kind("conversation", campaign,
             {{"thread_id", R"("1001")"},
              {"message_text", R"("Where is my order?")"},
              {"created_by", R"("ada")"},
              {"is_user", "false"},
              {"has_read", "true"},
              {"from_email", R"("ada@example.com")"},
              {"avatar_url", R"("https://avatar.example/1")"}}),
        kind("note", {{"updated_at_timestamp", json::date(kNow)},
                      {"note_id", R"("77")"},
                      {"note_text", R"("Likes ☕")"},
                      {"created_by", R"("björn")"}}),
        kind("marketing_permission",
             {{"marketing_permission_text", R"("E-Mail")"}, {"updated_by", R"("ada")"}, {"marketing_permission_opted_in", "true"}}),
        kind("landing_page_signup", page),
        kind("ecommerce_signup", {{"store_name", R"("Laden #2 ü")"}}),
        kind("generic_signup", {{"signup_category", R"("API")"}}),
        kind("order", page,
             {{"outreach_type", R"("landing_page")"},
              {"order_id", R"("#1001")"},
              {"order_total", R"("€12.50")"},
              {"order_items", R"([{"id":"1","product_id":"mug/large","quantity":2,"price":6.25}])"},
              {"store_name", R"("shop/1")"},
              {"order_url", R"("https://shop.example.com/orders/1001")"},
              {"integration_platform", R"("custom")"}}),
        kind("event", {{"event_name", R"("viewed_page")"}, {"event_properties", R"(["page=/mugs"])"}}),
        kind("survey_response", {{"survey_id", R"("s1")"}, {"survey_title", R"("How did you like it?")"}}),
        kind("inbox_thread", {{"id", R"("t1")"},
                              {"thread_subject", R"("Re: order")"},
                              {"thread_url", R"("https://us12.example/inbox/t1")"},
                              {"thread_direction", R"("INBOUND")"},
                              {"thread_author", R"("ada")"}}),
        kind("qbo_payment_link", {{"id", R"("p1")"}, {"qbo_payment_external_id", R"("9")"}, {"integration_platform", R"("quickbooks")"}}),
        kind("video_call_transcripts", {{"id", R"("v1")"},
                                        {"scheduled_meeting_start_timestamp", json::date(kNow)},
                                        {"expire_at_timestamp", json::date(kNow + 86'400)}})};
  }();
  return kKinds;
}

}  // namespace

void make_member_details(Maker& maker) {
  SimpleMaker simple(maker, "member details");
  for (const ListPlan& list : maker.lists) {
    for (std::size_t i = 0; i < list.people.size(); ++i) {
      const Person& person = list.people[i];
      const std::string path = "/lists/" + list.id + "/members/" + person.id + '/';
      const Parents parents = {{"list_id", json::text(list.id)}, {"member_id", json::text(person.id)}};
      if (!person.tags.empty()) {
        Collection tags{.table = "member_tags", .path = path + "tags", .items_key = "tags", .parents = parents};
        for (const auto& [id, name] : person.tags) {
          Row row;
          row.id = std::to_string(id);
          row.json = json::object({{"id", row.id}, {"name", json::text(name)}, {"date_added", json::date(1'690'000'000 + id)}});
          tags.rows.push_back(std::move(row));
        }
        maker.account.add(std::move(tags));
      }
      if (i % 40 != 7) continue;
      simple.rows({.table = "member_notes", .path = path + "notes", .items = "notes", .parents = parents, .count = 2, .numeric = true});
      simple.rows({.table = "member_events", .path = path + "events", .items = "events", .parents = parents, .count = 3});
      simple.rows({.table = "member_goals",
                   .path = path + "goals",
                   .items = "goals",
                   .parents = parents,
                   .count = 2,
                   .id = "goal_id",
                   .numeric = true,
                   .paging = Paging::all});
      simple.rows({.table = "member_activity",
                   .path = path + "activity-feed",
                   .items = "activity",
                   .parents = parents,
                   .count = static_cast<i64>(activities().size()),
                   .has_total = false,
                   .set = activities()});
    }
  }
}

const Collection* empty_member_detail(std::string_view part) {
  static const std::array<Collection, 5> kEmpty = [] {
    std::array<Collection, 5> all;
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kParts = {
        {{"tags", "tags"}, {"notes", "notes"}, {"events", "events"}, {"goals", "goals"}, {"activity-feed", "activity"}}};
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i].path = kParts[i].first;
      all[i].items_key = kParts[i].second;
      all[i].has_total = kParts[i].second != "activity";
    }
    return all;
  }();
  for (const Collection& collection : kEmpty)
    if (collection.path == part) return &collection;
  return nullptr;
}

}  // namespace mailchimp_sim
