// The warehouse that the settings name.
#pragma once

#include <memory>

#include "run/settings.hpp"
#include "warehouse/warehouse.hpp"

namespace chimplift {

/// nullptr for "none". Makes the folder of a DuckDB file. Error: destination; permission, where a key is refused.
Result<std::unique_ptr<Warehouse>> open_warehouse(const Settings& settings);

}  // namespace chimplift
