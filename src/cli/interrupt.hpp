// SIGINT and SIGTERM: the first one asks the run to end in order, the second one ends it at once,
// and so do nine seconds in which the run did not end.
#pragma once

#include <atomic>

namespace chimplift {

/// Call once, before threads start. What it returns holds the signal's number once one came.
const std::atomic<int>& watch_signals();

/// 130 or 143; 0 while no signal came.
int exit_code_of_signal();

}  // namespace chimplift
