// A DuckDB file as the warehouse.
#pragma once

#include <filesystem>
#include <memory>

#include "warehouse/warehouse.hpp"

namespace chimplift {

struct DuckDbSettings {
  std::filesystem::path file;
  /// DuckDB spills to <file>.tmp beyond it. docs/operations.md sizes pods for it: the rest of the program needs some 0.5 GB beside it.
  i64 memory_limit_bytes = 1'000'000'000;
  /// Rows are decoded by one thread, and that is what takes the time. Measured: a load with one in place of two is no slower, and takes 8 %
  /// less CPU time for a large account, 20 % less for a small one.
  int threads = 1;
};

/// Opens or creates the file (mode 0600). Errors: busy where another process holds the file; destination where it is no DuckDB file, the
/// folder cannot be written or the disk is full.
Result<std::unique_ptr<Warehouse>> open_duckdb(const DuckDbSettings& settings);

/// Whether open_duckdb() would succeed. Where there is no such file, or an empty one, it stays so: another process may make it meanwhile,
/// and what is made and removed for the trial has a name of its own beside it.
Result<void> try_duckdb(const DuckDbSettings& settings);

}  // namespace chimplift
