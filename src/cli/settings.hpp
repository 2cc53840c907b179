// Options as the engine's Settings: which accounts, which streams, where to.
#pragma once

#include "base/error.hpp"
#include "cli/config.hpp"
#include "cli/options.hpp"
#include "run/settings.hpp"

namespace chimplift {

/// CHIMPLIFT_ENV or RES_ENV is "production".
bool is_production(const Environment& environment);

/// The accounts that the run is about. Commands that work on the archive alone take the accounts that it holds where there is no accounts
/// file. Errors: usage; destination, where such an archive holds none.
Result<std::vector<Account>> accounts_of(Command command, const Values& values, const Environment& environment);

/// All but progress and the interrupt. Errors: those of accounts_of.
Result<Settings> settings_of(Command command, const Values& values, const Environment& environment);

}  // namespace chimplift
