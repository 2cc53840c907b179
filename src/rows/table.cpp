#include "rows/table.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <string>
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

std::string bytes_of(const Value& value) {
  const std::string tag = std::to_string(value.index()) + ":";
  if (const auto* text = std::get_if<std::string>(&value)) return tag + *text;
  if (const auto* json = std::get_if<Json>(&value)) return tag + json->text;
  if (const auto* flag = std::get_if<bool>(&value)) return tag + (*flag ? "1" : "0");
  if (const auto* number = std::get_if<i64>(&value)) return tag + std::to_string(*number);
  if (const auto* time = std::get_if<Timestamp>(&value)) return tag + std::to_string(time->micros);
  if (const auto* real = std::get_if<double>(&value)) {
    const double number = *real == 0 ? 0 : *real;  // -0.0 equals 0.0
    return tag + std::string(reinterpret_cast<const char*>(&number), sizeof number);
  }
  return tag;
}

u64 key_digest(const Table& table, const Row& row) {
  std::string key;
  for (const std::string& column : table.key) {
    const i64 at = table.find(column);
    const std::string bytes = at < 0 || at >= static_cast<i64>(row.size()) ? "" : bytes_of(row[static_cast<std::size_t>(at)]);
    key += std::to_string(bytes.size()) + ':' + bytes;
  }
  return std::hash<std::string>()(key);
}

}  // namespace chimplift
