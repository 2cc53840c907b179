#include "aws/credentials.hpp"

#include <fmt/format.h>

#include "aws/credential_sources.hpp"
#include "base/log.hpp"

namespace chimplift {
namespace {

constexpr i64 kMinute = 60'000'000;
// AWS's SDKs ask anew five minutes before the end.
constexpr i64 kRefreshBefore = 5 * kMinute;
constexpr i64 kRetryRefreshMillis = 30'000;

}  // namespace

CredentialChain::CredentialChain(const AwsSettings& settings) : settings_(&settings), client_(settings.http, settings.is_cancelled) {}
CredentialChain::~CredentialChain() = default;

Result<AwsCredentials> CredentialChain::get() {
  const std::lock_guard lock(mutex_);
  const i64 now = settings_->clock->now_micros();
  const bool is_good = current_ && (current_->expires_at_micros == 0 || current_->expires_at_micros - now > kRefreshBefore);
  if (is_good) return *current_;
  const bool is_usable = current_ && current_->expires_at_micros > now;
  if (is_usable && settings_->clock->steady_millis() < next_try_steady_millis_) return *current_;
  Result<AwsCredentials> fresh = ask_sources();
  if (fresh) {
    current_ = *fresh;
    next_try_steady_millis_ = settings_->clock->steady_millis() + kRetryRefreshMillis;  // a source may give what ends within minutes
    return fresh;
  }
  if (!is_usable) return fresh;
  next_try_steady_millis_ = settings_->clock->steady_millis() + kRetryRefreshMillis;
  log_warning("AWS credentials could not be renewed; those at hand are used while they last.", {{"reason", fresh.error().message}});
  return *current_;
}

void CredentialChain::expired(const AwsCredentials& credentials) {
  const std::lock_guard lock(mutex_);
  if (current_ && *current_ == credentials) current_.reset();
}

Result<AwsCredentials> CredentialChain::ask_sources() {
  CredentialSearch search{settings_, &client_};
  std::string said;
  for (const CredentialSource& source : credential_sources(*settings_)) {
    Result<SourceAnswer> answer = source.ask(search);
    if (!answer) {
      Error error = std::move(answer).error();
      error.message =
          fmt::format("AWS credentials from {}: {}{}", source.name, error.message, said.empty() ? "" : " (before it: " + said + ")");
      if (error.advice.empty() && error.kind == ErrorKind::usage)
        error.advice = "Mend that place, or take it away: where one is configured, no other identity is taken in its stead.";
      return tl::unexpected(std::move(error));
    }
    if (answer->credentials) return std::move(*answer->credentials);
    said += fmt::format("{}{}: {}", said.empty() ? "" : "; ", source.name, answer->why_none);
  }
  return fail(ErrorKind::permission, "no AWS credentials were found: " + said,
              "Give this machine or pod a role, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.");
}

}  // namespace chimplift
