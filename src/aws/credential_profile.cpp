// Credentials from ~/.aws: keys in a profile, or a role that is assumed with another profile's keys.
#include <fmt/format.h>

#include <set>

#include "aws/credential_sources.hpp"
#include "aws/sts.hpp"
#include "base/text.hpp"

namespace chimplift {
namespace {

class ProfileSearch {
 public:
  ProfileSearch(const CredentialSearch& search, const ProfileFiles& files) : search_(&search), files_(&files) {}

  Result<SourceAnswer> ask(const std::string& name, bool must_exist) {
    const Profile* profile = files_->find(name);
    if (profile == nullptr) {
      const std::string message = fmt::format("there is no profile \"{}\" in {}", name, files_->where);
      if (must_exist) return fail(ErrorKind::usage, message, "Check AWS_PROFILE, and which user's files these are.");
      return SourceAnswer{{}, message};
    }
    // A profile may name itself as its source: then its own keys are meant.
    const bool again = !seen_.insert(name).second;
    const std::string role = value_of(*profile, "role_arn");
    if (!role.empty() && !again) return assume(name, *profile, role);
    const std::string id = value_of(*profile, "aws_access_key_id");
    const std::string key = value_of(*profile, "aws_secret_access_key");
    if (id.empty() && key.empty()) return without_keys(name, *profile, again);
    if (id.empty() || key.empty())
      return fail(ErrorKind::usage, fmt::format("profile \"{}\" has only half of aws_access_key_id and aws_secret_access_key", name));
    return SourceAnswer{AwsCredentials{id, Secret(key), Secret(value_of(*profile, "aws_session_token")), 0, "profile " + name}, {}};
  }

 private:
  Result<SourceAnswer> without_keys(const std::string& name, const Profile& profile, bool again) {
    if (again) return fail(ErrorKind::usage, fmt::format("profile \"{}\" is its own source, and has no keys", name));
    for (const std::string setting : {"credential_process", "sso_session", "sso_start_url"}) {
      if (value_of(profile, setting).empty()) continue;
      return fail(ErrorKind::usage, fmt::format("profile \"{}\" gets its credentials by {}, which chimplift does not do", name, setting),
                  fmt::format("Run: eval \"$(aws configure export-credentials --profile {} --format env)\"", shell_word(name)));
    }
    return SourceAnswer{{}, fmt::format("profile \"{}\" has neither keys nor role_arn", name)};
  }

  Result<SourceAnswer> assume(const std::string& name, const Profile& profile, const std::string& arn) {
    RoleWanted role{arn, value_of(profile, "role_session_name"), value_of(profile, "external_id"), value_of(profile, "duration_seconds"),
                    value_of(profile, "region")};
    if (role.region.empty()) role.region = region_of(*search_->settings).value_or("");
    if (!value_of(profile, "mfa_serial").empty()) {
      return fail(ErrorKind::usage, fmt::format("profile \"{}\" asks for a second factor (mfa_serial), which chimplift cannot give", name),
                  fmt::format("Run: eval \"$(aws configure export-credentials --profile {} --format env)\"", shell_word(name)));
    }
    const std::string token_file = value_of(profile, "web_identity_token_file");
    if (!token_file.empty()) {
      TRY_ASSIGN(const Secret token, read_token(token_file));
      TRY_ASSIGN(AwsCredentials credentials, assume_role(*search_, role, token));
      return SourceAnswer{std::move(credentials), {}};
    }
    TRY_ASSIGN(const AwsCredentials source, source_of(name, profile));
    TRY_ASSIGN(AwsCredentials credentials, assume_role(*search_, role, source));
    return SourceAnswer{std::move(credentials), {}};
  }

  Result<AwsCredentials> source_of(const std::string& name, const Profile& profile) {
    const std::string from = value_of(profile, "source_profile");
    const std::string place = value_of(profile, "credential_source");
    if (from.empty() == place.empty())
      return fail(ErrorKind::usage,
                  fmt::format("profile \"{}\" has a role_arn and needs one of source_profile and credential_source", name));
    Result<SourceAnswer> answer = SourceAnswer{};
    if (!from.empty()) {
      answer = ask(from, true);
    } else if (place == "Environment") {
      answer = from_environment(*search_);
    } else if (place == "EcsContainer") {
      answer = from_container(*search_);
    } else if (place == "Ec2InstanceMetadata") {
      answer = from_instance(*search_);
    } else {
      return fail(ErrorKind::usage, fmt::format("profile \"{}\": credential_source is \"{}\"", name, place),
                  "It may be Environment, EcsContainer or Ec2InstanceMetadata.");
    }
    if (!answer) return tl::unexpected(std::move(answer).error());
    if (!answer->credentials)
      return fail(ErrorKind::permission,
                  fmt::format("profile \"{}\" has a role, and nothing to assume it with: {}", name, answer->why_none));
    return std::move(*answer->credentials);
  }

  const CredentialSearch* search_;
  const ProfileFiles* files_;
  std::set<std::string> seen_;
};

}  // namespace

Result<SourceAnswer> from_profile(const CredentialSearch& search) {
  TRY_ASSIGN(const ProfileFiles files, ProfileFiles::read(*search.settings));
  const bool is_named = !search.settings->profile.empty() || !variable(*search.settings, "AWS_PROFILE").empty();
  return ProfileSearch(search, files).ask(files.chosen, is_named);
}

}  // namespace chimplift
