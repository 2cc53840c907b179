// The commands that move data, each as one function.
#pragma once

#include "run/settings.hpp"
#include "sync/run_result.hpp"

namespace chimplift {

/// Pull, load and verify, pages being loaded while others are pulled. Writes each account's certificate.
RunResult sync(const Settings& settings);
/// Writes no certificate: names the gaps that its ledgers speak of (sync/pull_gaps.hpp).
RunResult pull_only(const Settings& settings);
RunResult load_only(const Settings& settings);
/// Reads the archive and the warehouse; asks Mailchimp for its totals only where the settings say so. Writes each account's certificate.
RunResult verify_only(const Settings& settings);

}  // namespace chimplift
