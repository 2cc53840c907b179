// The tables of a small archive, in a DuckDB file.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

#include "load/load.hpp"
#include "support/small_archive.hpp"
#include "warehouse/duckdb_warehouse.hpp"

namespace chimplift {

inline std::unique_ptr<Warehouse> open_small_tables(const std::filesystem::path& file) { return *open_duckdb({file, 500'000'000, 1}); }

/// A load of the steps that the archive's settings select, from its beginning to its end.
inline void load_small_tables(SmallArchive& small, const std::filesystem::path& file) {
  ASSERT_TRUE(small.archive->flush());
  const std::unique_ptr<Warehouse> warehouse = open_small_tables(file);
  Loader loader(*warehouse, small.settings);
  loader.add(*small.archive, nullptr);
  ASSERT_TRUE(loader.prepare());
  ASSERT_TRUE(loader.step());
  ASSERT_TRUE(loader.commit());
  ASSERT_TRUE(loader.finish());
}

}  // namespace chimplift
