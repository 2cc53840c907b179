// The load that goes on beside a pull.
#include "load/background_load.hpp"

#include <gmock/gmock.h>

#include "base/log.hpp"
#include "support/small_archive.hpp"
#include "sync/e2e_compare.hpp"
#include "warehouse/duckdb_warehouse.hpp"

namespace chimplift {
namespace {

TEST(BackgroundLoad, SaysAtOnceThatTheTablesCannotBeLoaded) {
  const SmallArchive small("lists");
  const std::filesystem::path file = small.folder.path() / "tables.duckdb";
  e2e::execute(file, "CREATE SCHEMA mailchimp; CREATE VIEW mailchimp.lists AS SELECT 'somebody else''s' AS account_name");
  const std::unique_ptr<Warehouse> warehouse = *open_duckdb({file, 500'000'000, 1});
  testing::internal::CaptureStderr();
  set_up_log(LogLevel::error, LogFormat::text);
  BackgroundLoad load(*warehouse, small.settings, {});
  // A run that is abandoned asks nobody what became of its load.
  const Result<void> finished = load.finish(true);
  set_up_log(LogLevel::off, LogFormat::text);
  const std::string log = testing::internal::GetCapturedStderr();
  ASSERT_FALSE(finished);
  EXPECT_THAT(log, testing::HasSubstr("error: The tables cannot be loaded; what is read is kept in the archive. reason="));
  EXPECT_THAT(log, testing::HasSubstr(finished.error().message.substr(0, 20)));
}

/// Whether DuckDB has something to write to its file still, with a load over that ended, or was abandoned.
bool is_unwritten_behind(bool abandon) {
  const SmallArchive small("lists");
  const std::filesystem::path file = small.folder.path() / "tables.duckdb";
  const std::unique_ptr<Warehouse> warehouse = *open_duckdb({file, 500'000'000, 1});
  BackgroundLoad load(*warehouse, small.settings, {});
  EXPECT_TRUE(load.finish(abandon));
  std::error_code is_none;
  const std::uintmax_t size = std::filesystem::file_size(file.string() + ".wal", is_none);
  return !is_none && size > 0;
}

// What is left to the closing of the file may fail there, and nobody hears of it.
TEST(BackgroundLoad, LeavesNothingToTheClosingOfTheTables) {
  EXPECT_FALSE(is_unwritten_behind(false));
  EXPECT_FALSE(is_unwritten_behind(true));
}

}  // namespace
}  // namespace chimplift
