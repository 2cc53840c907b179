// How long to wait before asking again.
#pragma once

#include <algorithm>
#include <random>

#include "base/types.hpp"

namespace chimplift {

class Backoff {
 public:
  explicit Backoff(u64 seed, i64 first_millis = 250, i64 longest_millis = 20'000)
      : random_(seed), first_millis_(first_millis), longest_millis_(longest_millis) {}

  /// Milliseconds before attempt `failures` + 1: doubles from the first to the longest, of which a random half is taken off, so that
  /// requests that failed together do not come back together.
  i64 millis(int failures) {
    i64 wait = first_millis_;
    for (int i = 1; i < failures && wait < longest_millis_; ++i) wait *= 2;
    wait = std::min(wait, longest_millis_);
    return wait / 2 + std::uniform_int_distribution<i64>(0, wait / 2)(random_);
  }

 private:
  std::mt19937_64 random_;
  i64 first_millis_;
  i64 longest_millis_;
};

}  // namespace chimplift
