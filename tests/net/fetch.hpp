// One request through the real loop, and its answer.
#pragma once

#include <csignal>
#include <optional>
#include <utility>

#include "net/http.hpp"
#include "support/raw_server.hpp"

namespace chimplift {

inline HttpResponse fetch(HttpLoop& loop, HttpRequest request) {
  std::optional<HttpResponse> answer;
  loop.send(std::move(request), [&answer](HttpResponse response) { answer = std::move(response); });
  loop.run([&answer] { return answer.has_value(); });
  return std::move(*answer);
}

inline HttpResponse fetch(HttpRequest request, const HttpSettings& settings = {}) {
  return fetch(*make_http_loop(settings), std::move(request));
}

/// With more time than any machine needs.
inline HttpRequest get(const std::string& url) {
  HttpRequest request;
  request.url = url;
  request.timeout_millis = 600'000;
  return request;
}

}  // namespace chimplift
