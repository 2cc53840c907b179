// What every client of AWS has to be told, and what it finds in the environment and the profile files: region and endpoints.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "net/http.hpp"

namespace chimplift {

/// A variable of the environment, or nullopt. Handed in: only src/cli/ may ask the real one, and tests bring their own.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

struct AwsSettings {
  Environment environment;
  HttpSettings http = {};
  std::string region = {};                  // "": AWS_REGION, AWS_DEFAULT_REGION, the profile's
  std::string profile = {};                 // "": AWS_PROFILE, or "default"; one that is given here goes before keys in the environment
  std::function<bool()> is_cancelled = {};  // asked from the threads that call
  const Clock* clock = &system_clock();
  int attempts = 8;              // of a request that fails in a way that may pass
  i64 first_pause_millis = 250;  // before the second of them; then twice as long each time, up to 20 s
};

/// The variable's value, "" where it is missing.
std::string variable(const AwsSettings& settings, const std::string& name);

/// AWS_ENDPOINT_URL_<SERVICE>, or AWS_ENDPOINT_URL; "" where AWS's own is meant.
std::string endpoint_override(const AwsSettings& settings, const std::string& service);

/// "https://sts.eu-central-1.amazonaws.com", or the override.
std::string endpoint_of(const AwsSettings& settings, const std::string& host_prefix, const std::string& service, const std::string& region);

/// "amazonaws.com", in China "amazonaws.com.cn".
std::string domain_of(const std::string& region);

using Profile = std::map<std::string, std::string>;
std::string value_of(const Profile& profile, const std::string& name);

/// ~/.aws/config and ~/.aws/credentials, or where AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE say; a file that is missing is empty, one
/// that cannot be read an error (usage).
struct ProfileFiles {
  std::map<std::string, Profile> profiles = {};  // where both files have a profile, the credentials file's values stand
  std::string chosen = {};                       // the profile to use
  std::string where = {};                        // both paths, for messages

  static Result<ProfileFiles> read(const AwsSettings& settings);
  [[nodiscard]] const Profile* find(const std::string& name) const;
};

/// The region to ask. Errors: none is named anywhere, or a file that may name it cannot be read (usage).
Result<std::string> region_of(const AwsSettings& settings);

}  // namespace chimplift
