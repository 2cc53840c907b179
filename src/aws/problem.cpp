#include "aws/problem.hpp"

#include <fmt/format.h>
#include <pugixml.hpp>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/secret.hpp"
#include "base/text.hpp"
#include "rows/json.hpp"

namespace chimplift {
namespace {

// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html and botocore's retry tables. IDPCommunicationError is STS's.
constexpr std::array<std::string_view, 17> kPassing = {"RequestTimeout",
                                                       "RequestTimeoutException",
                                                       "ConditionalRequestConflict",
                                                       "OperationAborted",
                                                       "SlowDown",
                                                       "Throttling",
                                                       "ThrottlingException",
                                                       "ThrottledException",
                                                       "RequestThrottled",
                                                       "RequestThrottledException",
                                                       "RequestLimitExceeded",
                                                       "TooManyRequestsException",
                                                       "BandwidthLimitExceeded",
                                                       "PriorRequestNotComplete",
                                                       "IDPCommunicationError",
                                                       "BadDigest",
                                                       "XAmzContentSHA256Mismatch"};

}  // namespace

std::string header_of(const HttpResponse& response, const std::string& name) {
  const auto found = response.headers.find(name);
  return found == response.headers.end() ? "" : found->second;
}

AwsProblem problem_of_xml(const HttpResponse& response) {
  AwsProblem problem;
  problem.region = header_of(response, "x-amz-bucket-region");
  pugi::xml_document document;
  if (!document.load_buffer(response.body.data(), response.body.size())) return problem;
  // S3: <Error>…; STS: <ErrorResponse><Error>….
  pugi::xml_node error = document.child("Error");
  if (!error) error = document.child("ErrorResponse").child("Error");
  problem.code = error.child_value("Code");
  problem.message = trim(error.child_value("Message"));
  if (problem.region.empty()) problem.region = error.child_value("Region");
  return problem;
}

AwsProblem problem_of_json(const HttpResponse& response) {
  AwsProblem problem;
  const Result<JsonDocument> document = JsonDocument::parse(response.body);
  if (!document) return problem;
  const auto text_of = [&](std::string_view name) {
    const JsonNode* field = find_field(document->root(), name);
    return field == nullptr ? std::string() : std::string(field->text);
  };
  const std::string type = text_of("__type");
  problem.code = type.substr(type.rfind('#') + 1);  // npos + 1 is 0
  problem.message = text_of("message");
  if (problem.message.empty()) problem.message = text_of("Message");
  return problem;
}

bool may_pass(const HttpResponse& response, const AwsProblem& problem) {
  switch (response.error) {
    case TransportError::none:
      break;
    case TransportError::unresolved:
    case TransportError::unreachable:
    case TransportError::interrupted:
    case TransportError::timed_out:
      return true;
    default:
      return false;
  }
  if (response.status >= 500) return response.status != 501 && response.status != 505;
  if (response.status == 408 || response.status == 429) return true;
  return std::find(kPassing.begin(), kPassing.end(), problem.code) != kPassing.end();
}

bool is_expired(const AwsProblem& problem) {
  return problem.code == "ExpiredToken" || problem.code == "ExpiredTokenException" || problem.code == "RequestExpired" ||
         problem.code == "TokenRefreshRequired";
}

bool is_skewed(const AwsProblem& problem) {
  if (problem.code == "RequestTimeTooSkewed") return true;
  // Services other than S3 say so in words only: "Signature expired: 2026… is now earlier than …", "Signature not yet current: …".
  return (problem.code == "SignatureDoesNotMatch" || problem.code == "InvalidSignatureException" || problem.code == "RequestExpired") &&
         (problem.message.starts_with("Signature expired") || problem.message.starts_with("Signature not yet current"));
}

std::string reason_of(const HttpResponse& response, const AwsProblem& problem) {
  if (response.error != TransportError::none) return std::string(name_of(response.error));
  if (problem.code.empty()) return fmt::format("status {}", response.status);
  if (problem.message.empty()) return fmt::format("{} ({})", problem.code, response.status);
  return redact(fmt::format("{} ({}): {}", problem.code, response.status, to_utf8(problem.message)));
}

}  // namespace chimplift
