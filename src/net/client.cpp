#include <memory>
#include <optional>
#include <utility>

#include "net/call.hpp"

namespace chimplift {

HttpClient::HttpClient(HttpSettings settings, std::function<bool()> cancelled)
    : settings_(std::move(settings)), cancelled_(std::move(cancelled)), loop_(make_call_loop(settings_)) {}

HttpClient::~HttpClient() = default;

HttpResponse HttpClient::send(HttpCall call) {
  std::optional<HttpResponse> answer;
  if (!is_cancelled()) {
    loop_->call(std::move(call), [&answer](HttpResponse response) { answer = std::move(response); });
    loop_->run([&] { return answer.has_value() || is_cancelled(); });
  }
  if (answer) return std::move(*answer);
  loop_ = make_call_loop(settings_);  // with the old one goes the call that would still write into `answer`
  HttpResponse response;
  response.error = TransportError::cancelled;
  response.message = name_of(response.error);
  return response;
}

bool HttpClient::pause(i64 millis) {
  // Shared with the timer, which outlives this function where it was cancelled.
  const auto is_over = std::make_shared<bool>(false);
  loop_->after(millis, [is_over] { *is_over = true; });
  loop_->run([&] { return *is_over || is_cancelled(); });
  return !is_cancelled();
}

}  // namespace chimplift
