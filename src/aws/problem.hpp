// What an AWS service says when it says no, and which of that may pass.
#pragma once

#include <string>

#include "net/http.hpp"

namespace chimplift {

struct AwsProblem {
  std::string code;     // "AccessDenied"; "" where the answer has none, as HEAD's has not
  std::string message;  // the service's own words
  std::string region;   // the one to ask, where the service names it
};

/// A header of the answer, by its name in lower case; "" where there is none.
std::string header_of(const HttpResponse& response, const std::string& name);

/// Of S3 and STS, which answer in XML. Without a document: only what the headers say.
AwsProblem problem_of_xml(const HttpResponse& response);
/// Of Secrets Manager: {"__type": "…#Code", "message": …}.
AwsProblem problem_of_json(const HttpResponse& response);

/// The same request may be answered later: overload, time-outs, conflicts, cut connections.
bool may_pass(const HttpResponse& response, const AwsProblem& problem);
/// The credentials were good and have run out.
bool is_expired(const AwsProblem& problem);
/// This machine's clock is too far from AWS's.
bool is_skewed(const AwsProblem& problem);

/// "AccessDenied (403): User … is not authorized", or the transport's words.
std::string reason_of(const HttpResponse& response, const AwsProblem& problem);

}  // namespace chimplift
