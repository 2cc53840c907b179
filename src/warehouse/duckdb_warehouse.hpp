// A DuckDB file as the warehouse.
#pragma once

#include <filesystem>
#include <memory>

#include "warehouse/warehouse.hpp"

namespace chimplift {

struct DuckDbSettings {
  std::filesystem::path file;
  i64 memory_limit_bytes = 1'000'000'000;  // DuckDB spills to <file>.tmp beyond it
  int threads = 2;
};

/// Opens or creates the file (mode 0600). Errors: busy where another process holds the file; destination where it is no DuckDB file, the
/// folder cannot be written or the disk is full.
Result<std::unique_ptr<Warehouse>> open_duckdb(const DuckDbSettings& settings);

}  // namespace chimplift
