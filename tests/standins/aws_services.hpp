// The other services of AWS that credentials and secrets come from. Strict where they are: tokens, headers, signatures.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>

#include "standins/http.hpp"
#include "standins/sigv4_check.hpp"

namespace chimplift::standins {

/// EC2's instance metadata, version 2 only, and the credentials of a container.
class MetadataServer {
 public:
  MetadataServer();
  [[nodiscard]] std::string url(const std::string& path = "") const { return server_.url(path); }
  Server& server() { return server_; }
  std::string role = "test-role";    // "": the machine has none
  std::string container_token = {};  // what Authorization must be for /container
  std::string key_id = "AKIDMETADATA";
  std::atomic<long> lifetime_seconds = 3600;

 private:
  Answer handle(const Request& request) const;
  [[nodiscard]] Answer credentials() const;
  Server server_;
};

/// AssumeRole (signed) and AssumeRoleWithWebIdentity (with a token instead).
class StsServer {
 public:
  StsServer();
  [[nodiscard]] std::string url() const { return server_.url(); }
  Server& server() { return server_; }
  Verifier verifier;
  std::string web_token = "web-identity-token";
  std::string role_arn = "arn:aws:iam::111122223333:role/chimplift";
  std::string external_id = {};
  std::string last_session_name = {};

 private:
  Answer handle(const Request& request);
  Server server_;
};

/// GetSecretValue. Its secrets are in the verifier's region; every other region is there and has none.
class SecretsServer {
 public:
  SecretsServer();
  /// Keeps a text under that name. At any time: programs that run see it with their next request.
  void keep(const std::string& name, const std::string& text);
  /// The same of what AWS answers for that SecretId: the JSON, without ARN and the like.
  void keep_answer(const std::string& name, const std::string& json);
  [[nodiscard]] std::string url() const { return server_.url(); }
  Server& server() { return server_; }
  Verifier verifier;
  std::string refusal = {};  // "Code|message": in place of an answer
  /// Changes one of these, also where a thread that serves may look at it.
  template <typename Change>
  void change(const Change& change) {
    const std::lock_guard lock(mutex_);
    change(*this);
  }

 private:
  Answer handle(const Request& request);
  std::mutex mutex_;
  std::map<std::string, std::string> answers_;  // by SecretId
  Server server_;
};

}  // namespace chimplift::standins
