// A thin layer over DuckDB's C API: owners that close what they opened, and errors as values. Nothing else in the program sees duckdb.h.
#pragma once

#include <duckdb.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "rows/table.hpp"
#include "warehouse/text_rows.hpp"

namespace chimplift::duck {

using Option = std::pair<std::string, std::string>;

/// What DuckDB says, as an error for the person in front of the program: busy, or destination. `file` is what they call it, `at` where
/// DuckDB was told that it is.
Error error_of(const std::string& message, const std::filesystem::path& file, const std::filesystem::path& at = {});

/// An open file with one connection. Closes both.
class Database {
 public:
  /// `named`: what errors call the file, where that is something else.
  static Result<Database> open(const std::filesystem::path& file, const std::vector<Option>& options,
                               const std::filesystem::path& named = {});

  /// Runs statements; errors as in error_of().
  Result<void> run(const std::string& sql) const;
  /// Runs one statement with texts in the place of its `?`, and hands out the result as text. Every column must be VARCHAR: cast in the
  /// statement.
  Result<std::vector<TextRow>> query(const std::string& sql, const std::vector<std::string>& parameters = {}) const;

  [[nodiscard]] duckdb_connection connection() const { return connection_.get(); }
  [[nodiscard]] Error error(const std::string& message) const { return error_of(message, named_, file_); }

 private:
  struct Close {
    void operator()(duckdb_database database) const { duckdb_close(&database); }
    void operator()(duckdb_connection connection) const { duckdb_disconnect(&connection); }
  };
  std::filesystem::path file_;
  std::filesystem::path named_;
  std::unique_ptr<_duckdb_database, Close> database_;
  std::unique_ptr<_duckdb_connection, Close> connection_;
};

/// Fast writing of rows into a table, a chunk at a time. Rows may be shorter than the table: the rest is NULL.
class Appender {
 public:
  /// `table` is a TEMP table with a BIGINT in front and columns of these types behind it.
  static Result<Appender> open(const Database& database, const std::string& table, std::vector<ColumnType> types);

  /// `first` goes into the first column, before the row.
  Result<void> append(i64 first, const Row& row);
  /// Writes what is still here and ends the appender.
  Result<void> close();

  Appender(Appender&&) noexcept = default;
  Appender& operator=(Appender&&) noexcept = default;
  ~Appender() = default;

 private:
  struct Destroy {
    void operator()(duckdb_appender appender) const { duckdb_appender_destroy(&appender); }
    void operator()(duckdb_data_chunk chunk) const { duckdb_destroy_data_chunk(&chunk); }
  };
  Appender() = default;
  Result<void> write_chunk();
  void take_vectors();
  bool put(idx_t column, const Value& value);

  const Database* database_ = nullptr;
  std::vector<ColumnType> types_;
  std::unique_ptr<_duckdb_appender, Destroy> appender_;
  std::unique_ptr<_duckdb_data_chunk, Destroy> chunk_;
  struct Target {
    duckdb_vector vector = nullptr;
    void* data = nullptr;
    std::uint64_t* validity = nullptr;
  };
  std::vector<Target> targets_;
  idx_t size_ = 0;
};

}  // namespace chimplift::duck
