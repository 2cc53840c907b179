#include "generate/sql_words.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "warehouse/duckdb_sql.hpp"
#include "warehouse/snowflake_sql.hpp"

namespace chimplift {
namespace {

/// From text, without an error for what does not fit.
std::string converted(Dialect dialect, const std::string& text, ColumnType type) {
  const bool is_duckdb = dialect == Dialect::duckdb;
  switch (type) {
    case ColumnType::integer:
      return fmt::format("TRY_CAST({} AS {})", text, is_duckdb ? "BIGINT" : "NUMBER(38, 0)");
    case ColumnType::number:
      return fmt::format("TRY_CAST({} AS DOUBLE)", text);
    case ColumnType::boolean:
      return fmt::format("TRY_CAST({} AS BOOLEAN)", text);
    case ColumnType::timestamp:
      return is_duckdb ? fmt::format("TRY_CAST({} AS TIMESTAMPTZ)", text) : fmt::format("TRY_TO_TIMESTAMP_TZ({})", text);
    case ColumnType::text:
    case ColumnType::json:
      break;
  }
  return text;
}

}  // namespace

std::string column_sql(Dialect dialect, std::string_view column) {
  return dialect == Dialect::duckdb ? quote(column) : quote(snowflake::upper(column));
}

std::string table_sql(const TablePlace& place, std::string_view table) {
  std::string name;
  for (const std::string& part : {place.database, place.schema}) {
    if (!part.empty()) name += quote(part) + ".";
  }
  return name + column_sql(place.dialect, table);
}

std::string field_sql(Dialect dialect, std::string_view of, std::string_view path, ColumnType type) {
  std::string text;
  if (dialect == Dialect::duckdb) {
    text = fmt::format("({} ->> '$.{}')", of, path);
  } else {
    text = std::string(of);
    char separator = ':';
    for (const std::string& name : split(path, '.')) {
      text += fmt::format("{}{}", separator, quote(name));
      separator = '.';
    }
    text += "::VARCHAR";
  }
  return converted(dialect, text, type);
}

std::string text_sql(std::string_view of) { return fmt::format("CAST({} AS VARCHAR)", of); }

}  // namespace chimplift
