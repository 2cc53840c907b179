// A DuckDB file in a folder of its own.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "warehouse/duckdb_raii.hpp"
#include "warehouse/duckdb_sql.hpp"
#include "warehouse/duckdb_warehouse.hpp"
#include "warehouse/harness.hpp"

namespace chimplift {

class DuckDbHarness : public Harness {
 public:
  DuckDbHarness() {
    std::string pattern = (std::filesystem::temp_directory_path() / "chimplift-warehouse-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~DuckDbHarness() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  DuckDbHarness(const DuckDbHarness&) = delete;
  DuckDbHarness& operator=(const DuckDbHarness&) = delete;

  [[nodiscard]] std::filesystem::path file() const { return folder_ / "test.duckdb"; }

  Result<std::unique_ptr<Warehouse>> open() override { return open_duckdb({file(), 500'000'000, 2}); }

  std::vector<std::vector<std::string>> read(const std::string& table, const std::vector<std::string>& columns) override {
    return query("SELECT " + duck::quoted_list(columns) + " FROM mailchimp." + quote(table));
  }

  /// Any query, on a connection of its own.
  [[nodiscard]] std::vector<std::vector<std::string>> query(const std::string& sql) const {
    const auto database = duck::Database::open(file(), {});
    EXPECT_TRUE(database) << database.error().message;
    if (!database) return {};
    EXPECT_TRUE(database->run("SET TimeZone = 'UTC'"));
    const auto found = database->query("SELECT CAST(COLUMNS(*) AS VARCHAR) FROM (" + sql + ")");
    EXPECT_TRUE(found) << found.error().message;
    std::vector<std::vector<std::string>> rows;
    if (!found) return rows;
    for (const TextRow& row : *found) {
      std::vector<std::string>& texts = rows.emplace_back();
      for (const auto& text : row) texts.push_back(text.value_or("NULL"));
    }
    std::ranges::sort(rows);
    return rows;
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace chimplift
