// Segments of an audience and their members. Without the include_… flags the cleaned, transactional and unsubscribed are left out,
// of the members as of member_count.
#include <fmt/format.h>

#include "simulator/make.hpp"
#include "simulator/shape.hpp"
#include "simulator/words.hpp"

namespace mailchimp_sim {

namespace {

bool is_hidden_in_segments(const Person& person) {
  return person.status == "cleaned" || person.status == "transactional" || person.status == "unsubscribed";
}

Row member_row(const ListPlan& list, const Person& person, Random& random) {
  Row row;
  row.id = person.id;
  row.status = person.status;
  row.json = make_record("segment_members",
                         {{"id", json::text(person.id)},
                          {"email_address", json::text(person.email)},
                          {"full_name", json::text(person.full_name)},
                          {"email_type", "\"html\""},
                          {"status", json::text(person.status)},
                          {"merge_fields", person.merge_fields},
                          {"interests", "{}"},
                          {"stats", json::object({{"avg_open_rate", json::real(random.unit())}, {"avg_click_rate", "0"}})},
                          {"location", json::object({{"latitude", "0"}, {"longitude", "0"}, {"country_code", "\"\""}})},
                          {"last_note", random.chance(0.05) ? R"({"note_id":7,"note":"hello"})" : ""},
                          {"vip", json::boolean(person.vip)},
                          {"list_id", json::text(list.id)}},
                         random);
  return row;
}

}  // namespace

void make_segments(Maker& maker, ListPlan& list) {
  Random random = maker.random("segments of " + list.id);
  Collection segments{.table = "list_segments",
                      .path = "/lists/" + list.id + "/segments",
                      .items_key = "segments",
                      .parents = {{"list_id", json::text(list.id)}}};
  segments.also = ",\"list_id\":" + json::text(list.id);
  segments.full_when = {"include_cleaned", "include_transactional", "include_unsubscribed"};
  Collection tags{.table = "list_tags",
                  .path = "/lists/" + list.id + "/tag-search",
                  .items_key = "tags",
                  .parents = {{"list_id", json::text(list.id)}}};
  const i64 count = list.people.empty() ? 0 : 6;
  for (i64 i = 0; i < count; ++i) {
    // The third segment is empty; the fifth holds none but people that are hidden without the flags.
    const double share = i == 2 ? 0.0 : (i == 0 ? 0.4 : 0.05);
    const i64 id = 700'000 + static_cast<i64>(random.below(90'000)) * 10 + i;
    const std::string id_text = std::to_string(id);
    Collection members{.table = "segment_members",
                       .path = fmt::format("{}/{}/members", segments.path, id),
                       .items_key = "members",
                       .parents = {{"list_id", json::text(list.id)}, {"segment_id", id_text}}};
    members.hidden_statuses = {"cleaned", "transactional", "unsubscribed"};
    members.include_flags = true;
    i64 visible = 0;
    for (const Person& person : list.people) {
      if (person.status == "archived" || !random.chance(share)) continue;
      if (i == 4 && !is_hidden_in_segments(person)) continue;
      visible += is_hidden_in_segments(person) ? 0 : 1;
      members.rows.push_back(member_row(list, person, random));
    }
    Row row;
    row.id = id_text;
    row.type = i % 3 == 0 ? "static" : (i % 3 == 1 ? "saved" : "fuzzy");
    const std::string name = words::phrase(random, 2) + (i == 1 ? " ../.." : "");
    const auto render = [&](i64 member_count) {
      return json::object({{"id", id_text},
                           {"name", json::text(name)},
                           {"member_count", json::number(member_count)},
                           {"type", json::text(row.type)},
                           {"created_at", json::date(1'650'000'000 + id)},
                           {"updated_at", json::date(1'700'000'000 + id)},
                           {"options", row.type == "static" ? R"({"match":"any","conditions":[]})"
                                                            : R"({"match":"all","conditions":[{"condition_type":"EmailAddress",)"
                                                              R"("field":"EMAIL","op":"contains","value":"@"}]})"},
                           {"list_id", json::text(list.id)}});
    };
    row.json = render(static_cast<i64>(members.rows.size()));
    row.json_without_full = render(visible);
    if (row.type == "static") {
      Row tag;
      tag.id = id_text;
      tag.json = json::object({{"id", id_text}, {"name", json::text(name)}});
      tags.rows.push_back(std::move(tag));
    }
    segments.rows.push_back(std::move(row));
    maker.account.add(std::move(members));
  }
  maker.account.add(std::move(segments));
  maker.account.add(std::move(tags));
}

}  // namespace mailchimp_sim
