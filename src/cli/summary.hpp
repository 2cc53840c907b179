// The last words of a run: what is where, what is missing, whether the account may be closed, and what to do next.
#pragma once

#include <string>

#include "cli/options.hpp"
#include "cli/screen_text.hpp"
#include "run/settings.hpp"
#include "sync/run_result.hpp"

namespace chimplift {

/// `says_next`: whether to say what to do next, where the run went through or ended with gaps.
std::string summary_text(Command command, const RunResult& result, const Settings& settings, const Paint& paint, bool says_next);

}  // namespace chimplift
