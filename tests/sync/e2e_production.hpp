// All of production on this machine: accounts and Snowflake's login from Secrets Manager, the archive in a bucket, the tables in Snowflake.
#pragma once

#include <atomic>
#include <functional>
#include <optional>

#include "e2e_cloud.hpp"

namespace chimplift::e2e {

struct Production : Scene {
  explicit Production(const SimulatorOptions& options = small());

  /// The program with the archive s3://test-bucket/archive and the tables in Snowflake, whose files go where they go by themselves: below
  /// the archive.
  [[nodiscard]] Words command(const std::string& name, const Words& more = {}) const;
  [[nodiscard]] Words environment() const { return cloud.environment(); }
  [[nodiscard]] Ended run(const std::string& name, const Words& more = {}) const;

  /// Kills the running program (Process::pid() goes into `victim`) from within a stand-in.
  void kill_victim() const;
  mutable std::atomic<pid_t> victim{0};

  /// Copies the archive to where a folder's would be, makes DuckDB's tables of the bucket's archive, and holds them and the files to what
  /// the accounts hold; then every table of Snowflake to DuckDB's, row for row and column for column; and nothing is left over. `excluded`:
  /// the steps that were.
  void expect_all_is_right(const Words& excluded = {});

  mutable SnowflakeCloud cloud{*this};

 private:
  /// How many tables were compared.
  std::size_t expect_same_rows();
};

}  // namespace chimplift::e2e
