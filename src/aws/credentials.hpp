// Credentials from where the machine has them, in AWS's order: environment, web identity, profile files, container, EC2. The first source
// that is configured decides: where it fails, no other identity takes its place.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "aws/settings.hpp"
#include "aws/sigv4.hpp"

namespace chimplift {

/// Thread-safe: many clients share one chain, and wait for its one refresh.
class CredentialChain {
 public:
  explicit CredentialChain(const AwsSettings& settings);
  ~CredentialChain();

  /// Credentials that are good for some minutes more. Errors: permission (nothing is configured, or the source refuses; the message has
  /// what each source said), temporary (the source cannot be reached), usage (half a setting), interrupted.
  Result<AwsCredentials> get();
  /// AWS says that these have run out: the next get() asks their source again, unless that was done meanwhile.
  void expired(const AwsCredentials& credentials);

 private:
  Result<AwsCredentials> ask_sources();

  const AwsSettings* settings_;
  HttpClient client_;
  std::mutex mutex_;
  std::optional<AwsCredentials> current_;
  i64 next_try_steady_millis_ = 0;  // after a refresh that failed while the current ones are still good
};

}  // namespace chimplift
