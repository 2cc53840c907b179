// --warehouse, taken apart: the same words mean the same to every command.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace chimplift {

struct WarehouseOption {
  enum class Kind { absent, none, duckdb, snowflake };
  Kind kind = Kind::absent;
  std::filesystem::path file;        // of DuckDB
  std::vector<std::string> address;  // of Snowflake: account, database and schema, as many of them as are named
};

/// `where` is the place where it was given, for messages. Error: usage.
Result<WarehouseOption> parse_warehouse(const std::string& given, const std::string& where);

}  // namespace chimplift
