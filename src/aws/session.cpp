#include "aws/session.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/backoff.hpp"
#include "base/log.hpp"

namespace chimplift {
namespace {

// No limit of its own for the whole: 5 GB may take hours. But something must move.
constexpr i64 kStallSeconds = 60;
constexpr i64 kLongestRetryAfterSeconds = 60;
// Damaged on the way is worth another try or two; damaged each time is a file that changes while it is sent.
constexpr int kMostDamaged = 3;

AwsSettings with_ca(AwsSettings settings) {
  if (settings.http.ca_file.empty()) settings.http.ca_file = variable(settings, "AWS_CA_BUNDLE");
  return settings;
}

bool leaves_open(const HttpResponse& response) {
  switch (response.error) {
    case TransportError::none:
      return response.status >= 500;
    case TransportError::unresolved:
    case TransportError::unreachable:
    case TransportError::tls:
    case TransportError::bad_url:
    case TransportError::bad_header:
    case TransportError::source:
      return false;
    default:
      return true;
  }
}

}  // namespace

AwsSession::AwsSession(AwsSettings settings) : settings_(with_ca(std::move(settings))), credentials_(settings_) {}
AwsSession::~AwsSession() = default;

AwsCaller::AwsCaller(AwsSession& session, AwsScope scope, ProblemReader read_problem)
    : session_(&session),
      scope_(std::move(scope)),
      read_problem_(read_problem),
      client_(session.settings().http, session.settings().is_cancelled) {}

Result<AwsAnswer> AwsCaller::send(const AwsCall& call) {
  const AwsSettings& settings = session_->settings();
  Backoff backoff(static_cast<u64>(settings.clock->now_micros()) ^ reinterpret_cast<std::uintptr_t>(this), settings.first_pause_millis);
  AwsAnswer answer;
  bool clock_was_set = false;
  bool renewed = false;
  int damaged = 0;
  for (int attempt = 1;;) {
    TRY_ASSIGN(const AwsCredentials credentials, session_->credentials().get());
    HttpCall http;
    http.method = call.request.method;
    http.request.url = url_of(call.request);
    http.request.max_bytes = call.max_bytes;
    http.request.timeout_millis = 0;
    http.request.stall_seconds = kStallSeconds;
    http.request.compressed = false;
    http.headers = signed_headers(call.request, credentials, scope_, session_->now_micros());
    http.body = call.body;
    http.file = call.file;
    http.wanted = call.wanted;
    http.wanted.insert(http.wanted.end(), {"date", "x-amz-bucket-region"});
    answer.response = client_.send(std::move(http));
    const HttpResponse& response = answer.response;
    if (answer.ok()) return answer;
    if (response.error == TransportError::cancelled) return fail(ErrorKind::interrupted, "interrupted");
    if (response.error == TransportError::source) {
      return fail(ErrorKind::destination,
                  fmt::format("cannot send {}: it cannot be read, or became shorter meanwhile", call.file->path.string()),
                  "Run again while nothing else touches that file.");
    }
    answer.problem = read_problem_(response);
    answer.may_have_acted = answer.may_have_acted || leaves_open(response);
    if (is_skewed(answer.problem) && !clock_was_set) {
      const auto date = response.headers.find("date");
      const std::optional<i64> theirs = date == response.headers.end() ? std::nullopt : http_date_micros(date->second);
      if (!theirs) return answer;
      clock_was_set = true;
      session_->set_clock(*theirs);
      log_warning("This machine's clock is not AWS's; requests are signed with AWS's time.", {{"aws_time", format_utc(*theirs)}});
      continue;
    }
    if (is_expired(answer.problem) && !renewed) {
      renewed = true;
      session_->credentials().expired(credentials);
      continue;
    }
    if (answer.problem.code == "BadDigest" || answer.problem.code == "XAmzContentSHA256Mismatch") ++damaged;
    if (!may_pass(response, answer.problem) || attempt >= settings.attempts || damaged >= kMostDamaged) return answer;
    log_info("A request to AWS is tried again.", {{"host", call.request.endpoint}, {"reason", reason_of(response, answer.problem)}});
    const i64 pause = std::max(backoff.millis(attempt), std::min(response.retry_after_seconds, kLongestRetryAfterSeconds) * 1000);
    if (!client_.pause(pause)) return fail(ErrorKind::interrupted, "interrupted");
    ++attempt;
  }
}

}  // namespace chimplift
