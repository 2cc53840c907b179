// When to stop asking, how long to wait, and how many to ask at once.
#pragma once

#include <algorithm>
#include <cstddef>

#include "base/backoff.hpp"
#include "net/http.hpp"

namespace chimplift {

/// Mailchimp's own limit is 10 simultaneous connections a user (docs/mailchimp.md, "Connections").
inline constexpr int kSlots = 10;
/// Failures of one request before it is given up. With the waits below that is half a minute of a page that never comes.
inline constexpr int kMostAttempts = 8;
/// Failures of whatever requests, with no page between them, behind which the server is asked whether it is there: each of thousands of
/// pages would find that out for itself. Chosen: five of each slot.
inline constexpr int kMostInARow = 50;
/// Too many requests is somebody else's traffic, and passes: twice as patient.
inline constexpr int kMostThrottled = 16;
/// Pages, and files, of an account that failed so often and are tried once more when all else was read. Where there are more it is not a
/// few that had bad luck, and a second round would only take longer. Chosen.
inline constexpr std::size_t kMostPutAside = 100;
/// A key is refused for good, but one answer may be a gateway's.
inline constexpr int kMostRefusals = 3;

/// How long things take; tests are in a hurry.
struct Pace {
  i64 server_limit_millis = 120'000;  // Mailchimp gives up a request after that (docs/mailchimp.md, "Time limit")
  i64 timeout_millis = 150'000;       // for an answer of the API: a while longer than Mailchimp itself would take
  i64 first_wait_millis = 250;        // before the second attempt
  i64 longest_wait_millis = 20'000;
  i64 longest_retry_after_millis = 120'000;  // of what a server asks us to wait
  i64 reachability_millis = 10'000;          // between two looks at a server that is out of reach
};

/// Before the next attempt: what the server asked for, within reason, and no less than our own wait.
inline i64 wait_millis(const Pace& pace, i64 own_millis, const HttpResponse& response) {
  // Cut as seconds first: a server may ask for so many that their milliseconds are no number any more.
  const i64 seconds = std::min(response.retry_after_seconds, pace.longest_retry_after_millis / 1000 + 1);
  return std::max(own_millis, std::min(seconds * 1000, pace.longest_retry_after_millis));
}

}  // namespace chimplift
