#include "warehouse/duckdb_sql.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"

namespace chimplift::duck {
namespace {

constexpr std::array<std::pair<ColumnType, std::string_view>, 6> kTypes{{
    {ColumnType::text, "VARCHAR"},
    {ColumnType::integer, "BIGINT"},
    {ColumnType::number, "DOUBLE"},
    {ColumnType::boolean, "BOOLEAN"},
    {ColumnType::timestamp, "TIMESTAMP WITH TIME ZONE"},
    {ColumnType::json, "JSON"},
}};

std::string definitions(std::span<const Column> columns) {
  std::vector<std::string> parts;
  for (const Column& column : columns) parts.push_back(quote(column.name) + " " + std::string(sql_type(column.type)));
  return join(parts, ", ");
}

bool contains(std::span<const std::string> names, const std::string& name) { return std::ranges::find(names, name) != names.end(); }

}  // namespace

std::string target_name(std::string_view table) { return "mailchimp." + quote(table); }

std::string quoted_list(std::span<const std::string> names, std::string_view prefix) {
  std::vector<std::string> parts;
  for (const std::string& name : names) parts.push_back(std::string(prefix) + quote(name));
  return join(parts, ", ");
}

std::string_view sql_type(ColumnType type) {
  return std::ranges::find(kTypes, type, [](const auto& each) { return each.first; })->second;
}

ColumnType type_of(std::string_view sql_type) {
  const auto found = std::ranges::find(kTypes, sql_type, [](const auto& each) { return each.second; });
  return found == kTypes.end() ? ColumnType::text : found->first;
}

namespace {

/// Of equal keys the row that was appended last.
std::string newest_rows(const std::string& stage, std::span<const std::string> key) {
  const std::string sequence = quote(kSequence);
  const std::string from = " FROM temp." + quote(stage);
  return "(SELECT *" + from + " WHERE " + sequence + " IN (SELECT max(" + sequence + ")" + from + " GROUP BY " + quoted_list(key) + "))";
}

}  // namespace

std::string create_table(const std::string& name, const Table& table) {
  return "CREATE TABLE IF NOT EXISTS " + name + " (" + definitions(table.columns) + ")";
}

std::string create_stage(const std::string& name, std::span<const Column> columns) {
  return "CREATE OR REPLACE TEMP TABLE " + quote(name) + " (" + quote(kSequence) + " BIGINT, " + definitions(columns) + ")";
}

std::string add_column(const std::string& table_name, const Column& column) {
  return "ALTER TABLE " + table_name + " ADD COLUMN IF NOT EXISTS " + quote(column.name) + " " + std::string(sql_type(column.type));
}

std::string same_key(std::string_view a, std::string_view b, std::span<const std::string> columns) {
  std::vector<std::string> parts;
  for (const std::string& column : columns) {
    parts.push_back(std::string(a) + "." + quote(column) + " IS NOT DISTINCT FROM " + std::string(b) + "." + quote(column));
  }
  return join(parts, " AND ");
}

std::string count_changes(const std::string& stage, const Table& table) {
  const std::vector<std::string> key = key_columns(table);
  std::vector<std::string> differs = {"false"};
  for (const Column& column : table.columns) {
    // Columns of ours are filled in by a step of its own, after the rows.
    if (contains(key, column.name) || column.name == "synced_at" || contains(table.own, column.name)) continue;
    differs.push_back("s." + quote(column.name) + " IS DISTINCT FROM t." + quote(column.name));
  }
  return "SELECT s.account_name, CAST(count(*) FILTER (t.account_name IS NULL) AS VARCHAR), CAST(count(*) FILTER (t.account_name IS NOT "
         "NULL AND (" +
         join(differs, " OR ") + ")) AS VARCHAR) FROM " + newest_rows(stage, key) + " s LEFT JOIN " + target_name(table.name) + " t ON " +
         same_key("t", "s", key) + " GROUP BY s.account_name";
}

std::string merge(const std::string& stage, const Table& table) {
  const std::vector<std::string> key = key_columns(table);
  std::vector<std::string> all;
  std::vector<std::string> updates;
  for (const Column& column : table.columns) {
    all.push_back(column.name);
    if (!contains(key, column.name)) updates.push_back(quote(column.name) + " = s." + quote(column.name));
  }
  return "MERGE INTO " + target_name(table.name) + " t USING " + newest_rows(stage, key) + " s ON " + same_key("t", "s", key) +
         (updates.empty() ? "" : " WHEN MATCHED THEN UPDATE SET " + join(updates, ", ")) + " WHEN NOT MATCHED THEN INSERT (" +
         quoted_list(all) + ") VALUES (" + quoted_list(all, "s.") + ")";
}

std::string insert(const std::string& stage, const Table& table) {
  std::vector<std::string> all;
  for (const Column& column : table.columns) all.push_back(column.name);
  const std::string columns = quoted_list(all);
  return "INSERT INTO " + target_name(table.name) + " (" + columns + ") SELECT " + columns + " FROM " +
         newest_rows(stage, key_columns(table));
}

std::string compare(const std::string& stage, const Table& table, std::span<const std::string> in_target) {
  const std::vector<std::string> key = key_columns(table);
  std::vector<std::string> parents;
  for (const std::string& parent : table.parents) {
    const std::string sibling = parent + "__text";
    const std::string text = "CAST(" + quote(parent) + " AS VARCHAR)";
    parents.push_back("coalesce(" + text + ", " + (table.find(sibling) >= 0 ? quote(sibling) + ", " : "") + "'') AS parent_" +
                      std::to_string(parents.size()));
  }
  std::vector<std::string> loaded;
  for (const std::string& column : key) {
    const std::string_view type = sql_type(table.columns[static_cast<std::size_t>(table.find(column))].type);
    loaded.push_back(contains(in_target, column) ? quote(column) : "CAST(NULL AS " + std::string(type) + ") AS " + quote(column));
  }
  std::vector<std::string> groups;
  for (std::size_t i = 0; i < parents.size(); ++i) groups.push_back("parent_" + std::to_string(i));
  const std::string from = "temp." + quote(stage);
  std::vector<std::string> archived = parents;
  archived.push_back(quoted_list(key));
  std::vector<std::string> selected = groups;
  selected.emplace_back("CAST(count(*) AS VARCHAR)");
  selected.emplace_back("CAST(count(l.is_loaded) AS VARCHAR)");
  const std::string grouping =
      groups.empty() ? " HAVING count(*) > 0" : " GROUP BY " + join(groups, ", ") + " ORDER BY " + join(groups, ", ");
  return "WITH a AS (SELECT DISTINCT " + join(archived, ", ") + " FROM " + from + "), l AS (SELECT DISTINCT " + join(loaded, ", ") +
         ", true AS is_loaded FROM " + target_name(table.name) + " WHERE account_name IN (SELECT account_name FROM " + from + ")) SELECT " +
         join(selected, ", ") + " FROM a LEFT JOIN l ON " + same_key("a", "l", key) + grouping;
}

}  // namespace chimplift::duck
