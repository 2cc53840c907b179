// Variables of the environment that look like settings of chimplift and are none: a mistyped one would otherwise do nothing, unnoticed.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace chimplift {

/// The names of all variables of the process.
std::vector<std::string> variable_names();

/// A sentence for each of the names that begins with CHIMPLIFT_ and that nothing reads, with the nearest one that is read. Never a value.
std::vector<std::string> unknown_variables(std::span<const std::string> names);

}  // namespace chimplift
