// What S3's refusals mean for the person in front of the program. docs/operations.md has the same as a table.
#include <fmt/format.h>

#include "aws/s3.hpp"
#include "aws/session.hpp"
#include "base/clock.hpp"

namespace chimplift {
namespace {

Error transport_error(const std::string& message, const HttpResponse& response, const std::string& endpoint) {
  switch (response.error) {
    case TransportError::bad_url:
      return {ErrorKind::usage, message, fmt::format("Check the S3 endpoint: {}.", endpoint)};
    case TransportError::bad_header:
      return {ErrorKind::usage, message, "Check the settings of the bucket: one of them has a line break."};
    case TransportError::tls:
      return {ErrorKind::destination, fmt::format("{} ({})", message, response.message),
              "Check that nothing between here and S3 opens TLS; --ca-file or AWS_CA_BUNDLE names the certificates to trust."};
    case TransportError::too_large:
      return {ErrorKind::destination, message, "The object is larger than what was asked for allows."};
    case TransportError::unresolved:
      return {ErrorKind::temporary, message, fmt::format("Check the region and the endpoint, {}, if this comes back.", endpoint)};
    default:
      return {ErrorKind::temporary, message, "Run again; what is done already is not done again."};
  }
}

bool is_about_kms(const AwsProblem& problem) {
  return problem.code.starts_with("KMS.") || problem.code.starts_with("KMSI") || problem.message.find("kms:") != std::string::npos ||
         problem.message.find("KMS") != std::string::npos;
}

}  // namespace

// S3 says the same for a bucket of another owner and for a missing right. Without naming the owner the bucket's existence is no secret to
// those who may list it: if they may, it was the owner.
bool S3Client::is_another_owners() {
  if (settings_.owner.empty()) return false;
  AwsCall asked = call(HttpMethod::head, "");
  asked.request.headers.clear();
  const Result<AwsAnswer> answer = caller_->send(asked);
  return answer && answer->ok();
}

Error S3Client::error_of(const std::string& what, const AwsAnswer& answer) {
  const HttpResponse& response = answer.response;
  const AwsProblem& problem = answer.problem;
  const std::string message = fmt::format("{}: {}", what, reason_of(response, problem));
  if (response.error != TransportError::none) return transport_error(message, response, endpoint_);

  const bool names_region = !problem.region.empty() && problem.region != region();
  if (names_region && (response.status == 301 || response.status == 307 || response.status == 400)) {
    return {ErrorKind::destination,
            fmt::format("{}: bucket {} is in {}, and {} was asked", what, settings_.bucket, problem.region, region()),
            fmt::format("Set AWS_REGION={}.", problem.region)};
  }
  if (response.status == 301 || response.status == 307) {
    return {ErrorKind::destination, message, fmt::format("The bucket is not in {}: set AWS_REGION to its own region.", region())};
  }
  if (problem.code == "NoSuchBucket") {
    return {ErrorKind::destination, fmt::format("{}: there is no bucket {} in {}", what, settings_.bucket, region()),
            "Make it, or check its name and its region."};
  }
  if (is_skewed(problem)) {
    return {ErrorKind::permission,
            fmt::format("{}: the clock of this machine says {}, which is too far from S3's", what,
                        format_utc(caller_->session().settings().clock->now_micros())),
            "Set the clock, by NTP."};
  }
  if (is_expired(problem)) {
    return {ErrorKind::permission, fmt::format("{}: the AWS credentials have expired, and their source gives no newer ones", what),
            "Log in again, or use credentials that renew themselves: a role."};
  }
  if (problem.code == "InvalidAccessKeyId" || problem.code == "SignatureDoesNotMatch" || problem.code == "InvalidToken") {
    return {ErrorKind::permission, message,
            "The AWS access key, its secret or its session token is wrong, or belongs to another server than this."};
  }
  if (is_about_kms(problem)) {
    const bool is_denied = response.status == 403;
    return {is_denied ? ErrorKind::permission : ErrorKind::destination, message,
            is_denied ? "Allow kms:GenerateDataKey and kms:Decrypt on the bucket's key, in the role and in the key's policy."
                      : "Check the KMS key: it must exist in the bucket's region and be enabled."};
  }
  if (problem.code == "InvalidObjectState") {
    return {ErrorKind::destination, message, "The object lies in an archive class of S3, such as Glacier: restore it first."};
  }
  if (response.status == 403 || response.status == 401) {
    if (is_another_owners()) {
      return {ErrorKind::permission, fmt::format("{}: bucket {} does not belong to account {}", what, settings_.bucket, settings_.owner),
              "Check the bucket's name, and the account number that you expect it to belong to."};
    }
    return {
        ErrorKind::permission, message,
        "Allow s3:GetObject, s3:PutObject and s3:DeleteObject on bucket/*, and s3:ListBucket on the bucket: without the last, S3 refuses "
        "also what is not there."};
  }
  if (may_pass(response, problem)) return {ErrorKind::temporary, message, "Run again; what is done already is not done again."};
  if (response.status == 501) {
    return {ErrorKind::destination, message, "This server is not S3 enough: chimplift needs conditional writes and checksums."};
  }
  return {ErrorKind::destination, message, fmt::format("Asked was {}.", endpoint_)};
}

}  // namespace chimplift
