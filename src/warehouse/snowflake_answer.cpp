#include "warehouse/snowflake_answer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "rows/convert.hpp"
#include "rows/json.hpp"

namespace chimplift::snowflake {
namespace {

std::string text_of(const JsonNode& object, std::string_view name) {
  const JsonNode* node = find_field(object, name);
  return node != nullptr && node->kind == JsonKind::string ? std::string(node->text) : std::string();
}

bool add_rows(const JsonNode* data, ResultSet& result) {
  if (data == nullptr || data->kind != JsonKind::array) return false;
  for (const JsonNode* cells : elements_of(*data)) {
    if (cells->kind != JsonKind::array) return false;
    auto& row = result.rows.emplace_back();
    for (const JsonNode* cell : elements_of(*cells)) {
      if (cell->kind == JsonKind::null) {
        row.emplace_back();
      } else {
        row.emplace_back(std::string(cell->text));
      }
    }
    row.resize(std::max(row.size(), result.columns.size()));
  }
  return true;
}

/// Messages that carry values of rows, and where they begin.
std::string without_values(std::string message) {
  for (const std::string_view mark :
       {"Row Values:", "Failed to cast variant value", "Numeric value '", "Timestamp '", "Error parsing JSON"}) {
    if (const std::size_t at = message.find(mark); at != std::string::npos) {
      message.resize(at + mark.size());
      message += " …";
    }
  }
  std::ranges::replace(message, '\n', ' ');
  return message;
}

struct Known {
  std::string_view code;  // or words of the message
  ErrorKind kind;
  std::string_view advice;
};

// Snowflake's error codes, as its documentation and its drivers name them; and words, where one code stands for many things.
constexpr std::array<Known, 11> kKnown{{
    {"Error assuming AWS_ROLE", ErrorKind::permission,
     "The role in AWS does not trust Snowflake: what DESC INTEGRATION shows (STORAGE_AWS_IAM_USER_ARN, STORAGE_AWS_EXTERNAL_ID) goes into "
     "its "
     "trust policy."},
    {"Status Code: 403", ErrorKind::permission,
     "The role in AWS that Snowflake takes on needs s3:GetObject, s3:GetObjectVersion, s3:ListBucket and s3:GetBucketLocation there."},
    {"091016", ErrorKind::destination,
     "The stage does not see what was put there: its URL may name a bucket of another account, or another region's endpoint."},
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
  if (!add_rows(find_field(root, "data"), answer.result)) return answer;
  answer.partitions = 1;
  if (const JsonNode* parts = find_field(*meta, "partitionInfo"); parts != nullptr && parts->kind == JsonKind::array) {
    answer.partitions = std::max<i64>(1, static_cast<i64>(elements_of(*parts).size()));
  }
  return answer;
}

Result<void> add_partition(std::string_view body, ResultSet& result) {
  const Result<JsonDocument> document = JsonDocument::parse(body);
  if (!document || !add_rows(find_field(document->root(), "data"), result)) {
    return fail(ErrorKind::temporary, "Snowflake sent a part of a result that cannot be read", "Run the same command again.");
  }
  return {};
}

bool is_running(const Answer& answer) { return answer.code == "333333" || answer.code == "333334"; }

Error error_of(const Answer& answer, int status) {
  const std::string message = answer.message.empty()
                                  ? fmt::format("Snowflake answered {}", status)
                                  : fmt::format("Snowflake says: {}{}", without_values(answer.message),
                                                answer.code.empty() ? "" : fmt::format(" ({}/{})", answer.code, answer.sql_state));
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
