// The command line's words as a command and the values of its options.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "cli/options.hpp"

namespace chimplift {

/// What was given for an option, and where.
struct Given {
  std::vector<std::string> values;
  std::string where;  // "--is-test", "CHIMPLIFT_IS_TEST", "is-test in chimplift.toml, line 3"
};

struct CommandLine {
  Command command = Command::help;
  std::string topic;   // the second word, of a command that takes one
  std::string choice;  // the third
  std::string help;    // the text to show instead of running; "" where there is a command to run
  bool asked = true;   // false where help is shown because nothing was asked for
  std::map<std::string, Given, std::less<>> given;
};

/// Errors: usage, with the nearest command or option. They never repeat what might be a key.
Result<CommandLine> parse_command_line(std::span<const std::string> arguments);

/// True where --json stands among the words: known even when they cannot be parsed, so that errors are JSON too.
bool wants_json(std::span<const std::string> arguments);

/// What stands behind --log-format among the words, known in the same way; "" where it is not there.
std::string log_format_in(std::span<const std::string> arguments);

}  // namespace chimplift
