// Pulling all accounts side by side, each with its own ten slots.
#pragma once

#include <functional>
#include <vector>

#include "run/account_run.hpp"
#include "run/settings.hpp"

namespace chimplift {

/// Pulls every account that has no error yet and is not settled, until each is done or the run is interrupted; on return all that came is
/// durable. `on_durable` is called from the archives' threads whenever there is more to load.
void pull(const Settings& settings, std::vector<AccountRun>& runs, const std::function<void()>& on_durable);

}  // namespace chimplift
