// Members of an audience: every status, more than 50 tags, mixed types, ids beyond 2^53, fields that only some have.
#include <fmt/format.h>

#include <array>

#include "base/text.hpp"
#include "simulator/make.hpp"
#include "simulator/shape.hpp"
#include "simulator/words.hpp"

namespace mailchimp_sim {

namespace {

/// The statuses of a list whose count is `count`. The second list of scale 1 has 1,200 contacts of which 200 are archived,
/// so that the listing without them holds exactly 1,000.
std::string status_at(i64 index, i64 count, Random& random) {
  if (index >= count - count / 6) return "archived";
  static constexpr std::array<std::string_view, 4> kRare = {"unsubscribed", "cleaned", "pending", "transactional"};
  return std::string(random.chance(0.8) ? "subscribed" : random.pick(std::span<const std::string_view>(kRare)));
}

std::string merge_fields(Random& random) {
  // ADDRESS is "" where there is none, else an object: one key, two types. (Seen by others with real accounts.)
  const auto street = [&random] {
    const std::string name = words::word(random);
    return fmt::format("{} {} St", random.between(1, 99), name);
  };
  const std::string address = random.chance(0.6) ? "\"\""
                                                 : json::object({{"addr1", json::text(street())},
                                                                 {"addr2", "\"\""},
                                                                 {"city", json::text("São Paulo")},
                                                                 {"state", "\"\""},
                                                                 {"zip", json::text(std::to_string(random.between(10'000, 99'999)))},
                                                                 {"country", json::text("BR")}});
  return json::object({{"FNAME", json::text(words::first_name(random))},
                       {"LNAME", json::text(words::last_name(random))},
                       {"ADDRESS", address},
                       {"POINTS", random.chance(0.5) ? json::number(random.below(5'000)) : "\"\""}});
}

std::vector<std::pair<i64, std::string>> make_tags(i64 count, Random& random) {
  std::vector<std::pair<i64, std::string>> tags;
  const i64 first = random.between(1, 40);
  for (i64 i = first; i < first + count; ++i) tags.emplace_back(3'000 + i, fmt::format("tag {} {}", i, i % 9 == 8 ? "🏷" : ""));
  return tags;
}

/// A member's record holds 50 tags at most; tags_count tells how many there are.
std::string tags_json(const Person& person) {
  std::vector<std::string> items;
  for (const auto& [id, name] : person.tags)
    if (items.size() < 50) items.push_back(json::object({{"id", json::number(id)}, {"name", json::text(name)}}));
  return json::array(items);
}

/// Values that no documentation announces, each on a few records only.
void add_odd_values(i64 index, Given& given) {
  const auto replace = [&](std::string_view name, std::string value) {
    for (auto& [key, text] : given) {
      if (key != name) continue;
      text = std::move(value);
      return;
    }
    given.emplace_back(name, std::move(value));
  };
  switch (index % 97) {
    case 3:
      replace("member_rating", "\"4\"");
      break;  // an integer as text
    case 5:
      replace("email_client", "12345");
      break;  // a text as number
    case 7:
      replace("timestamp_signup", "\"0000-00-00 00:00:00\"");
      break;  // a date that is none
    case 11:
      replace("web_id", "9223372036854775807");
      break;
    case 13:
      replace("web_id", "9007199254740993");
      break;
    case 17:
      replace("sms_program_2026", R"({"enrolled":true,"since":"2026-01-05"})");
      break;
    case 19:
      replace("legacy_ref", "\"00042\"");
      break;
    case 23:
      replace("full_name", json::text("Robert'); DROP TABLE members;-- \t\n\"\\"));
      break;
    case 29:
      replace("vip", "null");
      break;
    case 31:
      replace("language", "\"\"");
      break;
    default:
      break;
  }
}

}  // namespace

void make_members(Maker& maker, ListPlan& list, i64 count) {
  Random random = maker.random("members of " + list.id);
  Collection members{.table = "list_members",
                     .path = "/lists/" + list.id + "/members",
                     .items_key = "members",
                     .parents = {{"list_id", json::text(list.id)}}};
  members.also = ",\"list_id\":" + json::text(list.id);
  members.sort_names = {"timestamp_opt", "timestamp_signup", "last_changed"};
  members.hidden_statuses = {"archived"};
  members.rows.reserve(static_cast<std::size_t>(count));
  list.people.reserve(static_cast<std::size_t>(count));
  const Shape& shape = shape_of("list_members");
  for (i64 i = 0; i < count; ++i) {
    Person person;
    const std::string first = words::first_name(random);
    const std::string last = words::last_name(random);
    const std::string domain = words::domain(random);
    person.email = fmt::format("{}{}.{}@{}", i % 50 == 9 ? "Größe+" : "user", i, random.hex(6), domain);
    person.id = md5_hex(chimplift::to_lower(person.email));
    person.full_name = random.chance(0.2) ? "" : first + ' ' + last;
    person.merge_fields = merge_fields(random);
    person.status = status_at(i, count, random);
    person.vip = random.chance(0.03);
    const i64 joined = random.between(list.created, kNow - 86'400 * 30);
    const i64 changed = random.between(joined, kNow);
    const bool confirmed = random.chance(0.7);
    person.tags = make_tags(i % 211 == 17 ? 60 : (random.chance(0.3) ? random.between(1, 5) : 0), random);
    Given given = {
        {"tags", tags_json(person)},
        {"id", json::text(person.id)},
        {"email_address", json::text(person.email)},
        {"unique_email_id", json::text(random.hex(10))},
        {"contact_id", json::text(random.hex(32))},
        {"full_name", json::text(person.full_name)},
        {"web_id", json::number(400'000'000 + i)},
        {"email_type", json::text(random.chance(0.9) ? "html" : "text")},
        {"status", json::text(person.status)},
        {"unsubscribe_reason", person.status == "unsubscribed" ? json::text("N/A (Unsubscribed by an admin)") : ""},
        {"sms_phone_number", "\"\""},
        {"sms_subscription_status", "\"\""},
        {"sms_subscription_last_updated", "\"\""},
        {"merge_fields", person.merge_fields},
        {"interests",
         json::object({{list.id.substr(0, 5) + "int01", json::boolean(random.chance(0.5))}, {list.id.substr(0, 5) + "int02", "false"}})},
        {"stats", json::object({{"avg_open_rate", json::real(random.unit())}, {"avg_click_rate", json::real(random.unit() / 3)}})},
        {"ip_signup", confirmed ? json::text(words::ip(random)) : "\"\""},
        {"timestamp_signup", confirmed ? json::date(joined) : "\"\""},
        {"ip_opt", json::text(words::ip(random))},
        {"timestamp_opt", json::date(joined + 60)},
        {"member_rating", json::number(random.between(1, 5))},
        {"last_changed", json::date(changed)},
        {"vip", json::boolean(person.vip)},
        {"email_client", json::text(random.chance(0.5) ? "Gmail" : "")},
        {"location", json::object({{"latitude", json::real(random.unit() * 180 - 90)},
                                   {"longitude", json::real(random.unit() * 360 - 180)},
                                   {"gmtoff", json::number(random.between(-11, 12))},
                                   {"dstoff", "0"},
                                   {"country_code", "\"DE\""},
                                   {"timezone", "\"Europe/Berlin\""},
                                   {"region", "\"\""}})},
        {"marketing_permissions", random.chance(0.1) ? R"([{"marketing_permission_id":"0a1b2c3d4e","text":"E-Mail","enabled":true}])" : ""},
        {"last_note", random.chance(0.05) ? json::object({{"note_id", json::number(random.below(1'000'000))},
                                                          {"created_at", json::date(changed)},
                                                          {"created_by", json::text(first)},
                                                          {"note", json::text(words::phrase(random, 6))}})
                                          : ""},
        {"source", json::text(random.chance(0.5) ? "Import" : "Hosted Signup Form")},
        {"tags_count", json::number(static_cast<i64>(person.tags.size()))},
        {"list_id", json::text(list.id)},
    };
    if (maker.options.extra_odd) add_odd_values(i, given);
    Row row;
    row.json = make_record(shape, given, random);
    row.id = person.id;
    row.status = person.status;
    row.sort_keys = {json::plain_date(joined + 60), confirmed ? json::plain_date(joined) : "", json::plain_date(changed)};
    members.rows.push_back(std::move(row));
    list.people.push_back(std::move(person));
  }
  maker.account.add(std::move(members));
}

}  // namespace mailchimp_sim
