// The last words of a run: what is where, what is missing, whether the account may be closed, and what to do next.
#pragma once

#include <string>

#include "cli/options.hpp"
#include "cli/screen_text.hpp"
#include "sync/engine.hpp"

namespace chimplift {

/// What "safe to close" does not speak of. Said each time, because an account cannot be opened again.
inline constexpr std::string_view kNotReadYet =
    "This version does not read: automations, conversations, landing pages, surveys, ads, SMS, e-commerce,\n"
    "and the details of single members (notes, events, goals). If the account uses any of them, do not close it yet.";

std::string summary_text(Command command, const RunResult& result, const Settings& settings, const Paint& paint);

}  // namespace chimplift
