// Rows as lines of the files that Snowflake loads.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "rows/table.hpp"

namespace chimplift::snowflake {

/// A VARIANT holds 16 MB on every account; where a record is larger, COPY would refuse the whole load.
inline constexpr std::size_t kLargestRecord = 16'000'000;

/// `{"b":batch,"t":"table","n":sequence,"r":{"c0":…,"c3":…}}` and a line break: NULLs are left out, times are text with their offset,
/// JSON is as variant_json() has it. Errors: internal where a value is not of its column's type; destination where the record is too large.
Result<std::string> line_of(i64 batch, const Table& table, i64 sequence, const Row& row);

/// JSON as a VARIANT can hold it: of equal names in an object the last one's value (COPY refuses the rest), numbers that neither 38 digits
/// nor a double can hold exactly as strings, so that no digit is lost. Names are sorted, as Snowflake does anyway.
Result<std::string> variant_json(std::string_view text);

}  // namespace chimplift::snowflake
