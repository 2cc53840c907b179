#include "aws/session.hpp"

#include <fmt/format.h>

#include <algorithm>

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
  const u64 seed = static_cast<u64>(settings.clock->now_micros()) ^ reinterpret_cast<std::uintptr_t>(this);
  Tries tries{Backoff(seed, settings.first_pause_millis)};
  AwsAnswer answer;
  while (true) {
    TRY_ASSIGN(const AwsCredentials credentials, session_->credentials().get());
    answer.response = client_.send(signed_call(call, credentials));
    if (answer.ok()) return answer;
    if (answer.response.error == TransportError::cancelled) return fail(ErrorKind::interrupted, "interrupted");
    if (answer.response.error == TransportError::source) {
      return fail(ErrorKind::destination,
                  fmt::format("cannot send {}: it cannot be read, or became shorter meanwhile", call.file->path.string()),
                  "Run again while nothing else touches that file.");
    }
    answer.problem = read_problem_(answer.response);
    answer.may_have_acted = answer.may_have_acted || leaves_open(answer.response);
    if (take_their_clock(answer, tries) || renew_expired(answer, credentials, tries)) continue;
    TRY_ASSIGN(const bool again, wait_before(call, answer, tries));
    if (!again) return answer;
  }
}

HttpCall AwsCaller::signed_call(const AwsCall& call, const AwsCredentials& credentials) const {
  HttpCall http;
  http.method = call.request.method;
  http.request.url = url_of(call.request);
  http.request.max_bytes = call.max_bytes;
  http.request.timeout_millis = 0;
  http.request.stall_seconds = kStallSeconds;
  http.request.coding = Coding::exact;
  http.headers = signed_headers(call.request, credentials, scope_, session_->now_micros());
  http.body = call.body;
  http.file = call.file;
  http.wanted = call.wanted;
  http.wanted.insert(http.wanted.end(), {"date", "x-amz-bucket-region"});
  return http;
}

bool AwsCaller::take_their_clock(const AwsAnswer& answer, Tries& tries) {
  if (!is_skewed(answer.problem) || tries.clock_was_set) return false;
  const std::optional<i64> theirs = http_date_micros(header_of(answer.response, "date"));
  if (!theirs) return false;
  tries.clock_was_set = true;
  session_->set_clock(*theirs);
  log_warning("This machine's clock is not AWS's; requests are signed with AWS's time.", {{"aws_time", format_utc(*theirs)}});
  return true;
}

bool AwsCaller::renew_expired(const AwsAnswer& answer, const AwsCredentials& credentials, Tries& tries) {
  if (!is_expired(answer.problem) || tries.was_renewed) return false;
  tries.was_renewed = true;
  session_->credentials().expired(credentials);
  return true;
}

Result<bool> AwsCaller::wait_before(const AwsCall& call, const AwsAnswer& answer, Tries& tries) {
  if (answer.problem.code == "BadDigest" || answer.problem.code == "XAmzContentSHA256Mismatch") ++tries.damaged;
  const bool is_last = tries.attempt >= session_->settings().attempts || tries.damaged >= kMostDamaged;
  if (is_last || !may_pass(answer.response, answer.problem)) return false;
  log_info("A request to AWS is tried again.", {{"host", call.request.endpoint}, {"reason", reason_of(answer.response, answer.problem)}});
  const i64 asked_for = std::min(answer.response.retry_after_seconds, kLongestRetryAfterSeconds) * 1000;
  if (!client_.pause(std::max(tries.backoff.millis(tries.attempt), asked_for))) return fail(ErrorKind::interrupted, "interrupted");
  ++tries.attempt;
  return true;
}

}  // namespace chimplift
