// How a run's staging table and files are named, and how the next run tells by the names what others left behind.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rows/table.hpp"
#include "warehouse/snowflake_answer.hpp"
#include "warehouse/snowflake_files.hpp"

namespace chimplift::snowflake {

/// "OWNER_20261123192205_8F3A…": of this run alone. `owner` in letters and digits.
std::string name_of_run(std::string_view owner);

std::string stage_table_of(std::string_view run);
/// "" where it is no staging table.
std::string run_of_stage_table(std::string_view table);

/// What the schema has. Staging tables by Snowflake's names; the columns of all other tables by ours.
struct Listing {
  std::map<std::string, std::vector<Column>> columns;
  std::set<std::string> stage_tables;
};
/// From the answer to list_columns().
Listing listing_of(const ResultSet& listed);

/// True where `run` is not `own`, and is over: of the same owner, because an owner has one run at a time; or begun more than two weeks
/// before `own`: a load may last for days. Names of another form are not ours: false.
bool is_left_behind(std::string_view run, std::string_view own);

/// Where the files are below the stage, from DESCRIBE STAGE: "" or "folder/". Errors: usage, where the stage cannot see them.
Result<std::string> folder_below_stage(const ResultSet& described, std::string_view uri, std::string_view stage);

/// True where COPY names each file as loaded, with all its rows.
bool says_all_loaded(const ResultSet& result, std::span<const StagedFile> files);

}  // namespace chimplift::snowflake
