// Creating and opening the file: only its owner can read it, and it is never there half made.
#pragma once

#include "warehouse/duckdb_raii.hpp"
#include "warehouse/duckdb_warehouse.hpp"

namespace chimplift::duck {

/// Opens the file; creates it where there is none. Errors: as open_duckdb() has them.
Result<Database> open_file(const DuckDbSettings& given);

/// As try_duckdb() says.
Result<void> try_file(const DuckDbSettings& given);

/// Lets only the owner read and write the file and its write-ahead log. To be repeated, because DuckDB creates the log anew.
void make_private(const std::filesystem::path& file);

}  // namespace chimplift::duck
