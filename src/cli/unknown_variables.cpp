#include "cli/unknown_variables.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "base/text.hpp"
#include "cli/options.hpp"

namespace chimplift {
namespace {

constexpr std::string_view kPrefix = "CHIMPLIFT_";
constexpr std::string_view kOfDbt = "CHIMPLIFT_DUCKDB";  // read by the project that `generate dbt` makes

}  // namespace

std::vector<std::string> variable_names() {
  std::vector<std::string> names;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string text = *entry;
    names.push_back(text.substr(0, text.find('=')));
  }
  return names;
}

std::vector<std::string> unknown_variables(std::span<const std::string> names) {
  // Without what they have in common, which would make every name look near to every other.
  std::vector<std::string> known = {"ENV"};
  for (const OptionSpec& option : options()) known.push_back(environment_name(option).substr(kPrefix.size()));
  std::vector<std::string> sentences;
  for (const std::string& name : names) {
    if (!name.starts_with(kPrefix) || name == kOfDbt) continue;
    const std::string own = name.substr(kPrefix.size());
    if (std::ranges::find(known, own) != known.end()) continue;
    const std::string near = nearest(own, known);
    sentences.push_back(fmt::format("The variable {} is none that chimplift reads{}", name,
                                    near.empty() ? "." : fmt::format("; did you mean {}{}?", kPrefix, near)));
  }
  return sentences;
}

}  // namespace chimplift
