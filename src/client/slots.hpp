// The ten requests that an account may have under way. What counts is what Mailchimp is busy with, and that is more than what we wait for:
// a request that was given up may run on there for as long as Mailchimp gives any request (120 s), and takes one of the ten until then. So
// the slot of a time-out cools down before it is used again. docs/mailchimp.md, "Connections" and "Time limit".
#pragma once

#include <deque>
#include <functional>

#include "net/http.hpp"
#include "run/retry.hpp"

namespace chimplift {

class Slots {
 public:
  /// `freed` is called when a slot has cooled down.
  Slots(HttpLoop& loop, const Pace& pace, std::function<void()> freed);

  [[nodiscard]] bool has_free() const { return in_flight_ + cooling_ < kSlots; }
  /// Calls it as soon as a slot is free: at once, or before `freed` is called for that slot.
  void when_free(std::function<void()> use);
  void take() { ++in_flight_; }
  /// The request has ended: its slot is free, or cools down.
  void release(const HttpResponse& response);
  /// The same for a request that took no place at Mailchimp's API: a file's.
  void release();
  [[nodiscard]] int in_flight() const { return in_flight_; }
  /// Nothing is under way, and nothing cools down.
  [[nodiscard]] bool are_all_free() const { return in_flight_ + cooling_ == 0; }

 private:
  void serve();

  HttpLoop* loop_;
  Pace pace_;
  std::function<void()> freed_;
  std::deque<std::function<void()>> waiting_;
  int in_flight_ = 0;
  int cooling_ = 0;
};

/// How long Mailchimp may go on with a request after it ended for us.
i64 cooling_millis(const HttpResponse& response, i64 server_limit_millis);

}  // namespace chimplift
