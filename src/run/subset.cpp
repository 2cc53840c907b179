#include "run/subset.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "base/hash.hpp"
#include "base/text.hpp"

namespace chimplift {
namespace {

std::optional<double> fraction_of(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

}  // namespace

Result<Subset> Subset::parse(std::string_view text) {
  Subset subset;
  subset.text_ = text;
  if (text.ends_with('%')) {
    const std::optional<double> percent = fraction_of(text.substr(0, text.size() - 1));
    if (percent && *percent > 0 && *percent <= 100) {
      subset.to_ = *percent / 100;
      return subset;
    }
  } else if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) {
    const std::optional<i64> part = parse_count(text.substr(0, slash));
    const std::optional<i64> parts = parse_count(text.substr(slash + 1));
    if (part && parts && *part >= 1 && *part <= *parts) {
      subset.from_ = static_cast<double>(*part - 1) / static_cast<double>(*parts);
      subset.to_ = static_cast<double>(*part) / static_cast<double>(*parts);
      return subset;
    }
  }
  return fail(ErrorKind::usage, fmt::format("\"{}\" is not a part of an archive", text),
              "As in: --read-data-subset 10%, or 3/10 for the third of ten parts.");
}

bool Subset::has(std::string_view place, i64 at) const {
  // 52 bits of the sum, as a fraction: what a double holds exactly.
  constexpr std::size_t kDigits = 13;
  const std::string digits = sha256_hex(fmt::format("{} {}", place, at)).substr(0, kDigits);
  u64 number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  const double fraction = static_cast<double>(number) / static_cast<double>(u64{1} << 52);
  return from_ <= fraction && fraction < to_;
}

}  // namespace chimplift
