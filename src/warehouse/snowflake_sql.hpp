// The SQL that the Snowflake warehouse sends, as text. No effects here. No row's value and no secret ever becomes SQL: rows travel in
// staged files, single values as bind variables. Names do (of columns and tables, some of them Mailchimp's; of the stage's folder), and
// those only as quoted identifiers and literals.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rows/table.hpp"
#include "warehouse/columns.hpp"

namespace chimplift::snowflake {

/// Where the tables are. The names as Snowflake has them, mostly upper case.
struct Place {
  std::string database;
  std::string schema;
};

/// The table of checkpoints, as one that is merged like all others.
const Table& checkpoints_table();
/// The checkpoints that a batch expects to be stored: they travel with its rows, under a name that no table has.
const Table& expected_checkpoints();
/// Those that no other archive may have any more where a batch is merged; in the same way.
const Table& overwritten_checkpoints();

/// 'text', with quotes and backslashes doubled: Snowflake reads escapes.
std::string literal(std::string_view text);
/// Our name of a table or column as Snowflake's: upper case (ASCII), so that nobody has to quote it.
std::string upper(std::string_view name);
/// "DB"."SCHEMA"."NAME" of one of our tables.
std::string table_name(const Place& place, std::string_view table);

std::string_view sql_type(ColumnType type);
/// From DATA_TYPE of the information schema; types that we never make are text.
ColumnType type_of(std::string_view data_type);

/// The comment of a column says our name for it, because Snowflake's is in upper case.
std::string comment_of(std::string_view column);
/// Our name of a column from Snowflake's name and its comment.
std::string column_of(std::string_view identifier, std::string_view comment);

/// Tables, columns, types and comments of the schema (bind: its name): TABLE_NAME, COLUMN_NAME, DATA_TYPE, COMMENT.
std::string list_columns(const Place& place);
/// Bind: the schema's name.
std::string find_schema(const Place& place);
std::string create_schema(const Place& place);
std::string create_table(const Place& place, const Table& table);
std::string add_column(const Place& place, std::string_view table, const Column& column);
std::string comment_on_column(const Place& place, std::string_view table, const Column& column);

/// Rows on their way, of all tables together: BATCH, TABLE_NAME, SEQUENCE and the record as one VARIANT. TRANSIENT, so that no
/// fail-safe storage is paid for.
std::string create_stage_table(const Place& place, std::string_view name);
std::string drop_table(const Place& place, std::string_view name);

/// Loads zstd-compressed NDJSON files into the staging table, all of them or none.
/// `folder` is below the stage, without slashes at its ends ("" for none), and may have any name: it is the user's.
std::string copy(const Place& place, std::string_view into, std::string_view stage, std::string_view folder,
                 std::span<const std::string> files);
/// Rows of a batch that are in the staging table.
std::string count_staged(const Place& place, std::string_view stage_table, i64 batch);

/// Upserts what the staging table holds for this table in this batch: of equal keys the row with the highest sequence number; NULL equals
/// NULL. Records hold the table's column i as "c<i>".
std::string merge(const Place& place, std::string_view stage_table, i64 batch, const Table& table);

/// Deletes a batch's rows from the staging table, so that nothing of it is merged, where a stored checkpoint has another last page than the
/// batch expects, or another sha256 of it (none stored counts as page 0, and its sha256 as ""). What it expects stays, as the sign of that.
std::string void_unless_expected(const Place& place, std::string_view stage_table, i64 batch);
/// Deletes the checkpoints that other archives have of what a batch overwrites.
std::string remove_overwritten(const Place& place, std::string_view stage_table, i64 batch);
/// Deletes a batch from the staging table, with what it expects, unless it is void.
std::string forget(const Place& place, std::string_view stage_table, i64 batch);

/// Binds: archive id, account name. TABLE_NAME, LAST_PAGE, ROWS, MISFITS, LAST_PAGE_SHA256.
std::string read_checkpoints(const Place& place);
/// A change of one row that every transaction makes before it writes checkpoints: waits until no other one is open, and lets none begin
/// until its own has ended.
std::string wait_for_writers(const Place& place);
/// Bind: the account's name.
std::string count_rows(const Place& place, const Table& table);

/// For each combination of parents: the parents as text, how many different keys the batch holds, how many of these the table.
/// Records hold column i of `compared` as "c<i>"; `in_target` are the key columns that the warehouse's table has.
std::string compare(const Place& place, std::string_view stage_table, i64 batch, const Table& table, std::span<const Column> compared,
                    std::span<const std::string> in_target);

std::string describe_stage(const Place& place, std::string_view stage);

}  // namespace chimplift::snowflake
