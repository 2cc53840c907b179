// Text for a page of HTML. Whatever comes from outside goes through here and is escaped before it is put into a page.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.hpp"

namespace chimplift::html {

/// The text as HTML shows it: markup, quotes and bytes that are not UTF-8 escaped; control characters, and those that turn the direction of
/// writing, are U+FFFD.
std::string text(std::string_view raw);

/// A line for a shell, that breaks between words alone.
std::string command(std::string_view line);

/// The text as a string of CSS, quotes included.
std::string css_string(std::string_view raw);

/// "12 345" with narrow spaces that do not break; "–" where there is no number.
std::string number(const std::optional<i64>& number);

/// "1.9 MB", without a break.
std::string bytes(i64 bytes);

/// "1 page", "12 345 pages".
std::string counted(i64 number, std::string_view one, std::string_view many);

/// "23 November 2026, 21:23:05 UTC" from RFC 3339. What is not such a time comes back unchanged; "–" for "".
std::string time(std::string_view rfc3339);

}  // namespace chimplift::html
