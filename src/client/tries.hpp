// When one question has failed so often that it is not asked again.
#pragma once

#include "mailchimp/answer.hpp"
#include "run/retry.hpp"

namespace chimplift {

/// How a question has fared.
struct Tries {
  int failures = 0;
  int throttled = 0;  // of these, because of too many requests
  void note(Meaning meaning) {
    ++failures;
    if (meaning == Meaning::throttled) ++throttled;
  }
  /// True where another try is worth while.
  [[nodiscard]] bool may_go_on() const { return failures - throttled < kMostAttempts && throttled < kMostThrottled; }
};

}  // namespace chimplift
