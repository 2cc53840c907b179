// When to stop asking.
#pragma once

#include "base/backoff.hpp"

namespace chimplift {

/// Failures of one request before it is given up. With the waits below that is half a minute of a page that never comes.
inline constexpr int kMostAttempts = 8;
/// Too many requests is somebody else's traffic, and passes: twice as patient.
inline constexpr int kMostThrottled = 16;
/// A key is refused for good, but one answer may be a gateway's.
inline constexpr int kMostRefusals = 3;

}  // namespace chimplift
