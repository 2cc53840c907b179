// What the clients of one run share: settings, credentials, and how far this machine's clock is from AWS's. Make one, let it live longer
// than the clients, and give it to as many of them as there are threads.
#pragma once

#include <atomic>

#include "aws/credentials.hpp"
#include "aws/problem.hpp"
#include "aws/settings.hpp"
#include "base/backoff.hpp"

namespace chimplift {

/// Thread-safe.
class AwsSession {
 public:
  explicit AwsSession(AwsSettings settings);
  AwsSession(const AwsSession&) = delete;
  AwsSession& operator=(const AwsSession&) = delete;
  ~AwsSession();

  [[nodiscard]] const AwsSettings& settings() const { return settings_; }
  [[nodiscard]] CredentialChain& credentials() { return credentials_; }
  /// The time as AWS sees it, once it has said so.
  [[nodiscard]] i64 now_micros() const { return settings_.clock->now_micros() + clock_offset_; }
  void set_clock(i64 their_now_micros) { clock_offset_ = their_now_micros - settings_.clock->now_micros(); }

 private:
  AwsSettings settings_;
  CredentialChain credentials_;
  std::atomic<i64> clock_offset_ = 0;
};

/// A request with what is sent and what is wanted of the answer.
struct AwsCall {
  AwsRequest request;
  std::string body = {};
  std::optional<FileBody> file = {};
  std::vector<std::string> wanted = {};  // headers of the answer, in lower case
  i64 max_bytes = 16'000'000;            // of the answer
};

struct AwsAnswer {
  HttpResponse response;
  AwsProblem problem;           // where it is no success
  bool may_have_acted = false;  // an earlier try, or this one, failed in a way that leaves open whether it took effect
  [[nodiscard]] bool ok() const { return response.error == TransportError::none && response.status >= 200 && response.status < 300; }
};

/// Signed requests to one service, tried again while that can help: what may pass with growing pauses, a wrong clock and expired
/// credentials once each. For one thread.
class AwsCaller {
 public:
  using ProblemReader = AwsProblem (*)(const HttpResponse&);
  AwsCaller(AwsSession& session, AwsScope scope, ProblemReader read_problem);

  /// The last answer, whatever it is. Errors: no credentials, a file that cannot be read (destination), interrupted.
  Result<AwsAnswer> send(const AwsCall& call);
  [[nodiscard]] const AwsScope& scope() const { return scope_; }
  [[nodiscard]] AwsSession& session() { return *session_; }

 private:
  /// What a second try of one call depends on.
  struct Tries {
    Backoff backoff;
    int attempt = 1;
    int damaged = 0;
    bool clock_was_set = false;
    bool was_renewed = false;
  };
  [[nodiscard]] HttpCall signed_call(const AwsCall& call, const AwsCredentials& credentials) const;
  /// These two: true where that was the matter, and the call is worth another try.
  bool take_their_clock(const AwsAnswer& answer, Tries& tries);
  bool renew_expired(const AwsAnswer& answer, const AwsCredentials& credentials, Tries& tries);
  /// Waits until the next try; false where there is to be none.
  Result<bool> wait_before(const AwsCall& call, const AwsAnswer& answer, Tries& tries);

  AwsSession* session_;
  AwsScope scope_;
  ProblemReader read_problem_;
  HttpClient client_;
};

}  // namespace chimplift
