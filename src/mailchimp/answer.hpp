// What an answer of the API means. The one place that knows Mailchimp's statuses, problem documents and the pages that gateways put in
// their place (docs/mailchimp.md, "Errors" and "Gateways").
#pragma once

#include <string>

#include "base/error.hpp"
#include "net/http.hpp"

namespace chimplift {

enum class Meaning {
  page,           // a body to read
  temporary,      // ask again later
  throttled,      // too many requests: ask again later, with more patience
  too_slow,       // the server gave up: ask for less
  too_large,      // more than we take at once: ask for less
  missing,        // 404, in Mailchimp's words
  wordless,       // 4xx without them: of something on the way, or of no Mailchimp. Ask again
  not_permitted,  // the plan or the role does not allow it
  refused,        // final for this request
  key_refused,    // 401: the key is wrong or revoked
  disabled,       // the account is deactivated, or something of it: ask for the account itself
  blocked,        // a gateway refuses this machine
  redirected,     // within the same server: ask there
};

struct Answer {
  Meaning meaning = Meaning::refused;
  std::string reason;    // for people: status, title, detail
  std::string location;  // for redirected
};

/// `origin`: scheme, host and port that the request went to. A redirect to anywhere else is refused: the key does not go along.
Answer meaning_of(const HttpResponse& response, const std::string& origin);

/// The key was not taken: as such, or with the user whose it is.
bool refuses_key(Meaning meaning);

/// The error that ends what was being done because of an answer, with what to do about it. `what`: who was asked for what, for people.
Error error_of(const Answer& answer, const std::string& what);

}  // namespace chimplift
