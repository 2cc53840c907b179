#include "run/closing_command.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace chimplift {

std::string closing_command(const Settings& settings, std::string_view command, const std::vector<GivenOption>& own) {
  std::string line = "chimplift " + std::string(command);
  const auto add = [&line](const GivenOption& option) {
    if (!option.second.empty()) line += " --" + option.first + " " + shell_word(option.second);
  };
  for (const GivenOption& option : own) add(option);
  const auto given = settings.given.find(command);
  if (given == settings.given.end()) return line;
  for (const GivenOption& option : given->second) {
    const bool is_own = std::any_of(own.begin(), own.end(), [&option](const GivenOption& one) { return one.first == option.first; });
    if (!is_own) add(option);
  }
  return line;
}

}  // namespace chimplift
