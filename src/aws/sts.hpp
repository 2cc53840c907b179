// AWS Security Token Service: credentials of a role, for a token or for other credentials.
#pragma once

#include <string>

#include "aws/credential_sources.hpp"

namespace chimplift {

struct RoleWanted {
  std::string arn;
  std::string session_name = {};  // "": chimplift-<seconds>
  std::string external_id = {};
  std::string duration_seconds = {};  // "": STS decides, an hour
  std::string region = {};            // "": the global endpoint
};

/// AssumeRoleWithWebIdentity; needs no signature.
Result<AwsCredentials> assume_role(const CredentialSearch& search, const RoleWanted& role, const Secret& web_identity_token);
/// AssumeRole, signed with the credentials given.
Result<AwsCredentials> assume_role(const CredentialSearch& search, const RoleWanted& role, const AwsCredentials& credentials);

}  // namespace chimplift
