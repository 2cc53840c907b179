// Making and opening the file itself: never readable for others, never left half made.
#pragma once

#include "warehouse/duckdb_raii.hpp"
#include "warehouse/duckdb_warehouse.hpp"

namespace chimplift::duck {

/// Opens the file, or makes it and opens it then.
Result<Database> open_file(const DuckDbSettings& settings);

/// Takes the file and its write-ahead log, which DuckDB makes anew from time to time, from everybody but the owner.
void make_private(const std::filesystem::path& file);

}  // namespace chimplift::duck
