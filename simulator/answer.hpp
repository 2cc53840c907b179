// What the simulator says to a request, before any HTTP library is asked to send it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simulator/random.hpp"

namespace mailchimp_sim {

struct Answer {
  enum class Delivery {
    whole,
    reset,     // nothing is said; the connection ends with RST
    truncate,  // Content-Length tells the truth, the connection closes half way
    slow,      // small pieces with pauses
    endless,   // for ever, until the reader gives up
    raw,       // `body` is all that is said, its head included; then the connection ends as `ending` says
  };
  enum class Ending { close, reset, silence, more };  // more: the last line again and again, until the reader gives up
  int status = 200;
  std::string content_type = "application/json; charset=utf-8";
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  Delivery delivery = Delivery::whole;
  i64 pause_ms = 0;               // of slow, between pieces; of silence, before the connection ends
  Ending ending = Ending::close;  // of raw
};

/// application/problem+json as Mailchimp sends it, with `instance` as the support's reference.
Answer problem(int status, std::string_view title, std::string_view detail);

Answer key_invalid();
Answer not_found();
Answer method_not_allowed();
Answer too_many_requests();
/// An HTML page as a content delivery network shows it in place of the API.
Answer network_page(int status, std::string_view title);

}  // namespace mailchimp_sim
