// Small things about text that the standard library lacks.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.hpp"

namespace chimplift {

/// RFC 3986 percent-encoding of all but unreserved characters, byte by byte.
std::string percent_encode(std::string_view text);

/// The candidate nearest to what was typed, or "" where none is near enough to be meant (edit distance above a third of the word).
std::string nearest(std::string_view typed, std::span<const std::string> candidates);

/// The parts between separators; an empty text has none.
std::vector<std::string> split(std::string_view text, char separator);
std::string join(std::span<const std::string> parts, std::string_view separator);
/// Without the ASCII blanks (space, tab, line breaks) at both ends.
std::string_view trim(std::string_view text);
/// A to Z become a to z; all other bytes stay as they are.
std::string to_lower(std::string_view text);

/// The number that the digits make; nullopt for anything but digits, and beyond 64 bits.
std::optional<i64> parse_count(std::string_view text);
/// "12,345": digits in groups of three.
std::string format_count(i64 number);
/// "1.4 MB": decimal units.
std::string format_bytes(i64 bytes);

/// As a word for a POSIX shell: quoted where it has to be.
std::string shell_word(std::string_view text);

/// True where the bytes are well-formed UTF-8.
bool is_utf8(std::string_view bytes);
/// The text with each byte that is not UTF-8 replaced by U+FFFD.
std::string to_utf8(std::string_view bytes);

/// The first character of a text that is well-formed UTF-8, taken off it; its bytes are put into `bytes`.
char32_t take_character(std::string_view& text, std::string_view& bytes);
/// True for what moves a terminal's cursor or begins a line (also C1 and Unicode's line breaks), and for what turns the direction of
/// writing.
bool is_unshowable(char32_t character);
/// What comes from outside, fit to be shown: valid UTF-8, on one line, without control characters, each of them a space.
std::string shown(std::string_view text);

}  // namespace chimplift
