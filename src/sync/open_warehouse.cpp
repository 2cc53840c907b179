#include "sync/open_warehouse.hpp"

#include <fmt/format.h>

#include "base/files.hpp"
#include "warehouse/duckdb_warehouse.hpp"
#include "warehouse/snowflake_warehouse.hpp"

namespace chimplift {
namespace {

/// An empty file in its place would take "safe to close" away from an archive that lacks nothing.
Result<void> check_is_there(const std::filesystem::path& file) {
  std::error_code ignored;  // whatever else is wrong with it, opening it says
  if (std::filesystem::status(file, ignored).type() != std::filesystem::file_type::not_found) return {};
  return fail(ErrorKind::destination, fmt::format("there is no {}", file.string()),
              "`chimplift load` makes it again from the archive, or take --warehouse none. The certificate was left as it is.");
}

}  // namespace

Result<std::unique_ptr<Warehouse>> open_warehouse(const Settings& settings, TablesAre purpose) {
  if (settings.snowflake) {
    SnowflakeSettings snowflake = settings.snowflake->snowflake;
    snowflake.interrupted = settings.interrupted;
    TRY_ASSIGN(std::shared_ptr<StageFiles> files, open_stage_files(*settings.snowflake));
    return open_snowflake(snowflake, std::move(files));
  }
  if (!settings.duckdb) return std::unique_ptr<Warehouse>();
  if (purpose == TablesAre::compared) TRY(check_is_there(*settings.duckdb));
  if (settings.duckdb->has_parent_path()) TRY(make_folders(settings.duckdb->parent_path()));
  return open_duckdb({.file = *settings.duckdb});
}

}  // namespace chimplift
