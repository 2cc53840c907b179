#include "cli/config.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "cli/misplaced_key.hpp"
#include "cli/toml_file.hpp"

namespace chimplift {
namespace {

constexpr const char* kFile = "chimplift.toml";

/// The names between the commas.
std::vector<std::string> names_in(std::string_view value) {
  std::vector<std::string> names;
  for (const std::string& part : split(value, ',')) {
    if (const std::string_view name = trim(part); !name.empty()) names.emplace_back(name);
  }
  return names;
}

/// A list as workflows make it of parameters that are all empty: ",".
bool is_empty_list(const OptionSpec& spec, const std::string& value) { return spec.kind == OptionKind::list && names_in(value).empty(); }

/// True where the place says, in its own way, that it gives no value. Of several values those that are none do not count.
bool is_absent(const OptionSpec& spec, Given& given) {
  if (!spec.none_is_absent) return false;
  std::erase_if(given.values, [&spec](const std::string& value) { return value.empty() || value == "none" || is_empty_list(spec, value); });
  return given.values.empty();
}

Result<void> check(const OptionSpec& spec, const Given& given) {
  // A choice of nothing is never taken for all.
  const auto has_no_name = [&spec](const std::string& value) { return !trim(value).empty() && is_empty_list(spec, value); };
  if (given.values.empty() || std::ranges::any_of(given.values, has_no_name)) {
    return fail(ErrorKind::usage, fmt::format("{} is an empty list", given.where),
                fmt::format("Name one or more ({}); to have all, leave it out.", spec.value));
  }
  for (const std::string& value : given.values) {
    if (spec.kind == OptionKind::boolean || spec.kind == OptionKind::flag) {
      // The value itself is not repeated: a forgotten one may have made a key its value.
      if (value != "true" && value != "false")
        return fail(ErrorKind::usage, fmt::format("{} is true or false, nothing else", given.where), "Write true or false, in lower case.");
    } else if (trim(value).empty()) {
      return fail(ErrorKind::usage, fmt::format("{} has an empty value", given.where),
                  fmt::format("Give a value ({}), or leave it out.", spec.value));
    } else if (const std::vector<std::string> words = choices_of(spec); !words.empty() && std::ranges::find(words, value) == words.end()) {
      return fail(ErrorKind::usage, fmt::format("{} is {}, nothing else", given.where, join(words, " or ")),
                  fmt::format("Write {}, in lower case.", join(words, " or ")));
    }
  }
  return {};
}

struct SettingsFile {
  std::filesystem::path path;  // "" where there is none
  std::string where;           // what names it; "" where nothing does
};

SettingsFile settings_file(const CommandLine& line, const Environment& environment) {
  constexpr const char* kVariable = "CHIMPLIFT_CONFIG";
  if (!takes(line.command, *find_option("config"))) return {};
  const auto named = line.given.find("config");
  if (named != line.given.end()) return {named->second.values.front(), named->second.where};
  if (const std::optional<std::string> path = environment(kVariable); path && !path->empty()) return {*path, kVariable};
  std::error_code ignored;
  // A link to nothing is no file, and not none either: whoever put it there wants what it leads to.
  const bool is_none = std::filesystem::symlink_status(kFile, ignored).type() == std::filesystem::file_type::not_found;
  return {is_none ? "" : kFile, ""};
}

/// What the first place that has the option says of it, whatever is wrong with all else.
std::string said_of(const std::string& name, const CommandLine& line, const Environment& environment) {
  if (const auto found = line.given.find(name); found != line.given.end()) return found->second.values.back();
  if (const std::optional<std::string> value = environment(environment_name(*find_option(name))); value && !value->empty()) return *value;
  const std::filesystem::path path = settings_file(line, environment).path;
  return path.empty() ? "" : toml_says(path, name);
}

}  // namespace

std::string Values::text(const std::string& name) const {
  const auto found = given_.find(name);
  return found == given_.end() ? std::string() : found->second.values.back();
}

std::vector<std::string> Values::list(const std::string& name) const {
  const auto found = given_.find(name);
  if (found == given_.end()) return {};
  const OptionSpec* spec = find_option(name);
  if (spec != nullptr && spec->kind == OptionKind::names) return found->second.values;
  std::vector<std::string> parts;
  for (const std::string& value : found->second.values) {
    const std::vector<std::string> names = names_in(value);
    parts.insert(parts.end(), names.begin(), names.end());
  }
  return parts;
}

std::string Values::where(const std::string& name) const {
  const auto found = given_.find(name);
  return found == given_.end() ? "--" + name : found->second.where;
}

Result<Values> resolve(const CommandLine& line, const Environment& environment) {
  GivenByName file;
  if (const SettingsFile settings = settings_file(line, environment); !settings.path.empty()) {
    keep_key_secret(settings.path.string());
    TRY_ASSIGN(file, read_toml(settings.path, settings.where));
  }
  Values values;
  for (const OptionSpec& spec : options()) {
    if (!takes(line.command, spec)) continue;
    const std::string name(spec.name);
    std::vector<Given> places;
    if (const auto found = line.given.find(name); found != line.given.end()) places.push_back(found->second);
    const std::string variable = environment_name(spec);
    if (const std::optional<std::string> value = environment(variable); value && !value->empty()) {
      keep_key_secret(*value);
      places.push_back(Given{{*value}, variable});
    }
    if (const auto found = file.find(name); found != file.end()) places.push_back(found->second);
    for (Given& place : places) {
      if (is_absent(spec, place)) continue;
      TRY(check(spec, place));
      values.set(name, std::move(place));
      break;
    }
  }
  if (values.is_true("quiet") && values.is_true("verbose")) {
    return fail(ErrorKind::usage, fmt::format("{} and {} contradict each other", values.where("quiet"), values.where("verbose")),
                "Give one of them.");
  }
  return values;
}

HttpProxies proxies_of(const Environment& environment) {
  const auto first_of = [&environment](const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      if (const std::optional<std::string> value = environment(name); value && !value->empty()) return *value;
    }
    return std::string();
  };
  // Not HTTP_PROXY: in a CGI program that is a header of whoever asks ("Proxy: …").
  return {first_of({"http_proxy", "all_proxy", "ALL_PROXY"}), first_of({"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}),
          first_of({"no_proxy", "NO_PROXY"})};
}

bool wants_json(const CommandLine& line, const Environment& environment) { return said_of("json", line, environment) == "true"; }

bool wants_json_log(const CommandLine& line, const Environment& environment) { return said_of("log-format", line, environment) == "json"; }

}  // namespace chimplift
