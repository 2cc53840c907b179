#include "sync/open_warehouse.hpp"

#include "base/files.hpp"
#include "warehouse/duckdb_warehouse.hpp"
#include "warehouse/snowflake_warehouse.hpp"

namespace chimplift {

Result<std::unique_ptr<Warehouse>> open_warehouse(const Settings& settings) {
  if (settings.snowflake) {
    SnowflakeSettings snowflake = settings.snowflake->snowflake;
    snowflake.interrupted = settings.interrupted;
    TRY_ASSIGN(std::shared_ptr<StageFiles> files, open_stage_files(*settings.snowflake));
    return open_snowflake(snowflake, std::move(files));
  }
  if (!settings.duckdb) return std::unique_ptr<Warehouse>();
  if (settings.duckdb->has_parent_path()) TRY(make_folders(settings.duckdb->parent_path()));
  return open_duckdb({.file = *settings.duckdb});
}

}  // namespace chimplift
