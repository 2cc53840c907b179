#include "rows/table.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace chimplift {
namespace {

constexpr std::array<std::pair<ColumnType, std::string_view>, 6> kNames{{
    {ColumnType::text, "text"},
    {ColumnType::integer, "integer"},
    {ColumnType::number, "number"},
    {ColumnType::boolean, "boolean"},
    {ColumnType::timestamp, "timestamp"},
    {ColumnType::json, "json"},
}};

}  // namespace

std::string_view name_of(ColumnType type) {
  return std::ranges::find(kNames, type, [](const auto& each) { return each.first; })->second;
}

std::optional<ColumnType> column_type(std::string_view name) {
  const auto found = std::ranges::find(kNames, name, [](const auto& each) { return each.second; });
  if (found == kNames.end()) return std::nullopt;
  return found->first;
}

i64 Table::find(std::string_view column) const {
  const auto found = std::ranges::find(columns, column, &Column::name);
  return found == columns.end() ? -1 : found - columns.begin();
}

}  // namespace chimplift
