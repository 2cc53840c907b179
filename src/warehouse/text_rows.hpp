// Results of SQL, as text, made into what warehouse.hpp promises: the same for both warehouses. No effects here.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "warehouse/warehouse.hpp"

namespace chimplift {

/// One row of a result; NULL is nullopt.
using TextRow = std::vector<std::optional<std::string>>;

/// Errors: destination, where the cell is anything but a whole number of 0 or more.
Result<i64> count_of(const std::optional<std::string>& cell);

/// The one cell of the one row. Errors: as in count_of(); destination too, where there is another number of rows.
Result<i64> only_count_of(std::span<const TextRow> rows);

/// By table. The rows' cells: table, last page, rows, misfits, SHA-256 of the last page, mapping. Errors: as in count_of().
Result<std::map<std::string, Checkpoint>> checkpoints_of(std::span<const TextRow> rows, const std::string& archive_id,
                                                         const std::string& account_name);

/// The rows' cells: as many `parents`, then the keys that are archived, then those of them that are loaded. Errors: as in count_of().
Result<std::vector<KeyCount>> key_counts_of(std::span<const TextRow> rows, std::size_t parents);

}  // namespace chimplift
