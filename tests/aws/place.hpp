// An S3 that tests can ask, and clients for it.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "aws/s3.hpp"
#include "aws/session.hpp"

namespace chimplift {

using Variables = std::map<std::string, std::string>;

inline Environment environment_of(Variables variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

/// Settings that see these variables and nothing of this machine, and do not wait long.
inline AwsSettings settings_of(Variables variables) {
  variables.emplace("HOME", "/nonexistent");
  variables.emplace("AWS_EC2_METADATA_DISABLED", "true");
  AwsSettings settings;
  settings.environment = environment_of(std::move(variables));
  settings.attempts = 4;
  settings.first_pause_millis = 1;
  return settings;
}

struct S3Place {
  Variables variables;  // endpoint, region, keys
  std::string bucket;
  bool knows_conditions = true;
  bool keeps_checksums = true;

  [[nodiscard]] S3Client client(AwsSession& session) const {
    Result<S3Client> made = S3Client::make(session, {.bucket = bucket});
    if (!made) throw std::runtime_error(made.error().message);
    return std::move(*made);
  }
};

/// What an S3 has to do for us, whoever it is.
struct S3Promise {
  const char* name;
  void (*check)(const S3Place& place);
};
const std::vector<S3Promise>& s3_promises();
inline void PrintTo(const S3Promise& promise, std::ostream* out) { *out << promise.name; }

template <typename T>
T value_of_result(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message + " | " + result.error().advice);
  return std::move(*result);
}

}  // namespace chimplift
