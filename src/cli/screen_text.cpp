#include "cli/screen_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace chimplift {
namespace {

bool is_between(char32_t c, char32_t first, char32_t last) { return c >= first && c <= last; }

/// As terminals have it (Unicode's EastAsianWidth, the ranges that matter).
i64 columns(char32_t c) {
  if (is_between(c, 0x300, 0x36F) || is_between(c, 0x200B, 0x200D) || is_between(c, 0xFE00, 0xFE0F) || is_between(c, 0x1F3FB, 0x1F3FF))
    return 0;
  const bool wide = is_between(c, 0x1100, 0x115F) || is_between(c, 0x2E80, 0xA4CF) || is_between(c, 0xAC00, 0xD7A3) ||
                    is_between(c, 0xF900, 0xFAFF) || is_between(c, 0xFE30, 0xFE6F) || is_between(c, 0xFF00, 0xFF60) ||
                    is_between(c, 0xFFE0, 0xFFE6) || is_between(c, 0x1F300, 0x1FAFF) || is_between(c, 0x20000, 0x3FFFD);
  return wide ? 2 : 1;
}

/// The length of the colour sequence at the start of the text, or 0.
std::size_t sequence(std::string_view text) {
  if (!text.starts_with("\x1b[")) return 0;
  const std::size_t end = text.find('m');
  return end == std::string_view::npos ? 0 : end + 1;
}

}  // namespace

i64 width_of(std::string_view text) {
  i64 width = 0;
  while (!text.empty()) {
    if (const std::size_t length = sequence(text); length != 0) {
      text.remove_prefix(length);
      continue;
    }
    std::string_view bytes;
    width += columns(take_character(text, bytes));
  }
  return width;
}

std::string cut(std::string_view text, i64 width) {
  if (width_of(text) <= width) return std::string(text);
  std::string kept;
  i64 used = 0;
  bool coloured = false;
  while (!text.empty()) {
    if (const std::size_t length = sequence(text); length != 0) {
      kept += text.substr(0, length);
      text.remove_prefix(length);
      coloured = true;
      continue;
    }
    std::string_view bytes;
    used += columns(take_character(text, bytes));
    if (used > width - 1) break;
    kept += bytes;
  }
  return kept + (width > 0 ? "…" : "") + (coloured ? "\x1b[0m" : "");
}

std::string pad_right(std::string_view text, i64 width) {
  return std::string(text) + std::string(static_cast<std::size_t>(std::max<i64>(0, width - width_of(text))), ' ');
}

std::string pad_left(std::string_view text, i64 width) {
  return std::string(static_cast<std::size_t>(std::max<i64>(0, width - width_of(text))), ' ') + std::string(text);
}

std::string Paint::with(std::string_view code, std::string_view text) const {
  return on ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

}  // namespace chimplift
