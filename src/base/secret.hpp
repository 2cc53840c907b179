// A secret cannot be printed by accident: no operator<<, no formatter, and the log replaces every secret it has been told of.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace chimplift {

class Secret {
 public:
  Secret() = default;
  /// Also tells redact() of the value.
  explicit Secret(std::string value);
  /// Only for the one place that needs the value: a request's header.
  [[nodiscard]] const std::string& reveal() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }
  bool operator==(const Secret&) const = default;

 private:
  std::string value_;
};

/// The text with every secret of this process, plain, percent-encoded or in Basic authorization, replaced by "[secret]". Thread-safe.
std::string redact(std::string_view text);

}  // namespace chimplift
