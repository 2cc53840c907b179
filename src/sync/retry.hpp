// How long to wait before asking again, and when to stop asking.
#pragma once

#include <random>

#include "base/types.hpp"

namespace chimplift {

/// Failures of one request before it is given up. With the waits below that is half a minute of a page that never comes.
inline constexpr int kMostAttempts = 8;
/// Too many requests is somebody else's traffic, and passes: twice as patient.
inline constexpr int kMostThrottled = 16;
/// A key is refused for good, but one answer may be a gateway's.
inline constexpr int kMostRefusals = 3;

class Backoff {
 public:
  explicit Backoff(u64 seed) : random_(seed) {}

  /// Milliseconds before attempt `failures` + 1: doubles from 250 ms to 20 s, of which a random half is taken off, so that requests that
  /// failed together do not come back together.
  i64 millis(int failures) {
    i64 wait = kFirstMillis;
    for (int i = 1; i < failures && wait < kLongestMillis; ++i) wait *= 2;
    if (wait > kLongestMillis) wait = kLongestMillis;
    return wait / 2 + std::uniform_int_distribution<i64>(0, wait / 2)(random_);
  }

 private:
  static constexpr i64 kFirstMillis = 250;
  static constexpr i64 kLongestMillis = 20'000;
  std::mt19937_64 random_;
};

}  // namespace chimplift
