// chimplift.toml: the options' names as keys.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "base/error.hpp"
#include "cli/parse.hpp"

namespace chimplift {

using GivenByName = std::map<std::string, Given, std::less<>>;

/// Errors: usage, with the line: not TOML, a key that is no option (and the nearest that is one), a value that is no text, boolean or list.
Result<GivenByName> read_toml(const std::filesystem::path& path);

/// True where it has `json = true`, whatever else is wrong with it.
bool toml_says_json(const std::filesystem::path& path);

}  // namespace chimplift
