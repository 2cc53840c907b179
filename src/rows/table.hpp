// The shape of a table and of the rows that go into it. Rows know nothing of Mailchimp and nothing of a warehouse.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/types.hpp"

namespace chimplift {

enum class ColumnType { text, integer, number, boolean, timestamp, json };

/// "text", "integer", …: as the catalogue writes it.
std::string_view name_of(ColumnType type);
std::optional<ColumnType> column_type(std::string_view name);

struct Column {
  std::string name;
  ColumnType type = ColumnType::text;
  bool operator==(const Column&) const = default;
};

/// A table as far as it is known. Columns are only ever added at the end: rows made earlier are then shorter, and what they lack is NULL.
struct Table {
  std::string name;
  std::vector<Column> columns;       // account_name, synced_at, the parent ids, then the fields
  std::vector<std::string> parents;  // names of the columns that hold the parent ids
  std::vector<std::string> key;      // names of the key's columns; account_name is always the first
  std::string explode;  // a field whose array makes one row per element (its elements' fields are columns); "" for one row a record
  std::vector<std::string> own = {};  // further columns of ours: a field of such a name goes to <name>__api

  /// Index of the column, or -1.
  [[nodiscard]] i64 find(std::string_view column) const;
};

/// Microseconds since 1970-01-01T00:00:00Z.
struct Timestamp {
  i64 micros = 0;
  bool operator==(const Timestamp&) const = default;
};

/// JSON text, as it was sent.
struct Json {
  std::string text;
  bool operator==(const Json&) const = default;
};

/// std::monostate is NULL.
using Value = std::variant<std::monostate, bool, i64, double, Timestamp, std::string, Json>;
using Row = std::vector<Value>;

/// A value as bytes, for comparing; different types never compare equal.
std::string bytes_of(const Value& value);

/// Of the key's values in a row: equal keys have equal digests.
u64 key_digest(const Table& table, const Row& row);

}  // namespace chimplift
