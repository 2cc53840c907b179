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

void extend_compared(const Table& table, std::vector<Column>& compared) {
  for (const Column& column : compared_columns(table)) {
    if (std::ranges::find(compared, column) == compared.end()) compared.push_back(column);
  }
}

std::vector<Row> project(const Table& table, std::span<const Row> rows, std::span<const Column> columns) {
  std::vector<Row> projected(rows.size(), Row(columns.size()));
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const i64 at = table.find(columns[i].name);
    for (std::size_t row = 0; row < rows.size(); ++row) {
      if (at >= 0 && at < static_cast<i64>(rows[row].size())) projected[row][i] = rows[row][static_cast<std::size_t>(at)];
    }
  }
  return projected;
}

const Column* find_column(std::span<const Column> columns, std::string_view name) {
  const auto found = std::ranges::find_if(columns, [&](const Column& column) { return to_lower(column.name) == to_lower(name); });
  return found == columns.end() ? nullptr : &*found;
}

bool KnownColumns::complete(Table& table) const {
  for (const std::string& column : table.key) {
    if (table.find(column) < 0) table.columns.push_back({column, ColumnType::text});
  }
  const auto known = known_.find(table.name);
  if (known == known_.end()) return false;
  for (const Column& there : known->second) {
    const Column* declared = find_column(table.columns, there.name);
    if (declared == nullptr) {
      table.columns.push_back(there);
    } else {
      table.columns[static_cast<std::size_t>(declared - table.columns.data())].type = there.type;
    }
  }
  return true;
}

Result<std::vector<Column>> KnownColumns::accept(const Table& table) {
  const auto known = known_.find(table.name);
  if (known == known_.end()) return fail(ErrorKind::internal, "prepare() was not told of the table " + table.name);
  std::vector<Column>& accepted = accepted_[table.name];
  std::vector<Column> lacking;
  if (accepted == table.columns) return lacking;
  for (const Column& column : table.columns) {
    const Column* there = find_column(known->second, column.name);
    if (there == nullptr) {
      lacking.push_back(column);
    } else if (there->type != column.type) {
      return fail(ErrorKind::internal, "two copies of the table " + table.name + " have grown apart in column " + column.name);
    }
  }
  const std::size_t shared = std::min(accepted.size(), table.columns.size());
  if (!std::ranges::equal(std::span(accepted).first(shared), std::span(table.columns).first(shared))) {
    return fail(ErrorKind::internal, "two copies of the table " + table.name + " have grown apart");
  }
  known->second.insert(known->second.end(), lacking.begin(), lacking.end());
  if (table.columns.size() > accepted.size()) accepted = table.columns;
  return lacking;
}

std::vector<std::string> KnownColumns::known_key(const Table& table) const {
  std::vector<std::string> key = key_columns(table);
  const auto known = known_.find(table.name);
  std::erase_if(key, [&](const std::string& column) { return known == known_.end() || find_column(known->second, column) == nullptr; });
  return key;
}

}  // namespace chimplift
