// AWS Secrets Manager: one secret's value.
#pragma once

#include <string>

#include "aws/settings.hpp"
#include "base/secret.hpp"

namespace chimplift {

/// The current value of the secret with that name or ARN (whose region is then asked), whether it was kept as text or as bytes. Errors:
/// permission (no right to it, or to its key), usage (no such secret; no region), temporary, interrupted.
Result<Secret> read_secret(const AwsSettings& settings, const std::string& name_or_arn);

}  // namespace chimplift
