// Answers and addresses: every answer means something, and none sends the key to another server. Input: status, location, a line each; then
// the body.
#include <charconv>

#include "fuzz.hpp"
#include "mailchimp/answer.hpp"
#include "net/url.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string origin = "https://us1.api.mailchimp.com:443";
  std::string_view rest = text_of(data, size);
  const std::string_view status = take_line(rest);
  chimplift::HttpResponse response;
  std::from_chars(status.data(), status.data() + status.size(), response.status);
  response.location = take_line(rest);
  response.body = rest;
  const chimplift::Answer answer = chimplift::meaning_of(response, origin);
  HOLDS(answer.meaning == chimplift::Meaning::page || !answer.reason.empty());
  HOLDS((answer.meaning == chimplift::Meaning::page) == (response.status == 200));
  if (answer.meaning == chimplift::Meaning::redirected) {
    const auto target = chimplift::parse_url(answer.location);
    HOLDS(target && target->origin() == origin);
  }
  if (const auto url = chimplift::parse_url(response.location)) {
    HOLDS((url->scheme == "http" || url->scheme == "https") && !url->host.empty() && !url->port.empty());
    const auto again = chimplift::parse_url(url->origin() + "/");
    HOLDS(again && again->origin() == url->origin());
  }
  return 0;
}
