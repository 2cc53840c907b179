// What both warehouses make of a table's columns, and know of those that their own tables have. No effects here.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "rows/table.hpp"

namespace chimplift {

/// "name", with quotes in it doubled: an identifier of SQL.
std::string quote(std::string_view name);

/// The columns that tell rows apart: the table's key, and of each of its columns the sibling `<column>__text` where the table has one,
/// because two odd ids are both NULL in the key's own column.
std::vector<std::string> key_columns(const Table& table);
/// What a comparison needs of a table's rows: the key_columns(), then the parents and their siblings.
std::vector<Column> compared_columns(const Table& table);
/// Puts those of the table's compared columns that are not in `compared` behind the others: decoding adds one with a key's first misfit.
void extend_compared(const Table& table, std::vector<Column>& compared);
/// Of each row the values of these columns; NULL where it has none.
std::vector<Row> project(const Table& table, std::span<const Row> rows, std::span<const Column> columns);

/// By name, in any case, because DuckDB ignores case and Snowflake's names are upper case. nullptr where there is none.
const Column* find_column(std::span<const Column> columns, std::string_view name);

/// Which columns the warehouse's tables have, and whether what is appended agrees with them. The caller adds what lacks.
class KnownColumns {
 public:
  KnownColumns() = default;
  /// `listed`: by table, as the warehouse lists them.
  explicit KnownColumns(std::map<std::string, std::vector<Column>> listed) : known_(std::move(listed)) {}

  /// For prepare(). Gives `table` the columns of its key that no record has (they are text), then what the warehouse's table has: a column
  /// that is there keeps its type, whatever a newer catalogue says (what does not fit goes to its sibling), and further ones come last.
  /// False where the warehouse has no such table: the caller makes it, and says so with add().
  bool complete(Table& table) const;
  /// The warehouse's table has all columns of `table` now.
  void add(const Table& table) { known_[table.name] = table.columns; }

  /// The columns that the warehouse's table lacks. They count as known from here on, and the caller has to add them. Errors: internal,
  /// where prepare() was not told of the table, or this is a copy that has grown apart from the warehouse's table or from one that was
  /// accepted.
  Result<std::vector<Column>> accept(const Table& table);

  /// The columns of the key (key_columns()) that the warehouse's table has.
  [[nodiscard]] std::vector<std::string> known_key(const Table& table) const;

 private:
  std::map<std::string, std::vector<Column>> known_;     // by table
  std::map<std::string, std::vector<Column>> accepted_;  // by table: the longest that accept() saw
};

}  // namespace chimplift
