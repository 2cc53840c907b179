#include "warehouse/snowflake_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "rows/convert.hpp"
#include "rows/json.hpp"
#include "rows/json_text.hpp"

namespace chimplift::snowflake {
namespace {

constexpr i64 kDigitsOfNumber = 38;

/// True where a VARIANT would not keep every digit, neither as a NUMBER nor as a double.
bool loses_digits(std::string_view number) {
  const bool is_plain = number.find_first_of("eE") == std::string_view::npos;
  const i64 digits = std::ranges::count_if(number, [](char c) { return c >= '0' && c <= '9'; });
  return !(is_plain && digits < kDigitsOfNumber) && !parse_number(number).has_value();
}

/// Appends the value; false where it is not of the column's type.
bool append_value(const Value& value, ColumnType type, std::string& out) {
  if (const auto* text = std::get_if<std::string>(&value); text != nullptr && type == ColumnType::text) {
    append_json_string(*text, out);
  } else if (const auto* json = std::get_if<Json>(&value); json != nullptr && type == ColumnType::text) {
    append_json_string(json->text, out);
  } else if (json != nullptr && type == ColumnType::json) {
    const Result<std::string> variant = variant_json(json->text);
    if (!variant) return false;
    out += *variant;
  } else if (const auto* number = std::get_if<i64>(&value); number != nullptr && type == ColumnType::integer) {
    out += std::to_string(*number);
  } else if (const auto* real = std::get_if<double>(&value); real != nullptr && type == ColumnType::number && std::isfinite(*real)) {
    fmt::format_to(std::back_inserter(out), "{}", *real);  // the shortest text that is read back as the same double
  } else if (const auto* flag = std::get_if<bool>(&value); flag != nullptr && type == ColumnType::boolean) {
    out += *flag ? "true" : "false";
  } else if (const auto* time = std::get_if<Timestamp>(&value); time != nullptr && type == ColumnType::timestamp) {
    std::string utc = format_utc(time->micros);
    utc.pop_back();  // Z: an offset in digits is the form that Snowflake documents
    out += '"' + utc + "+00:00\"";
  } else {
    return false;
  }
  return true;
}

}  // namespace

Result<std::string> variant_json(std::string_view text) {
  TRY_ASSIGN(const JsonDocument document, JsonDocument::parse("{\"v\":" + std::string(text) + "}"));
  return canonical_json(*find_field(document.root(), "v"), {}, loses_digits);
}

Result<std::string> line_of(i64 batch, const Table& table, i64 sequence, const Row& row) {
  if (row.size() > table.columns.size()) return fail(ErrorKind::internal, "a row has more values than its table has columns");
  std::string line = "{\"b\":" + std::to_string(batch) + ",\"t\":";
  append_json_string(table.name, line);
  line += ",\"n\":" + std::to_string(sequence) + ",\"r\":{";
  bool is_first = true;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (std::holds_alternative<std::monostate>(row[i])) continue;
    if (!is_first) line += ',';
    is_first = false;
    line += "\"c" + std::to_string(i) + "\":";
    if (!append_value(row[i], table.columns[i].type, line)) {
      return fail(ErrorKind::internal, "a value of " + table.name + "." + table.columns[i].name + " has another type than its column");
    }
  }
  line += "}}\n";
  if (line.size() > kLargestRecord) {
    return fail(ErrorKind::destination,
                fmt::format("a record of {} has {}, more than Snowflake takes in one value", table.name,
                            format_bytes(static_cast<i64>(line.size()))),
                "Load this archive into DuckDB (--warehouse duckdb:FILE), which has no such limit; nothing of the archive is lost.");
  }
  return line;
}

}  // namespace chimplift::snowflake
