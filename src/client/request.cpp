#include "client/request.hpp"

namespace chimplift {

HttpRequest request_to(const std::string& url, const Secret& key, const Pace& pace) {
  HttpRequest request;
  request.url = url;
  request.password = key;
  request.timeout_millis = pace.timeout_millis;
  return request;
}

}  // namespace chimplift
