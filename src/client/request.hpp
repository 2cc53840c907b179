// A question to an account, as everything asks it that talks to Mailchimp.
#pragma once

#include <string>

#include "base/secret.hpp"
#include "net/http.hpp"
#include "run/retry.hpp"
#include "run/settings.hpp"

namespace chimplift {

/// GET of the address with the account's key.
HttpRequest request_to(const std::string& url, const Secret& key, const Pace& pace);

/// For a loop on which all accounts of the run may have their requests under way.
HttpSettings http_settings(const Settings& settings);

}  // namespace chimplift
