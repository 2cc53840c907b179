#include "warehouse/snowflake_sql.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"

namespace chimplift::snowflake {
namespace {

struct Type {
  ColumnType type;
  std::string_view sql;
  std::string_view listed;  // DATA_TYPE in the information schema
};

constexpr std::array<Type, 6> kTypes{{
    {ColumnType::text, "VARCHAR", "TEXT"},
    {ColumnType::integer, "NUMBER(38,0)", "NUMBER"},
    {ColumnType::number, "FLOAT", "FLOAT"},
    {ColumnType::boolean, "BOOLEAN", "BOOLEAN"},
    {ColumnType::timestamp, "TIMESTAMP_TZ(9)", "TIMESTAMP_TZ"},
    {ColumnType::json, "VARIANT", "VARIANT"},
}};

constexpr std::string_view kComment = "chimplift: ";

bool contains(std::span<const std::string> names, const std::string& name) { return std::ranges::find(names, name) != names.end(); }

/// The place of a record's column, cast; a VARIANT stays one.
std::string value_of(std::size_t index, ColumnType type) {
  const std::string path = "\"RECORD\":\"c" + std::to_string(index) + "\"";
  return type == ColumnType::json ? path : path + "::" + std::string(sql_type(type));
}

std::string schema_name(const Place& place) { return quote(place.database) + "." + quote(place.schema); }
std::string object_name(const Place& place, std::string_view identifier) { return schema_name(place) + "." + quote(identifier); }

std::string column_name(std::string_view column) { return quote(upper(column)); }

/// A folder of a stage, as COPY reads from it. Within quotes where its name has blanks or special characters, as Snowflake asks for; plain
/// ones are as its examples have them.
std::string stage_path(const Place& place, std::string_view stage, std::string_view folder) {
  const std::string path = "@" + object_name(place, stage) + "/" + std::string(folder) + (folder.empty() ? "" : "/");
  const bool is_plain = std::ranges::all_of(folder, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == '/';
  });
  return is_plain ? path : literal(path);
}

std::string column_list(std::span<const Column> columns, std::string_view prefix = {}) {
  std::vector<std::string> parts;
  for (const Column& column : columns) parts.push_back(std::string(prefix) + column_name(column.name));
  return join(parts, ", ");
}

std::string of_batch(i64 batch) { return "\"BATCH\" = " + std::to_string(batch); }

/// EQUAL_NULL(t."X", s."X")
std::string same_in_both(std::string_view column) { return "EQUAL_NULL(t." + column_name(column) + ", s." + column_name(column) + ")"; }

/// Checkpoints that travel under a name of their own.
Table checkpoints_as(const std::string& name) {
  Table table = checkpoints_table();
  table.name = name;
  return table;
}

/// A table's columns, taken from records.
std::string values_of(const Table& table) {
  std::vector<std::string> values;
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    values.push_back(value_of(i, table.columns[i].type) + " AS " + column_name(table.columns[i].name));
  return join(values, ", ");
}

}  // namespace

const Table& checkpoints_table() {
  static const Table kTable{"chimplift_checkpoints",
                            {{"archive_id", ColumnType::text},
                             {"account_name", ColumnType::text},
                             {"table_name", ColumnType::text},
                             {"last_page", ColumnType::integer},
                             {"rows", ColumnType::integer},
                             {"misfits", ColumnType::integer},
                             {"last_page_sha256", ColumnType::text},
                             {"mapping", ColumnType::text}},
                            {},
                            {"archive_id", "account_name", "table_name"},
                            ""};
  return kTable;
}

const Table& expected_checkpoints() {
  static const Table kTable = checkpoints_as("chimplift_expected_checkpoints");
  return kTable;
}

const Table& overwritten_checkpoints() {
  static const Table kTable = checkpoints_as("chimplift_overwritten_checkpoints");
  return kTable;
}

std::string literal(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += c;
    quoted += c;
  }
  return quoted + "'";
}

std::string upper(std::string_view name) {
  std::string text(name);
  std::ranges::transform(text, text.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return text;
}

std::string table_name(const Place& place, std::string_view table) { return object_name(place, upper(table)); }

std::string_view sql_type(ColumnType type) { return std::ranges::find(kTypes, type, &Type::type)->sql; }

ColumnType type_of(std::string_view data_type) {
  const auto* const found = std::ranges::find(kTypes, data_type, &Type::listed);
  return found == kTypes.end() ? ColumnType::text : found->type;
}

std::string comment_of(std::string_view column) { return std::string(kComment) + std::string(column); }

std::string column_of(std::string_view identifier, std::string_view comment) {
  const std::string_view named = comment.starts_with(kComment) ? comment.substr(kComment.size()) : std::string_view();
  return upper(named) == identifier ? std::string(named) : to_lower(identifier);
}

std::string list_columns(const Place& place) {
  return "SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, COMMENT FROM " + quote(place.database) +
         ".INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME, ORDINAL_POSITION";
}

std::string find_schema(const Place& place) {
  return "SELECT SCHEMA_NAME FROM " + quote(place.database) + ".INFORMATION_SCHEMA.SCHEMATA WHERE SCHEMA_NAME = ?";
}

std::string create_schema(const Place& place) { return "CREATE SCHEMA IF NOT EXISTS " + schema_name(place); }

std::string create_table(const Place& place, const Table& table) {
  std::vector<std::string> columns;
  for (const Column& column : table.columns) {
    columns.push_back(column_name(column.name) + " " + std::string(sql_type(column.type)) + " COMMENT " + literal(comment_of(column.name)));
  }
  return "CREATE TABLE IF NOT EXISTS " + table_name(place, table.name) + " (" + join(columns, ", ") +
         ") COMMENT = " + literal(comment_of(table.name));
}

std::string add_column(const Place& place, std::string_view table, const Column& column) {
  return "ALTER TABLE " + table_name(place, table) + " ADD COLUMN IF NOT EXISTS " + column_name(column.name) + " " +
         std::string(sql_type(column.type));
}

std::string comment_on_column(const Place& place, std::string_view table, const Column& column) {
  return "COMMENT ON COLUMN " + table_name(place, table) + "." + column_name(column.name) + " IS " + literal(comment_of(column.name));
}

std::string create_stage_table(const Place& place, std::string_view name) {
  return "CREATE OR REPLACE TRANSIENT TABLE " + object_name(place, name) +
         " (\"BATCH\" NUMBER(38,0), \"TABLE_NAME\" VARCHAR, \"SEQUENCE\" NUMBER(38,0), \"RECORD\" VARIANT) DATA_RETENTION_TIME_IN_DAYS = 0";
}

std::string drop_table(const Place& place, std::string_view name) { return "DROP TABLE IF EXISTS " + object_name(place, name); }

std::string copy(const Place& place, std::string_view into, std::string_view stage, std::string_view folder,
                 std::span<const std::string> files) {
  std::vector<std::string> names;
  for (const std::string& file : files) names.push_back(literal(file));
  return "COPY INTO " + object_name(place, into) +
         " (\"BATCH\", \"TABLE_NAME\", \"SEQUENCE\", \"RECORD\") FROM (SELECT $1:b::NUMBER(38,0), $1:t::VARCHAR, $1:n::NUMBER(38,0), $1:r "
         "FROM " +
         stage_path(place, stage, folder) + ") FILES = (" + join(names, ", ") +
         ") FILE_FORMAT = (TYPE = JSON COMPRESSION = ZSTD) ON_ERROR = ABORT_STATEMENT";
}

std::string count_staged(const Place& place, std::string_view stage_table, i64 batch) {
  return "SELECT COUNT(*) FROM " + object_name(place, stage_table) + " WHERE " + of_batch(batch);
}

std::string void_unless_expected(const Place& place, std::string_view stage_table, i64 batch) {
  const std::string stage = object_name(place, stage_table);
  const Table& expected = expected_checkpoints();
  std::vector<std::string> same_key;
  for (const std::string& column : expected.key) same_key.push_back(same_in_both(column));
  return "DELETE FROM " + stage + " WHERE " + of_batch(batch) + " AND \"TABLE_NAME\" <> " + literal(expected.name) +
         " AND \"BATCH\" IN (SELECT s.\"BATCH\" FROM (SELECT \"BATCH\", " + values_of(expected) + " FROM " + stage + " WHERE " +
         of_batch(batch) + " AND \"TABLE_NAME\" = " + literal(expected.name) + ") AS s LEFT JOIN " +
         table_name(place, checkpoints_table().name) + " AS t ON " + join(same_key, " AND ") +
         " WHERE COALESCE(t.\"LAST_PAGE\", 0) <> s.\"LAST_PAGE\" OR COALESCE(t.\"LAST_PAGE_SHA256\", '') <> s.\"LAST_PAGE_SHA256\")";
}

std::string remove_overwritten(const Place& place, std::string_view stage_table, i64 batch) {
  const Table& overwritten = overwritten_checkpoints();
  return "MERGE INTO " + table_name(place, checkpoints_table().name) + " AS t USING (SELECT " + values_of(overwritten) + " FROM " +
         object_name(place, stage_table) + " WHERE " + of_batch(batch) + " AND \"TABLE_NAME\" = " + literal(overwritten.name) +
         ") AS s ON " + same_in_both("account_name") + " AND " + same_in_both("table_name") +
         " WHEN MATCHED AND t.\"ARCHIVE_ID\" <> s.\"ARCHIVE_ID\" THEN DELETE";
}

std::string forget(const Place& place, std::string_view stage_table, i64 batch) {
  const std::string stage = object_name(place, stage_table);
  return "DELETE FROM " + stage + " WHERE " + of_batch(batch) + " AND \"BATCH\" IN (SELECT \"BATCH\" FROM " + stage + " WHERE " +
         of_batch(batch) + " AND \"TABLE_NAME\" <> " + literal(expected_checkpoints().name) + ")";
}

std::string merge(const Place& place, std::string_view stage_table, i64 batch, const Table& table) {
  const std::vector<std::string> key = key_columns(table);
  std::vector<std::string> updates;
  for (const Column& column : table.columns) {
    if (!contains(key, column.name)) updates.push_back(column_name(column.name) + " = s." + column_name(column.name));
  }
  std::vector<std::string> same_key;
  std::vector<std::string> partition;
  for (const std::string& column : key) {
    const auto at = static_cast<std::size_t>(table.find(column));
    same_key.push_back(same_in_both(column));
    partition.push_back(value_of(at, table.columns[at].type));
  }
  // Without QUALIFY a key that came twice would be inserted twice, or end in error 100090.
  return "MERGE INTO " + table_name(place, table.name) + " AS t USING (SELECT " + values_of(table) + " FROM " +
         object_name(place, stage_table) + " WHERE " + of_batch(batch) + " AND \"TABLE_NAME\" = " + literal(table.name) +
         " QUALIFY ROW_NUMBER() OVER (PARTITION BY " + join(partition, ", ") + " ORDER BY \"SEQUENCE\" DESC) = 1) AS s ON " +
         join(same_key, " AND ") + (updates.empty() ? "" : " WHEN MATCHED THEN UPDATE SET " + join(updates, ", ")) +
         " WHEN NOT MATCHED THEN INSERT (" + column_list(table.columns) + ") VALUES (" + column_list(table.columns, "s.") + ")";
}

std::string read_checkpoints(const Place& place) {
  return "SELECT \"TABLE_NAME\", \"LAST_PAGE\", \"ROWS\", \"MISFITS\", \"LAST_PAGE_SHA256\", \"MAPPING\" FROM " +
         table_name(place, checkpoints_table().name) + " WHERE \"ARCHIVE_ID\" = ? AND \"ACCOUNT_NAME\" = ?";
}

std::string wait_for_writers(const Place& place) {
  return "MERGE INTO " + table_name(place, checkpoints_table().name) +
         " AS t USING (SELECT '' AS \"ARCHIVE_ID\") AS s ON EQUAL_NULL(t.\"ARCHIVE_ID\", s.\"ARCHIVE_ID\") WHEN MATCHED THEN UPDATE SET "
         "\"LAST_PAGE\" = t.\"LAST_PAGE\" + 1 WHEN NOT MATCHED THEN INSERT (\"ARCHIVE_ID\", \"LAST_PAGE\") VALUES (s.\"ARCHIVE_ID\", 1)";
}

std::string count_rows(const Place& place, const Table& table) {
  return "SELECT COUNT(*) FROM " + table_name(place, table.name) + " WHERE \"ACCOUNT_NAME\" = ?";
}

std::string compare(const Place& place, std::string_view stage_table, i64 batch, const Table& table, std::span<const Column> compared,
                    std::span<const std::string> in_target) {
  const auto staged = [&](const std::string& column) {
    const auto at = std::ranges::find(compared, column, &Column::name);
    return value_of(static_cast<std::size_t>(at - compared.begin()), at->type);
  };
  const std::vector<std::string> key = key_columns(table);
  std::vector<std::string> archived;
  std::vector<std::string> loaded;
  std::vector<std::string> same_key;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const std::string name = quote("K" + std::to_string(i));
    const std::string type(sql_type(table.columns[static_cast<std::size_t>(table.find(key[i]))].type));
    archived.push_back(staged(key[i]) + " AS " + name);
    loaded.push_back((contains(in_target, key[i]) ? column_name(key[i]) : "NULL::" + type) + " AS " + name);
    same_key.push_back("EQUAL_NULL(a." + name + ", l." + name + ")");
  }
  std::vector<std::string> groups;
  for (std::size_t i = 0; i < table.parents.size(); ++i) {
    const std::string& parent = table.parents[i];
    const std::string sibling = parent + "__text";
    const std::string name = quote("P" + std::to_string(i));
    archived.push_back("COALESCE(" + staged(parent) + "::VARCHAR, " + (table.find(sibling) >= 0 ? staged(sibling) + "::VARCHAR, " : "") +
                       "'') AS " + name);
    groups.push_back("a." + name);
  }
  const std::string from = object_name(place, stage_table) + " WHERE " + of_batch(batch);
  std::vector<std::string> selected = groups;
  selected.emplace_back("COUNT(*)");
  selected.emplace_back("COUNT(l.\"IS_LOADED\")");
  return "SELECT " + join(selected, ", ") + " FROM (SELECT DISTINCT " + join(archived, ", ") + " FROM " + from +
         ") AS a LEFT JOIN (SELECT DISTINCT " + join(loaded, ", ") + ", TRUE AS \"IS_LOADED\" FROM " + table_name(place, table.name) +
         " WHERE \"ACCOUNT_NAME\" IN (SELECT " + staged("account_name") + " FROM " + from + ")) AS l ON " + join(same_key, " AND ") +
         (groups.empty() ? " HAVING COUNT(*) > 0" : " GROUP BY " + join(groups, ", "));
}

std::string describe_stage(const Place& place, std::string_view stage) { return "DESCRIBE STAGE " + object_name(place, stage); }

}  // namespace chimplift::snowflake
