// What hangs on single members. Most members have nothing: their listings are empty without being stored.
#include <array>

#include "simulator/json_text.hpp"
#include "simulator/make.hpp"
#include "simulator/make_simple.hpp"

namespace mailchimp_sim {

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
                   .count = 12,
                   .has_total = false});
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
