// The commands, one function each: options to settings, the engine's call, its result to the screen.
#pragma once

#include "cli/config.hpp"
#include "cli/parse.hpp"

namespace chimplift {

/// Runs the command; returns the exit code.
int run_command(const CommandLine& line, const Environment& environment);

}  // namespace chimplift
