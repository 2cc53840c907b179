// What both warehouses make of a table's columns. No effects here.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rows/table.hpp"

namespace chimplift {

/// "name", with quotes in it doubled: an identifier of SQL.
std::string quote(std::string_view name);

/// The columns that tell rows apart: the table's key, and of each of its columns the sibling `<column>__text` where the table has one,
/// because two odd ids are both NULL in the key's own column.
std::vector<std::string> key_columns(const Table& table);
/// What tells keys and parents apart.
std::vector<Column> compared_columns(const Table& table);

/// By name; nullptr where there is none. No warehouse tells names apart by their case: DuckDB knows none, and Snowflake's are upper case.
const Column* find_column(std::span<const Column> columns, std::string_view name);

/// Columns of the key that no record has are text.
void add_key_columns(Table& table);
/// Takes over what the warehouse's table has: a column that is there keeps its type, whatever a newer catalogue says (what does not fit
/// goes to its sibling), and columns beyond those of `table` come behind them.
void take_over(std::span<const Column> there, Table& table);

}  // namespace chimplift
