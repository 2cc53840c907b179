#include "warehouse/columns.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace chimplift {

std::string quote(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::vector<std::string> key_columns(const Table& table) {
  std::vector<std::string> columns;
  for (const std::string& column : table.key) {
    columns.push_back(column);
    if (table.find(column + "__text") >= 0) columns.push_back(column + "__text");
  }
  return columns;
}

std::vector<Column> compared_columns(const Table& table) {
  std::vector<std::string> names = key_columns(table);
  for (const std::string& parent : table.parents) {
    for (const std::string& name : {parent, parent + "__text"}) {
      if (table.find(name) >= 0 && std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
  }
  std::vector<Column> columns;
  for (const std::string& name : names) columns.push_back(table.columns[static_cast<std::size_t>(table.find(name))]);
  return columns;
}

const Column* find_column(std::span<const Column> columns, std::string_view name) {
  const auto found = std::ranges::find_if(columns, [&](const Column& column) { return to_lower(column.name) == to_lower(name); });
  return found == columns.end() ? nullptr : &*found;
}

void add_key_columns(Table& table) {
  for (const std::string& column : table.key) {
    if (table.find(column) < 0) table.columns.push_back({column, ColumnType::text});
  }
}

void take_over(std::span<const Column> there, Table& table) {
  for (const Column& column : there) {
    const auto declared = std::ranges::find_if(table.columns, [&](const Column& c) { return to_lower(c.name) == to_lower(column.name); });
    if (declared != table.columns.end()) {
      declared->type = column.type;
    } else {
      table.columns.push_back(column);
    }
  }
}

}  // namespace chimplift
