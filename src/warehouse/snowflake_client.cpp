#include "warehouse/snowflake_client.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

#include "base/hash.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace chimplift::snowflake {
namespace {

using Json = nlohmann::ordered_json;

constexpr i64 kAnswerMillis = 150'000;        // a statement that is not asynchronous is answered within 45 s, done or not
constexpr i64 kMostBytes = 256'000'000;       // of one partition of a result
constexpr i64 kLongestPause = 30'000;         // between tries
constexpr i64 kLongestPoll = 5'000;           // between questions whether a statement has ended
constexpr std::size_t kMostText = 1'000'000;  // bytes of SQL in one request

/// A random UUID (version 4), as the API wants it.
std::string new_request_id() {
  std::string hex = random_id();
  hex[12] = '4';
  hex[16] = "89ab"[static_cast<unsigned char>(hex[16]) % 4];
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" + hex.substr(20);
}

HttpSettings http_settings(const SnowflakeSettings& settings) {
  HttpSettings http;
  http.user_agent = "chimplift/" CHIMPLIFT_VERSION;
  http.ca_file = settings.ca_file;
  http.proxies = settings.proxies;
  return http;
}

// A 200 that comes here has no result: its body was cut, or something between here and Snowflake sent a page of its own.
bool may_pass(int status) { return status == 0 || status == 200 || status == 429 || status >= 500; }

}  // namespace

/// How far one statement has come.
struct Client::Attempt {
  std::string handle;      // "" until Snowflake gave one
  bool is_repeat = false;  // an earlier try may have been executed
  bool has_new_token = false;
  i64 failing_since = -1;  // steady milliseconds of the first failure of this series
  i64 crowded_since = -1;  // of the first answer that says is_crowded(); other answers in between do not end this series
  int failures = 0;        // of this series
  i64 poll = 0;
};

Client::Client(const SnowflakeSettings& settings, Auth auth)
    : settings_(settings),
      url_(settings.url.empty() ? url_of_account(settings.login.account) : settings.url),
      auth_(std::move(auth)),
      http_(http_settings(settings), [this] { return is_interrupted(); }),
      backoff_(static_cast<u64>(system_clock().now_micros()) ^ reinterpret_cast<std::uintptr_t>(this), settings.first_pause_millis,
               kLongestPause) {
  while (url_.ends_with('/')) url_.pop_back();
}

Result<std::unique_ptr<Client>> Client::open(const SnowflakeSettings& settings) {
  TRY_ASSIGN(Auth auth, Auth::open(settings.login, settings.reload));
  return std::unique_ptr<Client>(new Client(settings, std::move(auth)));
}

std::string Client::body_of(const Statement& statement) const {
  Json body{{"statement", statement.sql}, {"timeout", settings_.statement_timeout_seconds}};
  for (const auto& [name, value] : {std::pair<const char*, const std::string&>{"database", settings_.place.database},
                                    {"schema", settings_.place.schema},
                                    {"warehouse", settings_.warehouse},
                                    {"role", settings_.role}}) {
    if (!value.empty()) body[name] = value;
  }
  for (std::size_t i = 0; i < statement.binds.size(); ++i)
    body["bindings"][std::to_string(i + 1)] = {{"type", "TEXT"}, {"value", statement.binds[i]}};
  // Else times without an offset would be read in the account's time zone.
  body["parameters"] = {{"TIMEZONE", "UTC"}, {"QUERY_TAG", "chimplift"}};
  if (statement.count != 1) body["parameters"]["MULTI_STATEMENT_COUNT"] = std::to_string(statement.count);
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

HttpResponse Client::send(HttpClient& http, HttpMethod method, const std::string& path, std::string body) {
  const Token& token = auth_.token();
  HttpCall call;
  call.method = method;
  call.request.url = url_ + path;
  call.request.max_bytes = kMostBytes;
  call.request.timeout_millis = kAnswerMillis;
  call.headers = {{"Authorization", "Bearer " + token.value.reveal()},
                  {"X-Snowflake-Authorization-Token-Type", std::string(token.type)},
                  {"Accept", "application/json"}};
  if (method == HttpMethod::post) call.headers.emplace_back("Content-Type", "application/json");
  call.body = std::move(body);
  return http.send(std::move(call));
}

Result<ResultSet> Client::run(const Statement& statement) {
  if (statement.sql.size() > kMostText) {
    return fail(ErrorKind::destination, "a request for Snowflake is larger than the megabyte of SQL that it takes",
                "Load fewer steps at a time: --only-steps.");
  }
  // Made before anything is sent, and the same for every try of this statement.
  const auto new_path = [&statement] {
    return fmt::format("/api/v2/statements?requestId={}&nullable=true{}", new_request_id(), statement.is_long ? "&async=true" : "");
  };
  std::string path = new_path();
  const std::string body = body_of(statement);
  Attempt attempt;
  while (true) {
    const bool is_new = attempt.handle.empty();
    const HttpResponse response = is_new ? send(http_, HttpMethod::post, path + (attempt.is_repeat ? "&retry=true" : ""), body)
                                         : send(http_, HttpMethod::get, "/api/v2/statements/" + attempt.handle, {});
    if (is_interrupted()) return tl::unexpected(interrupted(attempt.handle.empty() ? parse_answer(response.body).handle : attempt.handle));
    Answer answer = parse_answer(response.body);
    if (response.error == TransportError::none && response.status == 200 && !is_running(answer) && answer.partitions > 0) {
      attempt.handle = answer.handle;
      return fetch_rest(std::move(answer));
    }
    if (response.error == TransportError::none && (response.status == 202 || is_running(answer)) && !(is_new && answer.handle.empty())) {
      // 429 with this code is an answer too: the statement runs, and we ask too often.
      if (is_new) attempt.handle = answer.handle;
      attempt.failing_since = -1;
      attempt.has_new_token = false;  // this one was taken: a statement may outlive several
      attempt.poll = std::min(attempt.poll == 0 ? settings_.first_pause_millis / 5 : attempt.poll * 2, kLongestPoll);
      if (!http_.pause(std::max<i64>(attempt.poll, 1))) return tl::unexpected(interrupted(attempt.handle));
      continue;
    }
    if (response.error == TransportError::none && is_crowded(answer)) {
      attempt.handle.clear();
      attempt.is_repeat = false;
      path = new_path();
    }
    TRY(before_next_try(response, answer, attempt));
  }
}

/// Makes ready for another try, or says why there is none.
Result<void> Client::before_next_try(const HttpResponse& response, const Answer& answer, Attempt& attempt) {
  if (response.error == TransportError::none && response.status == 401) return renew_token(answer, attempt);
  if (std::optional<Error> error = final_error(response, answer)) return tl::unexpected(std::move(*error));
  return wait_for_next_try(response, answer, attempt);
}

/// A token that is refused right after it was made is not refused for its age.
Result<void> Client::renew_token(const Answer& answer, Attempt& attempt) {
  if (!attempt.has_new_token) {
    attempt.has_new_token = true;
    return auth_.renew();
  }
  return fail(ErrorKind::permission,
              fmt::format("Snowflake does not take the login of user {}: {} ({})", settings_.login.user,
                          answer.message.empty() ? "401" : answer.message, answer.code),
              "Compare account, user and the key's fingerprint with RSA_PUBLIC_KEY_FP of DESC USER; check this machine's clock.");
}

/// The error that no other try would change; nothing where it may pass by itself.
std::optional<Error> Client::final_error(const HttpResponse& response, const Answer& answer) const {
  switch (response.error) {
    case TransportError::none:
      break;
    case TransportError::tls:
      return Error{ErrorKind::destination, fmt::format("{}: {}", url_, response.message),
                   "Check that nothing between here and Snowflake opens TLS; --ca-file names the certificates to trust."};
    case TransportError::bad_url:
    case TransportError::bad_header:
      return Error{ErrorKind::usage, fmt::format("{}: {}", url_, response.message), "Check the account's name, or --snowflake-url."};
    default:
      return std::nullopt;
  }
  if (response.status == 403) {
    return Error{ErrorKind::permission, "Snowflake refuses this machine or this user (403)",
                 "A network policy may not know this machine's address; ask the account's administrator."};
  }
  if (response.status == 404 && answer.code.empty()) {
    return Error{ErrorKind::usage, fmt::format("{} is not an account of Snowflake's: status 404", url_),
                 "Check the account's name (myorg-myaccount), or --snowflake-url."};
  }
  const bool passes = is_crowded(answer) || (may_pass(response.status) && !is_too_large(answer));
  return passes ? std::nullopt : std::optional(error_of(answer, response.status));
}

/// Errors: temporary, where it has failed for as long as the settings have patience; interrupted.
Result<void> Client::wait_for_next_try(const HttpResponse& response, const Answer& answer, Attempt& attempt) {
  const bool is_cut = response.error != TransportError::none;
  const bool is_undone = !is_cut && is_crowded(answer);
  // All else may have been executed, answer or none.
  if (attempt.handle.empty() && !is_undone) attempt.is_repeat = true;
  const i64 now = system_clock().steady_millis();
  i64& since = is_undone ? attempt.crowded_since : attempt.failing_since;
  if (since < 0) {
    since = now;
    attempt.failures = 0;
  }
  if (now - since >= settings_.patience_millis) {
    if (is_undone) return tl::unexpected(error_of(answer, response.status));
    return fail(
        ErrorKind::temporary,
        fmt::format(
            "Snowflake ({}) could not be reached for {}: {}", url_, format_duration(static_cast<double>(settings_.patience_millis) / 1000),
            is_cut ? response.message : fmt::format("status {}{}", response.status, response.status == 200 ? " without a result" : "")),
        "Run the same command again: it goes on where it was.");
  }
  const i64 pause = std::max<i64>(backoff_.millis(++attempt.failures), 1);
  log_debug("Snowflake did not answer; trying again.",
            {{"status", std::to_string(response.status)}, {"error", response.message}, {"pause_ms", std::to_string(pause)}});
  if (!http_.pause(pause)) return tl::unexpected(interrupted(attempt.handle));
  return {};
}

Result<ResultSet> Client::fetch_rest(Answer answer) {
  for (i64 partition = 1; partition < answer.partitions; ++partition) {
    Attempt attempt;
    attempt.handle = answer.handle;
    while (true) {
      const HttpResponse response =
          send(http_, HttpMethod::get, fmt::format("/api/v2/statements/{}?partition={}", answer.handle, partition), {});
      if (is_interrupted()) return tl::unexpected(interrupted({}));
      if (response.error == TransportError::none && response.status == 200 && add_partition(response.body, answer.result)) break;
      TRY(before_next_try(response, parse_answer(response.body), attempt));
    }
  }
  const i64 rows = static_cast<i64>(answer.result.rows.size());
  if (rows == answer.rows) return std::move(answer.result);
  return fail(ErrorKind::temporary, fmt::format("Snowflake sent {} of the {} rows of a result", rows, answer.rows),
              "Run the same command again: it goes on where it was.");
}

Result<void> Client::run_all(std::span<const std::string> statements) {
  if (statements.empty()) return {};
  const int count = static_cast<int>(statements.size());
  TRY(run({.sql = join(statements, ";\n"), .count = count, .is_long = true}));
  return {};
}

/// Cancels the statement in Snowflake, where its handle is known.
Error Client::interrupted(const std::string& handle) {
  if (!handle.empty()) {
    HttpClient http(http_settings(settings_));  // http_ sends nothing after an interruption
    static_cast<void>(send(http, HttpMethod::post, "/api/v2/statements/" + handle + "/cancel", "{}"));
  }
  return {ErrorKind::interrupted, "interrupted while Snowflake was at work; what was committed before is kept",
          "Run the same command again: it goes on where it was."};
}

}  // namespace chimplift::snowflake
