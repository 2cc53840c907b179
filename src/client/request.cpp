#include "client/request.hpp"

namespace chimplift {
namespace {

// Chosen: connections that are kept, beside those of all slots, to the servers that files come from.
constexpr int kConnectionsForFiles = 16;

}  // namespace

HttpRequest request_to(const std::string& url, const Secret& key, const Pace& pace) {
  HttpRequest request;
  request.url = url;
  request.password = key;
  request.timeout_millis = pace.timeout_millis;
  return request;
}

HttpSettings http_settings(const Settings& settings) {
  return {.user_agent = "chimplift/" CHIMPLIFT_VERSION,
          .ca_file = settings.ca_file,
          .proxies = settings.proxies,
          .connections = kSlots * static_cast<int>(settings.accounts.size()) + kConnectionsForFiles};
}

}  // namespace chimplift
