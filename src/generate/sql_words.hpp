// The few places where SQL for analysts differs between warehouses.
#pragma once

#include <string>
#include <string_view>

#include "rows/table.hpp"

namespace chimplift {

enum class Dialect { snowflake, duckdb };

/// Where the tables are. The names as the warehouse has them.
struct TablePlace {
  Dialect dialect = Dialect::snowflake;
  std::string database;  // "" where whoever asks is in it
  std::string schema;
};

/// "DATABASE"."SCHEMA"."TABLE"
std::string table_sql(const TablePlace& place, std::string_view table);

/// The columns as the warehouse has them, quoted: upper case in Snowflake.
std::string column_sql(Dialect dialect, std::string_view column);

/// A field of a JSON column as a value of the type; NULL where it is not there or does not fit. `path` has dots between its names.
std::string field_sql(Dialect dialect, std::string_view of, std::string_view path, ColumnType type);

/// A value as text.
std::string text_sql(std::string_view of);

}  // namespace chimplift
