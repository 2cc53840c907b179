// The warehouse that the settings name.
#pragma once

#include <memory>

#include "run/settings.hpp"
#include "warehouse/warehouse.hpp"

namespace chimplift {

/// What is to be done with the tables. Where there are none, filling makes them; comparing finds nothing to compare.
enum class TablesAre { filled, compared };

/// nullptr for "none". Makes a DuckDB file and its folder only where it is to be filled. Errors: destination; permission, where a key is
/// refused.
Result<std::unique_ptr<Warehouse>> open_warehouse(const Settings& settings, TablesAre purpose);

}  // namespace chimplift
