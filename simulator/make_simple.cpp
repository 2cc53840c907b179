// See make_simple.hpp.
#include "simulator/make_simple.hpp"

namespace mailchimp_sim {

namespace {

bool has_field(std::string_view table, std::string_view name) {
  for (const auto& [field, shape] : shape_of(table).fields)
    if (field == name) return true;
  return false;
}

}  // namespace

std::vector<std::string> SimpleMaker::rows(const SimpleRows& wanted) {
  Collection collection{.table = wanted.table, .path = wanted.path, .items_key = wanted.items, .parents = wanted.parents};
  collection.paging = wanted.paging;
  collection.has_total = wanted.has_total;
  // The parents' ids stand in the response, and in the records where these have such a field.
  Given common = wanted.given;
  for (const auto& [name, value] : wanted.parents) {
    collection.also += ',' + json::text(name) + ':' + value;
    if (has_field(wanted.table, name)) common.emplace_back(name, value);
  }
  const bool has_id = has_field(wanted.table, wanted.id);
  std::vector<std::string> ids = wanted.ids;
  const i64 count = ids.empty() ? wanted.count : static_cast<i64>(ids.size());
  for (i64 i = 0; i < count; ++i) {
    if (wanted.ids.empty()) ids.push_back(wanted.numeric ? std::to_string(random_.between(10'000, 99'999) * 100 + i) : random_.hex(10));
    const std::string& id = ids[static_cast<std::size_t>(i)];
    Given given = common;
    if (has_id) given.emplace_back(wanted.id, wanted.numeric ? id : json::text(id));
    Row row;
    row.json = make_record(wanted.table, given, random_);
    if (!wanted.set.empty()) {
      for (const auto& [field, value] : wanted.set[static_cast<std::size_t>(i) % wanted.set.size()]) {
        row.json = with_value(row.json, field, value);
        if (field == wanted.id && !wanted.numeric) ids[static_cast<std::size_t>(i)] = value.substr(1, value.size() - 2);
      }
    }
    if (has_id) row.id = id;
    collection.rows.push_back(std::move(row));
  }
  maker_.account.add(std::move(collection));
  return ids;
}

void SimpleMaker::single(const std::string& table, const std::string& path, const Parents& parents, const Given& given) {
  maker_.account.add(Single{table, path, parents, make_record(table, given, random_)});
}

}  // namespace mailchimp_sim
