#include "aws/settings.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "base/file_presence.hpp"
#include "base/files.hpp"
#include "base/text.hpp"

namespace chimplift {
namespace {

constexpr const char* kConfigFile = "AWS_CONFIG_FILE";
constexpr const char* kCredentialsFile = "AWS_SHARED_CREDENTIALS_FILE";

/// The lines of an INI file as AWS writes it: "[section]", "name = value"; what is indented belongs to the value above it and is not ours.
void read_sections(std::string_view text, const std::function<Profile*(std::string_view section)>& profile_of) {
  Profile* profile = nullptr;
  for (const std::string& line : split(text, '\n')) {
    const std::string_view trimmed = trim(line);
    if (trimmed.empty() || trimmed.starts_with('#') || trimmed.starts_with(';')) continue;
    if (line.front() == '[') {
      const std::size_t end = trimmed.find(']');
      profile = end == std::string_view::npos ? nullptr : profile_of(trim(trimmed.substr(1, end - 1)));
      continue;
    }
    const std::size_t equals = trimmed.find('=');
    if (profile == nullptr || equals == std::string_view::npos || line.front() == ' ' || line.front() == '\t') continue;
    std::string_view value = trimmed.substr(equals + 1);
    for (const std::string_view comment : {" #", "\t#", " ;", "\t;"}) value = value.substr(0, value.find(comment));
    (*profile)[to_lower(trim(trimmed.substr(0, equals)))] = trim(value);
  }
}

std::string_view unquoted(std::string_view text) {
  text = trim(text);
  if (text.size() >= 2 && text.front() == text.back() && (text.front() == '"' || text.front() == '\''))
    return text.substr(1, text.size() - 2);
  return text;
}

std::filesystem::path path_of(const AwsSettings& settings, const std::string& name, const std::string& usual) {
  std::string path = variable(settings, name);
  if (path.empty()) path = "~/.aws/" + usual;
  return path.starts_with("~/") ? variable(settings, "HOME") + path.substr(1) : path;
}

/// What cannot be read is an error, and never taken for missing: the next source of credentials may be somebody else.
Result<std::string> read_if_there(const std::filesystem::path& path, std::string_view named_by) {
  const auto unreadable = [&](const Error& error) {
    return fail(ErrorKind::usage, error.message,
                fmt::format("Let this user read it, or name another file with {} (/dev/null for none).", named_by));
  };
  const Result<bool> is_there = is_file_there(path);
  if (!is_there) return unreadable(is_there.error());
  if (!*is_there) return "";
  Result<std::string> text = read_file(path);
  if (!text) return unreadable(text.error());
  return text;
}

}  // namespace

std::string variable(const AwsSettings& settings, const std::string& name) {
  return settings.environment ? settings.environment(name).value_or("") : "";
}

std::string endpoint_override(const AwsSettings& settings, const std::string& service) {
  const std::string own = variable(settings, "AWS_ENDPOINT_URL_" + service);
  return own.empty() ? variable(settings, "AWS_ENDPOINT_URL") : own;
}

std::string domain_of(const std::string& region) { return region.starts_with("cn-") ? "amazonaws.com.cn" : "amazonaws.com"; }

std::string endpoint_of(const AwsSettings& settings, const std::string& host_prefix, const std::string& service,
                        const std::string& region) {
  const std::string given = endpoint_override(settings, service);
  return given.empty() ? fmt::format("https://{}.{}.{}", host_prefix, region, domain_of(region)) : given;
}

Result<ProfileFiles> ProfileFiles::read(const AwsSettings& settings) {
  ProfileFiles files;
  const std::filesystem::path config = path_of(settings, kConfigFile, "config");
  const std::filesystem::path credentials = path_of(settings, kCredentialsFile, "credentials");
  files.where = credentials.string() + ", " + config.string();
  files.chosen = settings.profile.empty() ? variable(settings, "AWS_PROFILE") : settings.profile;
  if (files.chosen.empty()) files.chosen = "default";
  TRY_ASSIGN(const std::string config_text, read_if_there(config, kConfigFile));
  read_sections(config_text, [&](std::string_view section) -> Profile* {
    if (section == "default") return &files.profiles["default"];
    if (!section.starts_with("profile ") && !section.starts_with("profile\t")) return nullptr;
    return &files.profiles[std::string(unquoted(section.substr(8)))];
  });
  TRY_ASSIGN(const std::string credentials_text, read_if_there(credentials, kCredentialsFile));
  read_sections(credentials_text, [&](std::string_view section) { return &files.profiles[std::string(unquoted(section))]; });
  return files;
}

const Profile* ProfileFiles::find(const std::string& name) const {
  const auto found = profiles.find(name);
  return found == profiles.end() ? nullptr : &found->second;
}

std::string value_of(const Profile& profile, const std::string& name) {
  const auto found = profile.find(name);
  return found == profile.end() ? "" : found->second;
}

Result<std::string> region_of(const AwsSettings& settings) {
  for (const std::string& region : {settings.region, variable(settings, "AWS_REGION"), variable(settings, "AWS_DEFAULT_REGION")}) {
    if (!region.empty()) return region;
  }
  TRY_ASSIGN(const ProfileFiles files, ProfileFiles::read(settings));
  const Profile* profile = files.find(files.chosen);
  const std::string region = profile == nullptr ? "" : value_of(*profile, "region");
  if (!region.empty()) return region;
  return fail(ErrorKind::usage,
              fmt::format("no AWS region is named: not in AWS_REGION, nor in profile \"{}\" ({})", files.chosen, files.where),
              "Set AWS_REGION to the region of the bucket or the secret, such as eu-central-1.");
}

}  // namespace chimplift
