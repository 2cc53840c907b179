#include "rows/column_index.hpp"

#include <algorithm>

#include "base/hash.hpp"
#include "base/text.hpp"

namespace chimplift {
namespace {

constexpr std::size_t kLongestName = 200;  // Snowflake allows 255

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

/// True for "…__2": two underscores and digits alone behind them.
bool ends_in_number(std::string_view name) {
  const std::size_t last = name.find_last_not_of("0123456789");
  return last != std::string_view::npos && last + 1 < name.size() && name.substr(0, last + 1).ends_with("__");
}

std::string safe_name(std::string_view field) {
  std::string name(field.substr(0, kLongestName));
  while (!is_utf8(name)) name.pop_back();
  std::ranges::replace_if(name, is_control, '_');
  return name + "__" + sha256_hex(field).substr(0, 8) + "__api";
}

}  // namespace

ColumnIndex::ColumnIndex(Table& table) : table_(table) {
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    exact_.try_emplace(table.columns[i].name, static_cast<i64>(i));
    lower_.insert(to_lower(table.columns[i].name));
  }
}

i64 ColumnIndex::find_or_add(const std::string& name, ColumnType type) {
  std::string candidate = name;
  for (int number = 2;; ++number) {
    if (const auto found = exact_.find(candidate); found != exact_.end()) return found->second;
    if (lower_.insert(to_lower(candidate)).second) break;
    candidate = name + "__" + std::to_string(number);
  }
  const auto index = static_cast<i64>(table_.columns.size());
  table_.columns.push_back({candidate, type});
  exact_.emplace(std::move(candidate), index);
  return index;
}

std::string column_name_for(std::string_view field) {
  if (field.empty()) return "_";
  if (field.size() > kLongestName || std::ranges::any_of(field, is_control)) return safe_name(field);
  if (field.ends_with("__text") || field.ends_with("__api") || ends_in_number(field)) return std::string(field) + "__api";
  return std::string(field);
}

}  // namespace chimplift
