// How long to wait before the next attempt.
#include "run/retry.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace chimplift {
namespace {

i64 wait_for(i64 retry_after_seconds, i64 own_millis = 250, i64 longest_millis = 120'000) {
  Pace pace;
  pace.longest_retry_after_millis = longest_millis;
  HttpResponse response;
  response.retry_after_seconds = retry_after_seconds;
  return wait_millis(pace, own_millis, response);
}

TEST(Retry, WaitsAsLongAsTheServerAsksWithinReasonAndNoLessThanItself) {
  EXPECT_EQ(wait_for(0), 250);
  EXPECT_EQ(wait_for(7), 7'000);
  EXPECT_EQ(wait_for(120), 120'000);
  EXPECT_EQ(wait_for(121), 120'000);
  EXPECT_EQ(wait_for(7, 20'000), 20'000);
  EXPECT_EQ(wait_for(0, 1, 20), 1);
  EXPECT_EQ(wait_for(1, 1, 1'500), 1'000);
  EXPECT_EQ(wait_for(2, 1, 1'500), 1'500);
}

TEST(Retry, IsNotHurriedByANumberThatIsTooLarge) {
  EXPECT_EQ(wait_for(std::numeric_limits<i64>::max()), 120'000);
  EXPECT_EQ(wait_for(std::numeric_limits<i64>::max() / 1000 + 1), 120'000);
}

}  // namespace
}  // namespace chimplift
