// The second of the two readings that a sync makes where the first leaves a doubt.
#pragma once

#include <vector>

#include "run/account_run.hpp"

namespace chimplift {

/// Where a cross-check failed, the account may only have moved between the two readings: both are to be read once more before that is a
/// gap. What the archive has lost since, Mailchimp may still have. Notes both in the ledgers, for the pull that comes next. False where no
/// account needs it.
bool begin_second_look(std::vector<AccountRun>& runs);

}  // namespace chimplift
