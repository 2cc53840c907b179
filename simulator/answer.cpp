// See answer.hpp. Titles and details are those of Mailchimp's error glossary.
#include "simulator/answer.hpp"

#include <fmt/format.h>

#include <atomic>

#include "simulator/json_text.hpp"

namespace mailchimp_sim {

Answer problem(int status, std::string_view title, std::string_view detail) {
  static std::atomic<u64> instances{0};
  Answer answer;
  answer.status = status;
  answer.content_type = "application/problem+json; charset=utf-8";
  answer.body = json::object({{"type", json::text("https://mailchimp.com/developer/marketing/docs/errors/")},
                              {"title", json::text(title)},
                              {"status", json::number(status)},
                              {"detail", json::text(detail)},
                              {"instance", json::text(fmt::format("5a1c0e2f-0000-4000-8000-{:012x}", ++instances))}});
  return answer;
}

Answer key_invalid() {
  return problem(401, "API Key Invalid", "Your API key may be invalid, or you've attempted to access the wrong datacenter.");
}
Answer not_found() { return problem(404, "Resource Not Found", "The requested resource could not be found."); }
Answer method_not_allowed() {
  return problem(405, "Method Not Allowed",
                 "The requested method and resource are not compatible. See the Allow header for this resource's available methods.");
}
Answer too_many_requests() { return problem(429, "Too Many Requests", "You have exceeded the limit of 10 simultaneous connections."); }

Answer network_page(int status, std::string_view title) {
  Answer answer;
  answer.status = status;
  answer.content_type = "text/html";
  answer.body = fmt::format(
      "<html><head><title>{0}</title></head><body><h1>{0}</h1>\n<p>Reference&#32;&#35;18.6f6a3817.1750000000.1b2c3d</p></body></html>\n",
      title);
  return answer;
}

}  // namespace mailchimp_sim
