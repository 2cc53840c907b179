#include "rows/json_text.hpp"

#include <algorithm>
#include <cstdint>

namespace chimplift {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes digits from the front; false where there is none.
bool take_digits(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  const auto count = static_cast<std::size_t>(end - text.begin());
  text.remove_prefix(count);
  return count > 0;
}

/// Takes -?(0|[1-9][0-9]*) from the front.
bool take_integer(std::string_view& text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.starts_with('0')) {
    text.remove_prefix(1);
    return true;
  }
  return take_digits(text);
}

/// The number of four hex digits, or -1.
int hex4(const char* digits, std::size_t size) {
  if (size < 4) return -1;
  int number = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const char c = digits[i];
    int digit = -1;
    if (is_digit(c)) digit = c - '0';
    if (c >= 'a' && c <= 'f') digit = c - 'a' + 10;
    if (c >= 'A' && c <= 'F') digit = c - 'A' + 10;
    if (digit < 0) return -1;
    number = number * 16 + digit;
  }
  return number;
}

void append_utf8(std::uint32_t point, std::string& out) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0U | (point >> 6U));
    put(0x80U | (point & 0x3FU));
  } else if (point < 0x10000) {
    put(0xE0U | (point >> 12U));
    put(0x80U | ((point >> 6U) & 0x3FU));
    put(0x80U | (point & 0x3FU));
  } else {
    put(0xF0U | (point >> 18U));
    put(0x80U | ((point >> 12U) & 0x3FU));
    put(0x80U | ((point >> 6U) & 0x3FU));
    put(0x80U | (point & 0x3FU));
  }
}

bool is_high(int unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool is_low(int unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

/// Takes `\uXXXX` at the start of the bytes, and a second one where the two are a pair. Returns how many bytes it took; 0 where it is
/// malformed.
std::size_t take_unicode_escape(char* bytes, std::size_t size, std::string& out) {
  const int unit = hex4(bytes + 2, size - 2);
  if (unit < 0) return 0;
  if (is_high(unit) && size >= 12 && bytes[6] == '\\' && bytes[7] == 'u') {
    const int low = hex4(bytes + 8, size - 8);
    if (is_low(low)) {
      append_utf8(0x10000U + ((static_cast<std::uint32_t>(unit) - 0xD800U) << 10U) + (static_cast<std::uint32_t>(low) - 0xDC00U), out);
      return 12;
    }
  }
  if (is_high(unit) || is_low(unit)) {
    constexpr std::string_view kReplacement = "\\ufffd";
    std::copy(kReplacement.begin(), kReplacement.end(), bytes);
    append_utf8(0xFFFD, out);
  } else {
    append_utf8(static_cast<std::uint32_t>(unit), out);
  }
  return 6;
}

}  // namespace

bool is_json_number(std::string_view token) {
  if (!take_integer(token)) return false;
  if (token.starts_with('.')) {
    token.remove_prefix(1);
    if (!take_digits(token)) return false;
  }
  if (token.starts_with('e') || token.starts_with('E')) {
    token.remove_prefix(1);
    if (token.starts_with('+') || token.starts_with('-')) token.remove_prefix(1);
    if (!take_digits(token)) return false;
  }
  return token.empty();
}

bool is_json_integer(std::string_view token) { return take_integer(token) && token.empty(); }

bool unescape_json(char* inside, std::size_t size, std::string& out) {
  for (std::size_t at = 0; at < size;) {
    if (inside[at] != '\\') {
      out += inside[at++];
      continue;
    }
    if (at + 1 >= size) return false;
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    if (inside[at + 1] == 'u') {
      const std::size_t taken = take_unicode_escape(inside + at, size - at, out);
      if (taken == 0) return false;
      at += taken;
    } else {
      const std::size_t letter = kLetters.find(inside[at + 1]);
      if (letter == std::string_view::npos) return false;
      out += kMeanings[letter];
      at += 2;
    }
  }
  return true;
}

void append_json_string(std::string_view text, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kHex[byte >> 4U];
      out += kHex[byte & 0x0FU];
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace chimplift
