// chimplift.toml: the options' names as keys.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "cli/parse.hpp"

namespace chimplift {

using GivenByName = std::map<std::string, Given, std::less<>>;

/// `where`: what names the file, "" where it is read because it is there. Errors: usage, with the line: not TOML, a key that is no option
/// (and the nearest that is one), a value that is no text, boolean or list.
Result<GivenByName> read_toml(const std::filesystem::path& path, std::string_view where = {});

/// The text, "true" or "false" that it has under that key, whatever else is wrong with it; "" where it has none, or cannot be read.
std::string toml_says(const std::filesystem::path& path, std::string_view key);

}  // namespace chimplift
