// The command that closes a gap, as it can be pasted into a shell: with the options that the run was given, every word quoted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "archive/account_archive.hpp"
#include "run/settings.hpp"

namespace chimplift {

/// "chimplift sync --account 'my brand' --archive ./a": `own` first, then what the run was given and the command takes, unless `own` has it
/// too: it is about as much of the account as the run was, and so is what it certifies. An option of `own` with an empty value is left out
/// altogether.
std::string closing_command(const Settings& settings, std::string_view command, const std::vector<GivenOption>& own);

}  // namespace chimplift
