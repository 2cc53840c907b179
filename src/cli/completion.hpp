// Completions for shells, made from the table of options and commands. What can stand as an option's value is read off the word that stands
// for it in help: "true|false" are two words, "FILE" a file, "DIR" a folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/options.hpp"

namespace chimplift {

/// What may be typed as the value of an option.
struct ValueHints {
  std::vector<std::string> words;  // "true", or the beginning of one: "duckdb:"
  bool files = false;
  bool files_behind = false;  // behind such a beginning
  bool folders = false;
  bool steps = false;  // names of steps, with commas between
};
ValueHints hints_of(const OptionSpec& option);

/// The script for "bash", "zsh" or "fish".
std::string completion_for(std::string_view shell);

}  // namespace chimplift
