// `chimplift generate`: what shells, people and other programs need beside chimplift, made from what chimplift knows of itself.
#pragma once

#include "cli/config.hpp"
#include "cli/output.hpp"
#include "cli/parse.hpp"

namespace chimplift {

/// Returns the exit code.
int run_generate(const CommandLine& line, const Values& values, const Output& output);

}  // namespace chimplift
