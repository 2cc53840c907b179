// Verification as a part of a run: what surrounds it for one account, and what it leaves behind.
#pragma once

#include "run/account_run.hpp"
#include "run/settings.hpp"
#include "sync/run_result.hpp"
#include "warehouse/warehouse.hpp"

namespace chimplift {

/// What is verified: the end of a sync, which then counts as gone through, or what lies there.
enum class VerifyAs { end_of_sync, command };

/// Verifies the account where it has an archive, and writes its certificate. `warehouse`: nullptr for the archive alone. What goes wrong is
/// the run's error.
void verify_account(const Settings& settings, Warehouse* warehouse, VerifyAs as, AccountRun& run, AccountResult& result);

}  // namespace chimplift
