#include "cli/toml_file.hpp"

#include <fmt/format.h>

#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

#include "base/files.hpp"
#include "cli/content.hpp"
#include "cli/misplaced_key.hpp"
#include "cli/options.hpp"
#include "cli/private_file.hpp"

namespace chimplift {
namespace {

const std::string kAdvice = "Keys are the names of options, without the dashes: archive = \"./mailchimp-archive\".";

/// The value as the command line would have it, or nullopt for numbers, dates and tables, which no option takes.
std::optional<std::vector<std::string>> values_of(const toml::node& node, const OptionSpec& spec) {
  if (const auto* text = node.as_string()) return std::vector<std::string>{text->get()};
  if (const auto* boolean = node.as_boolean()) return std::vector<std::string>{boolean->get() ? "true" : "false"};
  const toml::array* array = node.as_array();
  if (array == nullptr || (spec.kind != OptionKind::list && spec.kind != OptionKind::names)) return std::nullopt;
  std::vector<std::string> values;
  for (const toml::node& element : *array) {
    const auto* text = element.as_string();
    if (text == nullptr) return std::nullopt;
    values.push_back(text->get());
  }
  return values;
}

Result<toml::table> parse(const std::filesystem::path& path, std::string_view where) {
  Result<std::string> text = read_file(path);
  if (!text) {
    return fail(ErrorKind::usage, text.error().message,
                where.empty() ? std::string("It is read because it is in the current folder: check its permissions, or move it away.")
                              : fmt::format("Check the path and its permissions, or leave {} out.", where));
  }
  try {
    return toml::parse(*text, path.string());
  } catch (const toml::parse_error& error) {
    keep_key_secret(error.description());  // it may name a line that stands twice
    return fail(ErrorKind::usage, fmt::format("{}, line {}: {}", path.string(), error.source().begin.line, error.description()),
                "The file holds lines such as archive = \"./mailchimp-archive\" (https://toml.io).");
  }
}

}  // namespace

Result<GivenByName> read_toml(const std::filesystem::path& path, std::string_view where) {
  TRY_ASSIGN(const toml::table table, parse(path, where));
  GivenByName given;
  for (const auto& [key, node] : table) {
    const std::string name(key.str());
    keep_key_secret(name);
    const OptionSpec* spec = find_option(name);
    if (spec == nullptr || spec->only_command_line) {
      std::vector<std::string> names;
      for (const OptionSpec& option : options()) {
        if (!option.only_command_line) names.emplace_back(option.name);
      }
      return fail(ErrorKind::usage,
                  fmt::format("{}, line {}: unknown key {}{}", path.string(), key.source().begin.line, name, suggest(name, names)),
                  kAdvice);
    }
    std::optional<std::vector<std::string>> values = values_of(node, *spec);
    if (!values) {
      return fail(ErrorKind::usage,
                  fmt::format("{}, line {}: the value of {} has the wrong type", path.string(), key.source().begin.line, name),
                  spec->kind == OptionKind::list || spec->kind == OptionKind::names ? "Write a text in quotes, or a list of them."
                                                                                    : "Write a text in quotes, true or false.");
    }
    for (const std::string& value : *values) keep_key_secret(value);
    const std::string value = values->empty() ? "" : values->front();
    if (name == "api-key-override" ? !value.starts_with('@') && value != "none" : is_content(value)) TRY(expect_private(path.string()));
    given[name] = Given{std::move(*values), fmt::format("{} in {}, line {}", name, path.string(), key.source().begin.line)};
  }
  return given;
}

std::string toml_says(const std::filesystem::path& path, std::string_view key) {
  const Result<toml::table> table = parse(path, {});
  const toml::node* node = table ? table->get(key) : nullptr;
  const OptionSpec* spec = find_option(key);
  if (node == nullptr || spec == nullptr) return {};
  const std::optional<std::vector<std::string>> values = values_of(*node, *spec);
  return values && !values->empty() ? values->back() : std::string();
}

}  // namespace chimplift
