// What reaches AWS: the settings of its clients, and secrets that an option names.
#pragma once

#include <string>
#include <string_view>

#include "aws/settings.hpp"
#include "base/secret.hpp"
#include "cli/config.hpp"

namespace chimplift {

/// The environment, --ca-file, and an end when the run is interrupted.
AwsSettings aws_settings_of(const Values& values, const Environment& environment);

/// Enough to judge the name of a place on S3 where nothing will be asked of it.
AwsSettings aws_settings_to_judge();

/// True for "aws:NAME".
bool names_secret(std::string_view given);

/// The text of the secret that "aws:NAME" or "aws:ARN" names. Errors: those of read_secret.
Result<Secret> read_named_secret(const std::string& given, const Values& values, const Environment& environment);

}  // namespace chimplift
