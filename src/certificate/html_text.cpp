#include "certificate/html_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace chimplift::html {
namespace {

constexpr std::string_view kNone = "–";
constexpr std::string_view kNarrowSpace = "\u202f";
constexpr std::string_view kNoBreakSpace = "\u00a0";
constexpr std::string_view kReplacement = "\ufffd";

std::string_view escape_of(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return {};
  }
}

/// The text as valid UTF-8 on one line. What is not to be shown would let a name look like something that it is not.
std::string clean(std::string_view raw) {
  const std::string whole = to_utf8(raw);
  std::string out;
  for (std::string_view rest = whole; !rest.empty();) {
    std::string_view bytes;
    const char32_t character = take_character(rest, bytes);
    const bool is_space = character == '\n' || character == '\t';
    out += is_space ? " " : is_unshowable(character) ? kReplacement : bytes;
  }
  return out;
}

std::string with(std::string text, char old, std::string_view replacement) {
  std::string out;
  for (const char c : text) out += c == old ? replacement : std::string_view(&c, 1);
  return out;
}

}  // namespace

std::string text(std::string_view raw) {
  std::string out;
  for (const char c : clean(raw)) {
    const std::string_view escape = escape_of(c);
    out += escape.empty() ? std::string_view(&c, 1) : escape;
  }
  return out;
}

std::string command(std::string_view line) {
  std::string out;
  for (std::size_t at = 0; at <= line.size();) {
    const std::size_t end = std::min(line.find(' ', at), line.size());
    out += fmt::format("{}<span>{}</span>", at == 0 ? "" : " ", text(line.substr(at, end - at)));
    at = end + 1;
  }
  return "<pre>" + out + "</pre>";
}

std::string css_string(std::string_view raw) {
  std::string out = "\"";
  for (const char c : clean(raw)) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain =
        byte >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ' ' || c == '_';
    out += is_plain ? std::string(1, c) : fmt::format("\\{:x} ", byte);
  }
  return out + "\"";
}

std::string number(const std::optional<i64>& number) {
  return number ? with(format_count(*number), ',', kNarrowSpace) : std::string(kNone);
}

std::string bytes(i64 bytes) { return with(format_bytes(bytes), ' ', kNoBreakSpace); }

std::string counted(i64 count, std::string_view one, std::string_view many) {
  return fmt::format("{}{}{}", number(count), kNoBreakSpace, count == 1 ? one : many);
}

std::string time(std::string_view rfc3339) {
  static constexpr std::string_view kMonths[] = {"January", "February", "March",     "April",   "May",      "June",
                                                 "July",    "August",   "September", "October", "November", "December"};
  if (rfc3339.empty()) return std::string(kNone);
  const auto digits = [&rfc3339](std::size_t at, std::size_t count) -> int {
    int value = 0;
    for (const char c : rfc3339.substr(at, count)) {
      if (c < '0' || c > '9') return -1;
      value = value * 10 + (c - '0');
    }
    return value;
  };
  const bool is_shaped = rfc3339.size() >= 20 && rfc3339[4] == '-' && rfc3339[7] == '-' && rfc3339[10] == 'T' && rfc3339.back() == 'Z';
  const int month = is_shaped ? digits(5, 2) : 0;
  const int day = is_shaped ? digits(8, 2) : 0;
  if (month < 1 || month > 12 || day < 1) return text(rfc3339);
  return fmt::format("{} {} {}, {} UTC", day, kMonths[month - 1], text(rfc3339.substr(0, 4)), text(rfc3339.substr(11, 8)));
}

}  // namespace chimplift::html
