// Verification as a part of a run: what surrounds it for one account, and what it leaves behind.
#pragma once

#include "run/account_run.hpp"
#include "run/settings.hpp"
#include "sync/run_result.hpp"
#include "warehouse/warehouse.hpp"

namespace chimplift {

/// What is verified: what a sync has read, which counts as gone through where nothing is missing, or what lies there. Behind a first look
/// that leaves a doubt comes a second.
enum class VerifyAs { first_look, end_of_sync, command };

/// Verifies the account where it has an archive, and writes its certificate, unless the one that stands is another run's or speaks of more
/// than this one. `warehouse`: nullptr for the archive alone. What goes wrong is the run's error.
void verify_account(const Settings& settings, Warehouse* warehouse, VerifyAs as, AccountRun& run, AccountResult& result);

}  // namespace chimplift
