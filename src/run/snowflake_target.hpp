// A Snowflake warehouse as a run is told of it: Snowflake itself, and the place on S3 through which it is fed.
#pragma once

#include <memory>
#include <string>

#include "aws/s3.hpp"
#include "aws/settings.hpp"
#include "warehouse/snowflake_settings.hpp"
#include "warehouse/stage_files.hpp"

namespace chimplift {

struct SnowflakeTarget {
  SnowflakeSettings snowflake;
  std::string stage_url;  // "s3://bucket/prefix/": where the staged files go
  AwsSettings aws;
  S3Settings s3;  // how files are encrypted there, and whose bucket it has to be
};

/// The place on S3. Errors: usage, where the address is not one on S3, or there is no region.
Result<std::shared_ptr<StageFiles>> open_stage_files(const SnowflakeTarget& target);

}  // namespace chimplift
