// What a pull alone could not bring, as the ledger says it: a pull writes no certificate, and no gap may be named only in a log.
#pragma once

#include <vector>

#include "certificate/certificate.hpp"
#include "run/account_run.hpp"

namespace chimplift {

/// The chosen streams' collections that ended incomplete or not permitted, and files that failed; in the catalogue's order, files last,
/// worded as the certificate words them. Whether numbers and bytes agree is for verify to find. Call at the end of the pull. Error:
/// archive, where the ledger cannot be read.
Result<std::vector<Finding>> gaps_of_pull(const Settings& settings, const AccountRun& run);

}  // namespace chimplift
