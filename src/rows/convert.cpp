#include "rows/convert.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

#include "rows/json_text.hpp"

namespace chimplift {
namespace {

/// A decimal number without its spelling: sign, digits without zeros at either end, and the power of ten of the last digit.
struct Decimal {
  bool negative = false;
  std::string digits;
  i64 exponent = 0;
  bool operator==(const Decimal&) const = default;
};

Decimal decimal_of(std::string_view token) {
  Decimal decimal;
  bool behind_point = false;
  std::size_t at = 0;
  for (; at < token.size() && token[at] != 'e' && token[at] != 'E'; ++at) {
    if (token[at] == '-') decimal.negative = true;
    if (token[at] == '.') behind_point = true;
    if (token[at] < '0' || token[at] > '9') continue;
    if (behind_point) --decimal.exponent;
    if (!decimal.digits.empty() || token[at] != '0') decimal.digits += token[at];
  }
  if (at < token.size()) {
    std::string_view written = token.substr(at + 1);
    if (written.starts_with('+')) written.remove_prefix(1);
    i64 exponent = 0;
    std::from_chars(written.data(), written.data() + written.size(), exponent);
    // Only zero is written with more, and its exponent says nothing; the sum stays a number.
    constexpr i64 kMost = 1'000'000'000'000'000;
    decimal.exponent += std::clamp(exponent, -kMost, kMost);
  }
  while (decimal.digits.ends_with('0')) {
    decimal.digits.pop_back();
    ++decimal.exponent;
  }
  if (decimal.digits.empty()) decimal.exponent = 0;
  return decimal;
}

template <typename T>
std::optional<Value> as_value(const std::optional<T>& parsed) {
  if (!parsed) return std::nullopt;
  return Value(*parsed);
}

}  // namespace

std::optional<i64> parse_integer(std::string_view text) {
  if (!is_json_integer(text) || text == "-0") return std::nullopt;
  i64 number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  return number;
}

std::optional<double> parse_number(std::string_view token) {
  double number = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), number);
  if (error != std::errc{} || !std::isfinite(number)) return std::nullopt;
  std::array<char, 64> text{};
  const Decimal said = decimal_of(token);
  const auto shortest = std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::scientific);
  if (decimal_of({text.data(), shortest.ptr}) == said) return number;
  // Programs that print doubles with a fixed number of digits write 0.1 as 0.10000000000000001, PHP before 7.1 for one.
  const int digits = static_cast<int>(said.digits.size());
  if (digits == 0 || digits > std::numeric_limits<double>::max_digits10) return std::nullopt;
  const auto as_long = std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::scientific, digits - 1);
  if (decimal_of({text.data(), as_long.ptr}) != said) return std::nullopt;
  return number;
}

std::optional<Value> convert(const JsonNode& node, ColumnType type) {
  if (node.kind == JsonKind::null) return Value();
  if (node.kind == JsonKind::string && node.text.empty() && type != ColumnType::text) return Value();
  switch (type) {
    case ColumnType::text:
      if (node.kind == JsonKind::array || node.kind == JsonKind::object) return std::nullopt;
      return Value(std::string(node.text));
    case ColumnType::integer:
      if (node.kind != JsonKind::number) return std::nullopt;
      return as_value(parse_integer(node.text));
    case ColumnType::number:
      if (node.kind != JsonKind::number) return std::nullopt;
      return as_value(parse_number(node.text));
    case ColumnType::boolean:
      if (node.kind != JsonKind::boolean) return std::nullopt;
      return Value(node.text == "true");
    case ColumnType::timestamp:
      if (node.kind != JsonKind::string) return std::nullopt;
      return as_value(parse_timestamp(node.text));
    case ColumnType::json:
      return Value(Json{std::string(node.raw)});
  }
  return std::nullopt;
}

ColumnType type_for(const JsonNode& node) {
  switch (node.kind) {
    case JsonKind::boolean:
      return ColumnType::boolean;
    case JsonKind::number:
      return is_json_integer(node.text) ? ColumnType::integer : ColumnType::number;
    case JsonKind::array:
    case JsonKind::object:
      return ColumnType::json;
    case JsonKind::string:
    case JsonKind::null:
      break;
  }
  return ColumnType::text;
}

}  // namespace chimplift
