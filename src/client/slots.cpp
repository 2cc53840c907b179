#include "client/slots.hpp"

#include <algorithm>
#include <utility>

namespace chimplift {

namespace {

// What ends within 5 s of 120 without a word of Mailchimp's was refused on the way: nobody is at work on it.
constexpr i64 kSoon = 24;

}  // namespace

i64 cooling_millis(const HttpResponse& response, i64 server_limit_millis) {
  const i64 took = static_cast<i64>(response.seconds * 1000);
  const bool we_hung_up = response.error == TransportError::timed_out || response.error == TransportError::too_large;
  // When Mailchimp began is not known: it may have been just before we stopped waiting.
  if (we_hung_up) return server_limit_millis;
  const bool was_cut = response.error == TransportError::interrupted && response.status == 0;
  const bool gateway_hung_up = response.error == TransportError::none && (response.status == 502 || response.status == 504);
  if (!(was_cut || gateway_hung_up) || took < server_limit_millis / kSoon) return 0;
  return std::max<i64>(server_limit_millis - took, 0);
}

Slots::Slots(HttpLoop& loop, const Pace& pace, std::function<void()> freed) : loop_(&loop), pace_(pace), freed_(std::move(freed)) {}

void Slots::when_free(std::function<void()> use) {
  waiting_.push_back(std::move(use));
  serve();
}

void Slots::serve() {
  while (!waiting_.empty() && has_free()) {
    const std::function<void()> use = std::move(waiting_.front());
    waiting_.pop_front();
    use();
  }
}

void Slots::release(const HttpResponse& response) {
  --in_flight_;
  const i64 millis = cooling_millis(response, pace_.server_limit_millis);
  if (millis > 0) {
    ++cooling_;
    loop_->after(millis, [this] {
      --cooling_;
      serve();
      freed_();
    });
    return;
  }
  serve();
}

void Slots::release() {
  --in_flight_;
  serve();
}

}  // namespace chimplift
