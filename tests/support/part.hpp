// One of several parts of a campaign that takes hours, so that it can be ended bit by bit, or side by side.
#pragma once

#include <gtest/gtest.h>

#include <cinttypes>
#include <cstdio>
#include <cstdlib>

#include "base/types.hpp"

namespace chimplift {

/// Which of `all` numbered tries are to be made: first, first + 1, … up to but without `end`.
struct Part {
  i64 first = 0;
  i64 end = 0;
};

/// CHIMPLIFT_PART=3/20: the third of twenty parts of `all`, which differ by one try at most. Everything where it is not set; a failure of
/// the test, and nothing, where it makes no sense.
inline Part wanted_part(i64 all) {
  const char* wanted = std::getenv("CHIMPLIFT_PART");
  if (wanted == nullptr) return {0, all};
  i64 part = 0;
  i64 parts = 0;
  const bool is_part = std::sscanf(wanted, "%" SCNd64 "/%" SCNd64, &part, &parts) == 2 && part >= 1 && part <= parts;
  EXPECT_TRUE(is_part) << "CHIMPLIFT_PART=" << wanted << " is not one of several parts, such as 3/20";
  return is_part ? Part{all * (part - 1) / parts, all * part / parts} : Part{};
}

}  // namespace chimplift
