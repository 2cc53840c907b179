#include "warehouse/snowflake_answer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>

#include "base/text.hpp"
#include "rows/json.hpp"

namespace chimplift::snowflake {
namespace {

std::string text_of(const JsonNode& object, std::string_view name) {
  const JsonNode* node = find_field(object, name);
  return node != nullptr && node->kind == JsonKind::string ? std::string(node->text) : std::string();
}

bool add_rows(const JsonNode* data, ResultSet& result) {
  if (data == nullptr || data->kind != JsonKind::array) return false;
  std::vector<TextRow> rows;
  for (const JsonNode* cells : elements_of(*data)) {
    if (cells->kind != JsonKind::array) return false;
    auto& row = rows.emplace_back();
    for (const JsonNode* cell : elements_of(*cells)) {
      if (cell->kind == JsonKind::null) {
        row.emplace_back();
      } else {
        row.emplace_back(std::string(cell->text));
      }
    }
    if (row.size() != result.columns.size()) return false;
  }
  std::ranges::move(rows, std::back_inserter(result.rows));
  return true;
}

/// Our messages have one line; Snowflake's may have several.
std::string in_one_line(std::string message) {
  std::ranges::replace_if(message, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return message;
}

// Behind these words a message shows what a row holds: "Numeric value 'abc' is not recognized", "String 'abc' is too long".
constexpr std::array<std::string_view, 14> kBeforeValues = {"value", "values",  "string", "date", "time",     "timestamp", "variant",
                                                            "json",  "boolean", "number", "data", "interval", "character", "row"};

/// True where what begins at `at` is the value of a row, told by the word before it.
bool is_value(std::string_view message, std::size_t at) {
  const bool is_plain = std::string_view("-0123456789").find(message[at]) != std::string_view::npos;
  if (!is_plain && std::string_view("'\"[{").find(message[at]) == std::string_view::npos) return false;
  const std::size_t end = message.find_last_not_of(" :=", at == 0 ? 0 : at - 1);
  if (at == 0 || end == std::string_view::npos || end + 1 == at) return false;
  std::size_t begin = end + 1;
  while (begin > 0 && std::isalpha(static_cast<unsigned char>(message[begin - 1])) != 0) --begin;
  const std::string word = to_lower(message.substr(begin, end + 1 - begin));
  return is_plain ? word == "value" || word == "values" : std::ranges::find(kBeforeValues, word) != kBeforeValues.end();
}

/// The message up to where the value of a row begins.
std::string without_values(std::string message) {
  for (const std::string_view mark : {"Row Values:", "Failed to cast variant value", "Error parsing JSON"}) {
    if (const std::size_t at = message.find(mark); at != std::string::npos) {
      message.resize(at + mark.size());
      message += " …";
    }
  }
  for (std::size_t at = 0; at < message.size(); ++at) {
    if (!is_value(message, at)) continue;
    message.resize(at);
    message += "…";
    break;
  }
  return message;
}

/// A code is six digits, and a state five letters and digits. Anything else is no code, and may hold what is not to be shown.
std::string shown(const std::string& code) {
  constexpr std::size_t kLongest = 8;
  const bool is_code = code.size() <= kLongest && std::ranges::all_of(code, [](unsigned char c) { return std::isalnum(c) != 0; });
  return is_code ? code : "?";
}

struct Known {
  std::string_view code;  // or words of the message
  ErrorKind kind;
  std::string_view advice;
};

// Snowflake's error codes, as its documentation and its drivers name them; and words, where one code stands for many things.
constexpr std::string_view kTooLarge = "391908";
constexpr std::string_view kCrowded = "000625";
constexpr std::array<Known, 13> kKnown{{
    {"Error assuming AWS_ROLE", ErrorKind::permission,
     "The role in AWS does not trust Snowflake: what DESC INTEGRATION shows (STORAGE_AWS_IAM_USER_ARN, STORAGE_AWS_EXTERNAL_ID) goes into "
     "its trust policy."},
    {"Status Code: 403", ErrorKind::permission,
     "The role in AWS that Snowflake takes on needs s3:GetObject, s3:GetObjectVersion, s3:ListBucket and s3:GetBucketLocation there."},
    {"091016", ErrorKind::destination,
     "The stage does not see what was put there: its URL may name a bucket of another account, or another region's endpoint."},
    {kTooLarge, ErrorKind::destination,
     "The schema has more columns than one answer can name: give chimplift a schema of its own, --snowflake-schema."},
    {kCrowded, ErrorKind::temporary, "Too many runs write at once; run again, or let fewer accounts run side by side."},
    {"000606", ErrorKind::usage, "Name a virtual warehouse that the role may use: --snowflake-warehouse."},
    {"000630", ErrorKind::destination, "The statement took longer than it may: take a larger virtual warehouse."},
    {"002003", ErrorKind::permission,
     "It does not exist, or the role may not see it: `chimplift generate snowflake-setup` prints the grants."},
    {"002043", ErrorKind::permission,
     "It does not exist, or the role may not see it: `chimplift generate snowflake-setup` prints the grants."},
    {"003001", ErrorKind::permission, "The role lacks a right: `chimplift generate snowflake-setup` prints the grants."},
    {"090073", ErrorKind::temporary, "The virtual warehouse cannot start now; try again."},
    {"000604", ErrorKind::interrupted, "The statement was cancelled in Snowflake; run the same command again."},
    {"390201", ErrorKind::permission, "The role, warehouse or database that is named does not exist, or may not be used."},
}};

}  // namespace

i64 ResultSet::find(std::string_view column) const {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (to_lower(columns[i]) == to_lower(column)) return static_cast<i64>(i);
  }
  return -1;
}

Answer parse_answer(std::string_view body) {
  Answer answer;
  const Result<JsonDocument> document = JsonDocument::parse(body);
  if (!document) return answer;
  const JsonNode& root = document->root();
  answer.code = text_of(root, "code");
  answer.sql_state = text_of(root, "sqlState");
  answer.message = text_of(root, "message");
  answer.handle = text_of(root, "statementHandle");
  const JsonNode* meta = find_field(root, "resultSetMetaData");
  if (meta == nullptr || meta->kind != JsonKind::object) return answer;
  if (const JsonNode* types = find_field(*meta, "rowType"); types != nullptr && types->kind == JsonKind::array) {
    for (const JsonNode* type : elements_of(*types)) {
      answer.result.columns.push_back(type->kind == JsonKind::object ? text_of(*type, "name") : std::string());
    }
  }
  // An answer that does not say how many rows there are cannot be told from one that lost some.
  const JsonNode* rows = find_field(*meta, "numRows");
  const std::optional<i64> said = rows == nullptr ? std::nullopt : parse_count(rows->text);
  if (!said) return answer;
  const JsonNode* data = find_field(root, "data");
  const bool has_none = *said == 0 && answer.code != kTooLarge && (data == nullptr || data->kind == JsonKind::null);
  if (!has_none && !add_rows(data, answer.result)) return answer;
  answer.rows = *said;
  answer.partitions = 1;
  if (const JsonNode* parts = find_field(*meta, "partitionInfo"); parts != nullptr && parts->kind == JsonKind::array) {
    answer.partitions = std::max<i64>(1, static_cast<i64>(elements_of(*parts).size()));
  }
  return answer;
}

bool add_partition(std::string_view body, ResultSet& result) {
  const Result<JsonDocument> document = JsonDocument::parse(body);
  return document && add_rows(find_field(document->root(), "data"), result);
}

bool is_running(const Answer& answer) { return answer.code == "333333" || answer.code == "333334"; }

bool is_crowded(const Answer& answer) {
  return answer.code == kCrowded || answer.message.find(std::string(kCrowded) + " (") != std::string::npos;
}

bool is_too_large(const Answer& answer) { return answer.code == kTooLarge; }

Error error_of(const Answer& answer, int status) {
  const std::string message =
      in_one_line(answer.message.empty()
                      ? fmt::format("Snowflake answered {}", status)
                      : fmt::format("Snowflake says: {}{}", without_values(answer.message),
                                    answer.code.empty() ? "" : fmt::format(" ({}/{})", shown(answer.code), shown(answer.sql_state))));
  for (const Known& known : kKnown) {
    // In a request of several statements the code is of the whole, and the inner one stands in the message.
    const bool is_word = known.code.find(' ') != std::string_view::npos;
    if (known.code == answer.code || answer.message.find(std::string(known.code) + (is_word ? "" : " (")) != std::string::npos) {
      return {known.kind, message, std::string(known.advice)};
    }
  }
  return {ErrorKind::destination, message, "docs/snowflake.md says what chimplift needs there; `chimplift doctor` tries it."};
}

}  // namespace chimplift::snowflake
