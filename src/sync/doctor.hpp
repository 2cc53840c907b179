// The command `doctor`: can all be reached and written that a sync needs?
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "run/settings.hpp"

namespace chimplift {

/// One check of doctor: what was tried, and what came of it.
struct Check {
  std::string account_name;  // "" for checks of the run as a whole
  std::string what;          // "archive", "warehouse", "key", a step, a table that cannot be read
  std::optional<Error> error;
  std::string detail;
};
/// Tries just what sync will do: writes and removes a file in the archive, opens the warehouse, asks each account who it is (the one that
/// the archive is of?) and reads of each stream one page of a few records, below a parent where it has one.
std::vector<Check> doctor(const Settings& settings);

}  // namespace chimplift
