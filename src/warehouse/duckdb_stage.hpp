// Rows on their way into a table: a TEMP table, written with an appender, that grows columns as its Table does.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "warehouse/duckdb_raii.hpp"

namespace chimplift::duck {

class Stage {
 public:
  /// Makes the TEMP table. `database` must outlive the stage.
  static Result<Stage> create(const Database& database, std::string name, std::vector<Column> columns);

  /// Adds the columns that `columns` has beyond the stage's.
  Result<void> extend(std::span<const Column> columns);
  Result<void> append(const Row& row);
  /// Writes all rows into the TEMP table, where SQL sees them. More may be appended afterwards.
  Result<void> flush();
  /// Drops the TEMP table.
  Result<void> drop();

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::vector<Column>& columns() const { return columns_; }

 private:
  const Database* database_ = nullptr;
  std::string name_;
  std::vector<Column> columns_;
  std::optional<Appender> appender_;
  i64 sequence_ = 0;
};

}  // namespace chimplift::duck
