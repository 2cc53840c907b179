// The target of a request: its path in parts, decoded, and its parameters.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/random.hpp"

namespace mailchimp_sim {

struct Target {
  std::vector<std::string> parts;  // decoded; "/" has none
  std::vector<std::pair<std::string, std::string>> parameters;

  [[nodiscard]] std::string parameter(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const;
  [[nodiscard]] bool is_true(std::string_view name) const { return parameter(name) == "true"; }
  /// A parameter that is a number of 0 or more: `otherwise` where it is not given, nothing where it is no such number.
  [[nodiscard]] std::optional<i64> number(std::string_view name, i64 otherwise) const;
};

Target parse_target(std::string_view target);
/// The parts between commas.
std::vector<std::string> comma_list(std::string_view text);

}  // namespace mailchimp_sim
