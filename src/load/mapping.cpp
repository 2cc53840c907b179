#include "load/mapping.hpp"

#include <map>
#include <string_view>

#include "base/hash.hpp"
#include "mailchimp/catalogue.hpp"

namespace chimplift {
namespace {

// To be raised where src/rows makes other rows of the same page than before; tests/archive/fixtures/*.tables.json are then others, too.
constexpr std::string_view kMapping = "1";

std::string computed(const Stream& stream) {
  const Table table = table_of(stream);
  std::string text(kMapping);
  const auto add = [&text](std::string_view part) { text.append(1, '\n').append(part); };
  for (const std::string_view part : {stream.items, stream.embedded, stream.parent_field, stream.explode}) add(part);
  for (const Column& column : table.columns) add(column.name + ":" + std::string(name_of(column.type)));
  for (const auto* names : {&table.parents, &table.key, &table.own}) {
    add("");
    for (const std::string& name : *names) add(name);
  }
  return sha256_hex(text).substr(0, 16);
}

}  // namespace

const std::string& mapping_of(const Stream& stream) {
  static const std::map<std::string_view, std::string> kMappings = [] {
    std::map<std::string_view, std::string> all;
    for (const Stream& each : catalogue()) all.emplace(each.table, computed(each));
    return all;
  }();
  return kMappings.at(stream.table);
}

}  // namespace chimplift
