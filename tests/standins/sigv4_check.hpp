// Checks a request's AWS signature, from what came over the wire and in its own way: it shares no line with src/aws/sigv4.cpp.
#pragma once

#include <map>
#include <string>

#include "standins/http.hpp"

namespace chimplift::standins {

struct Key {
  std::string secret;
  std::string token = {};
  bool is_expired = false;
};

struct Verifier {
  std::string service;
  std::string region;
  std::map<std::string, Key> keys;  // by access key id
  long clock_offset_seconds = 0;    // how far this server's clock is ahead

  struct Refusal {
    int status = 403;
    std::string code;  // "": the request is good
    std::string message = {};
  };
  [[nodiscard]] Refusal check(const Request& request) const;
  [[nodiscard]] long now() const;
};

}  // namespace chimplift::standins
