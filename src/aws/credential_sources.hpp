// The places where credentials can come from. Each says what it found, or why there is nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "aws/settings.hpp"
#include "aws/sigv4.hpp"

namespace chimplift {

struct SourceAnswer {
  std::optional<AwsCredentials> credentials = {};
  std::string why_none = {};  // "AWS_ACCESS_KEY_ID is not set"
};

struct CredentialSearch {
  const AwsSettings* settings;
  HttpClient* client;
};

struct CredentialSource {
  std::string name;
  Result<SourceAnswer> (*ask)(const CredentialSearch& search);
};

/// In the order in which they are asked.
std::vector<CredentialSource> credential_sources(const AwsSettings& settings);

Result<SourceAnswer> from_environment(const CredentialSearch& search);
Result<SourceAnswer> from_web_identity(const CredentialSearch& search);
Result<SourceAnswer> from_profile(const CredentialSearch& search);
Result<SourceAnswer> from_container(const CredentialSearch& search);
Result<SourceAnswer> from_instance(const CredentialSearch& search);

/// The address that AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI names; "" where neither is set. Errors: an address that AWS's rules
/// do not allow, because anybody could listen there.
Result<std::string> container_address(const AwsSettings& settings);

/// The credentials in a container's or EC2's answer: {"AccessKeyId", "SecretAccessKey", "Token", "Expiration"}.
Result<AwsCredentials> credentials_of_json(const std::string& body, const std::string& source);

/// Sends what `make` makes until it is answered, or fails for good; tries again what may pass.
HttpResponse ask_patiently(const CredentialSearch& search, const std::function<HttpCall()>& make, int attempts);

/// A token that a file holds. Errors: usage.
Result<Secret> read_token(const std::string& file);

/// "status 404", or the transport's words.
std::string words_of(const HttpResponse& response);

}  // namespace chimplift
