// Audiences: three of them, the last one empty, and the listing with the numbers that members and details must agree with.
#include <fmt/format.h>

#include <algorithm>

#include "simulator/make.hpp"
#include "simulator/shape.hpp"
#include "simulator/words.hpp"

namespace mailchimp_sim {

namespace {

i64 count_status(const ListPlan& list, std::string_view status) {
  return std::count_if(list.people.begin(), list.people.end(), [&](const Person& person) { return person.status == status; });
}

/// Campaigns go to the first two lists in turn.
i64 campaigns_to(const Maker& maker, std::size_t at) { return at > 1 ? 0 : (maker.campaign_count() + 1 - static_cast<i64>(at)) / 2; }

Row list_row(Maker& maker, const ListPlan& list, std::size_t at) {
  const i64 members = count_status(list, "subscribed");
  const auto with_total = [&](bool total) {
    // The same random values in both forms: only total_contacts comes and goes.
    Random same(maker.seed, "list " + list.id);
    return make_record("lists",
                       {{"id", json::text(list.id)},
                        {"web_id", json::number(9'007'199'254'740'993 + static_cast<i64>(at))},  // 2^53 + 1: a double cannot hold it
                        {"name", json::text(list.name)},
                        {"date_created", json::date(list.created)},
                        {"list_rating", at == 2 ? "0" : "4"},
                        {"modules", "[]"},
                        {"stats.member_count", json::number(members)},
                        {"stats.total_contacts", total ? json::number(static_cast<i64>(list.people.size())) : ""},
                        {"stats.unsubscribe_count", json::number(count_status(list, "unsubscribed"))},
                        {"stats.cleaned_count", json::number(count_status(list, "cleaned"))},
                        {"stats.campaign_count", json::number(campaigns_to(maker, at))},
                        {"stats.campaign_last_sent", at == 2 ? "\"\"" : json::date(kNow - 86'400)},
                        {"stats.last_sub_date", at == 2 ? "\"\"" : json::date(kNow - 3'600)},
                        {"stats.last_unsub_date", at == 2 ? "\"\"" : json::date(kNow - 7'200)},
                        {"stats.merge_field_count", "4"},
                        {"beta_segmentation_score", at == 1 && maker.options.extra_odd ? "0.75" : ""}},
                       same);
  };
  Row row;
  row.json = with_total(true);
  row.json_without_full = with_total(false);
  row.id = list.id;
  row.sort_keys = {json::plain_date(list.created)};
  return row;
}

}  // namespace

void make_lists(Maker& maker) {
  Random random = maker.random("lists");
  maker.lists = {{random.hex(10), "Newsletter – alle Kund*innen 💌", 1'500'000'000},
                 {random.hex(10), "VIP / \"Gold\" members", 1'580'000'000},
                 {random.hex(10), "Empty audience", 1'700'000'000}};
  // The second list has just a full last page of 1,000 at scale 1: a client that stops on a short page must ask once more.
  make_members(maker, maker.lists[0], maker.scaled(1'850));
  make_members(maker, maker.lists[1], maker.scaled(1'200));
  make_members(maker, maker.lists[2], 0);

  Collection lists{.table = "lists", .path = "/lists", .items_key = "lists"};
  lists.sort_names = {"date_created"};
  lists.full_when = {"include_total_contacts"};
  lists.also = R"(,"constraints":{"may_create":true,"max_instances":5,"current_total_instances":3})";
  for (std::size_t i = 0; i < maker.lists.size(); ++i) lists.rows.push_back(list_row(maker, maker.lists[i], i));
  maker.account.add(std::move(lists));
  for (ListPlan& list : maker.lists) {
    make_segments(maker, list);
    make_list_details(maker, list);
  }
}

}  // namespace mailchimp_sim
