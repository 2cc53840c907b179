// Snowflake as the warehouse: rows go as compressed files into a stage, COPY brings them into a transient table, one transaction merges
// them into the tables. Every step may be done twice, and what a run that dies leaves behind, the next one removes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "warehouse/snowflake_settings.hpp"
#include "warehouse/stage_files.hpp"
#include "warehouse/warehouse.hpp"

namespace chimplift {

/// Asks nothing of Snowflake yet: prepare() does. Errors: usage, where the key cannot be read.
Result<std::unique_ptr<Warehouse>> open_snowflake(const SnowflakeSettings& settings, std::shared_ptr<StageFiles> files);

/// One right, and whether we have it.
struct SnowflakeCheck {
  std::string what;
  std::string detail;
  std::optional<Error> error;
};

/// Does with a scratch table all that a load does, and removes it. Ends at the first step that fails.
std::vector<SnowflakeCheck> check_snowflake(SnowflakeSettings settings, std::shared_ptr<StageFiles> files);

}  // namespace chimplift
