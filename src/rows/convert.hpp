// One JSON value into one column's type: exactly, or not at all.
#pragma once

#include <optional>
#include <string_view>

#include "rows/json.hpp"
#include "rows/table.hpp"

namespace chimplift {

/// The value as this type, or nullopt where it does not fit (a misfit). null, and "" in columns that are not text, are std::monostate.
/// - text: strings; numbers and booleans as their token
/// - integer: a JSON integer within 64 bits (not 12.0, 1e3, -0, nor the string "12")
/// - number: a JSON number that a double holds without changing a digit
/// - timestamp: a string that parse_timestamp() takes
/// - json: everything, as sent
std::optional<Value> convert(const JsonNode& node, ColumnType type);

/// The column type for a field whose first value is this one; not for null.
ColumnType type_for(const JsonNode& node);

/// Microseconds since 1970 of `2019-04-05T12:34:56`, with a space for the T, with up to six digits of a second behind a dot, with Z, ±hh:mm
/// or ±hhmm behind (UTC where there is none), or of a date alone. nullopt for all else: no such day, more digits, years beyond 0001–9999.
std::optional<Timestamp> parse_timestamp(std::string_view text);

/// The integer that this text is the one canonical way to write (no sign +, no leading zeros, no -0), or nullopt.
std::optional<i64> parse_integer(std::string_view text);

/// The double that has exactly this JSON number's digits when written in the shortest way, or nullopt.
std::optional<double> parse_number(std::string_view token);

}  // namespace chimplift
