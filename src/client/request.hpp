// A question to an account, as every part of this layer asks it.
#pragma once

#include <string>

#include "base/secret.hpp"
#include "net/http.hpp"
#include "run/retry.hpp"

namespace chimplift {

/// GET of the address with the account's key.
HttpRequest request_to(const std::string& url, const Secret& key, const Pace& pace);

}  // namespace chimplift
