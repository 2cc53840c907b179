// The grammar of JSON's scalars, for what simdjson leaves unchecked.
#pragma once

#include <string>
#include <string_view>

namespace chimplift {

/// True for a number as RFC 8259 has it, of any size.
bool is_json_number(std::string_view token);
/// True for a number without fraction and exponent.
bool is_json_integer(std::string_view token);

/// Appends the content of a string's inside (between the quotes) to `out`. A lone surrogate becomes U+FFFD, and its escape in `inside` is
/// overwritten by `\ufffd`, which has the same length. False where an escape is malformed.
bool unescape_json(char* inside, std::size_t size, std::string& out);

/// Appends the text as a JSON string: only `"`, `\` and control characters are escaped.
void append_json_string(std::string_view text, std::string& out);

}  // namespace chimplift
