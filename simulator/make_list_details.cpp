// The small collections below an audience: merge fields, interests, activity by day, growth by month, locations, web hooks, forms.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "simulator/make.hpp"
#include "simulator/shape.hpp"
#include "simulator/words.hpp"

namespace mailchimp_sim {

namespace {

/// Adds collections below one list.
class Details {
 public:
  Details(Maker& maker, const ListPlan& list) : maker_(maker), list_(list), random_(maker.random("details of " + list.id)) {}

  Collection start(const std::string& table, const std::string& part, const std::string& items, Paging paging = Paging::offset) {
    Collection collection{
        .table = table, .path = "/lists/" + list_.id + '/' + part, .items_key = items, .parents = {{"list_id", json::text(list_.id)}}};
    collection.also = ",\"list_id\":" + json::text(list_.id);
    collection.paging = paging;
    return collection;
  }
  void add_row(Collection& collection, Given given, const std::string& id = "", std::vector<std::string> sort_keys = {}) {
    given.emplace_back("list_id", has_list_id(collection.table) ? json::text(list_.id) : "");
    Row row;
    row.json = make_record(collection.table, given, random_);
    row.id = id;
    row.sort_keys = std::move(sort_keys);
    collection.rows.push_back(std::move(row));
  }
  void finish(Collection collection) { maker_.account.add(std::move(collection)); }
  Random& random() { return random_; }

 private:
  static bool has_list_id(std::string_view table) {
    for (const auto& [name, shape] : shape_of(table).fields)
      if (name == "list_id") return true;
    return false;
  }
  Maker& maker_;
  const ListPlan& list_;
  Random random_;
};

void add_merge_fields(Details& details) {
  static constexpr std::array<std::array<std::string_view, 3>, 4> kFields = {{{"FNAME", "First Name", "text"},
                                                                              {"LNAME", "Last Name", "text"},
                                                                              {"ADDRESS", "Address", "address"},
                                                                              {"POINTS", "Points ⭐", "number"}}};
  Collection rows = details.start("list_merge_fields", "merge-fields", "merge_fields");
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    const std::string id = std::to_string(i + 1);
    const bool number = kFields[i][2] == "number";
    details.add_row(rows,
                    {{"merge_id", id},
                     {"tag", json::text(kFields[i][0])},
                     {"name", json::text(kFields[i][1])},
                     {"type", json::text(kFields[i][2])},
                     {"default_value", number ? "0" : "\"\""},  // documented as text
                     {"display_order", id},
                     {"options", number ? "{}" : R"({"size":25})"}},
                    id);
  }
  details.finish(std::move(rows));
}

void add_interests(Details& details, const ListPlan& list) {
  const std::string start = list.id.substr(0, 5);
  Collection categories = details.start("list_interest_categories", "interest-categories", "categories");
  for (int c = 0; c < 2; ++c) {
    const std::string category = fmt::format("{}cat{:02}", start, c + 1);
    details.add_row(categories,
                    {{"id", json::text(category)},
                     {"title", json::text(c == 0 ? "Topics 📚" : "No interests here")},
                     {"display_order", std::to_string(c)}},
                    category);
    Collection interests = details.start("list_interests", "interest-categories/" + category + "/interests", "interests");
    interests.also += ",\"category_id\":" + json::text(category);
    interests.parents.emplace_back("category_id", json::text(category));
    for (int i = 0; c == 0 && i < 2; ++i) {
      const std::string id = fmt::format("{}int{:02}", start, i + 1);
      // Documented as text; one of the two is a number.
      details.add_row(interests,
                      {{"category_id", json::text(category)},
                       {"id", json::text(id)},
                       {"subscriber_count", i == 0 ? "\"12\"" : "7"},
                       {"display_order", std::to_string(i)}},
                      id);
    }
    details.finish(std::move(interests));
  }
  details.finish(std::move(categories));
}

void add_series(Details& details) {
  Collection days = details.start("list_activity", "activity", "activity");
  for (i64 day = 0; day < 180; ++day) details.add_row(days, {{"day", json::text(json::plain_day(kNow - day * 86'400))}});
  details.finish(std::move(days));

  Collection months = details.start("list_growth_history", "growth-history", "history");
  months.sort_names = {"month"};
  for (int month = 0; month < 30; ++month) {
    const std::string name = fmt::format("{}-{:02}", 2024 + month / 12, month % 12 + 1);
    details.add_row(months, {{"month", json::text(name)}}, name, {name});
  }
  details.finish(std::move(months));
}

void add_abuse_reports(Details& details, const ListPlan& list) {
  Collection rows = details.start("list_abuse_reports", "abuse-reports", "abuse_reports");
  for (std::size_t i = 0; i < list.people.size(); i += 400) {
    const Person& person = list.people[i];
    const std::string id = std::to_string(42'000 + i);
    details.add_row(rows,
                    {{"id", id},
                     {"email_id", json::text(person.id)},
                     {"email_address", json::text(person.email)},
                     {"merge_fields", person.merge_fields},
                     {"vip", json::boolean(person.vip)},
                     {"date", i == 0 ? "\"\"" : json::date(kNow - static_cast<i64>(i) * 1'000)}},
                    id);
  }
  details.finish(std::move(rows));
}

void add_clients_and_places(Details& details, bool empty) {
  Collection clients = details.start("list_clients", "clients", "clients", Paging::all);
  for (const std::string_view client : {"Gmail", "Apple Mail", "Outlook 2019", "Thunderbird 🐦"})
    if (!empty) details.add_row(clients, {{"client", json::text(client)}});
  details.finish(std::move(clients));

  Collection places = details.start("list_locations", "locations", "locations");
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kPlaces = {{{"USA", "US"},
                                                                                             {"Deutschland", "DE"},
                                                                                             {"日本", "JP"},
                                                                                             {"Brasil", "BR"},
                                                                                             {"Türkiye", "TR"},
                                                                                             {"Namibia", "NA"},
                                                                                             {"France", "FR"},
                                                                                             {"Norge", "NO"},
                                                                                             {"India", "IN"},
                                                                                             {"Polska", "PL"},
                                                                                             {"Česko", "CZ"},
                                                                                             {"España", "ES"},
                                                                                             {"Italia", "IT"}}};
  for (const auto& [country, code] : kPlaces)
    if (!empty) details.add_row(places, {{"country", json::text(country)}, {"cc", json::text(code)}});
  details.finish(std::move(places));
}

/// `picture` and `message` of the form: JSON texts.
void add_hooks_and_forms(Details& details, bool empty, const std::string& picture, const std::string& message) {
  Collection hooks = details.start("list_webhooks", "webhooks", "webhooks", Paging::all);
  for (int i = 0; !empty && i < 2; ++i) {
    const std::string id = details.random().hex(10);
    details.add_row(hooks, {{"id", json::text(id)}, {"url", json::text("https://example.com/hook?a=1&b=" + id)}}, id);
  }
  details.finish(std::move(hooks));

  Collection forms = details.start("list_signup_forms", "signup-forms", "signup_forms", Paging::all);
  if (!empty) {
    details.add_row(forms, {{"signup_form_url", json::text("https://example.com/subscribe?u=" + details.random().hex(8))}});
    forms.rows[0].json = with_value(forms.rows[0].json, "header.image_url", picture);
    forms.rows[0].json = with_value(forms.rows[0].json, "contents", R"([{"section":"signup_message","value":)" + message + "}]");
  }
  details.finish(std::move(forms));

  Collection surveys = details.start("list_surveys", "surveys", "surveys", Paging::all);
  surveys.has_total = false;
  for (int i = 0; !empty && i < 2; ++i) details.add_row(surveys, {});
  details.finish(std::move(surveys));
}

}  // namespace

void make_list_details(Maker& maker, const ListPlan& list) {
  Details details(maker, list);
  const bool empty = list.people.empty();
  add_merge_fields(details);
  add_interests(details, list);
  add_series(details);
  add_abuse_reports(details, list);
  add_clients_and_places(details, empty);
  // The first audience's form has two pictures; the others name none.
  std::string picture = "\"\"";
  std::string message = json::text("<p>Tell me more!</p>");
  if (&list == &maker.lists.front()) {
    picture = maker.add_picture("sign-up form " + list.id);
    const std::string shown = maker.add_picture("message of sign-up form " + list.id);
    message = json::text("<p>Tell me more!</p><img src='" + shown.substr(1, shown.size() - 2) + "'>");
  }
  add_hooks_and_forms(details, empty, picture, message);
}

}  // namespace mailchimp_sim
