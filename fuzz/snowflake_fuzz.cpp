// What Snowflake answers, and JSON as it is sent there: nlohmann's parser reads the same from both. Input: '0' and a body; or '1' and a
// value.
#include <nlohmann/json.hpp>

#include <algorithm>

#include "fuzz.hpp"
#include "warehouse/snowflake_answer.hpp"
#include "warehouse/snowflake_rows.hpp"

namespace {

using Node = nlohmann::json;
using chimplift::snowflake::Answer;

std::string text_in(const Node& document, const char* name) {
  const auto found = document.find(name);
  return found != document.end() && found->is_string() ? found->get<std::string>() : "";
}

/// nlohmann takes a NUL for the end, skips a byte order mark, and refuses what is not UTF-8 and what no double can hold.
bool may_differ(std::string_view body) {
  return body.find('\0') != std::string_view::npos || body.starts_with("\xEF\xBB\xBF") || body.find("\\u") != std::string_view::npos ||
         std::ranges::any_of(body, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

void check_answer(std::string_view body) {
  Answer answer = chimplift::snowflake::parse_answer(body);
  for (const auto& row : answer.result.rows) HOLDS(row.size() >= answer.result.columns.size());
  HOLDS(answer.partitions >= 0 && answer.result.find("no such column") < static_cast<chimplift::i64>(answer.result.columns.size()));
  const chimplift::Error error = chimplift::snowflake::error_of(answer, 422);
  HOLDS(!error.message.empty() && error.message.find('\n') == std::string::npos);
  for (const char* mark : {"Row Values:"}) {
    const std::size_t at = error.message.find(mark);
    HOLDS(at == std::string::npos || error.message.substr(at + std::string_view(mark).size()).starts_with(" \xE2\x80\xA6"));
  }
  const std::size_t rows = answer.result.rows.size();
  const bool is_partition = chimplift::snowflake::add_partition(body, answer.result);
  HOLDS(!is_partition || answer.result.rows.size() >= rows);

  const Node document = may_differ(body) ? Node(Node::value_t::discarded) : Node::parse(body, nullptr, false);
  if (!document.is_object()) return;
  HOLDS(answer.code == text_in(document, "code") && answer.message == text_in(document, "message"));
  HOLDS(answer.handle == text_in(document, "statementHandle"));
  if (answer.partitions == 0) return;
  const Node data = document.value("data", Node());
  HOLDS(data.is_null() ? rows == 0 : data.is_array() && data.size() == rows);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t cell = 0; cell < data[i].size(); ++cell) {
      const std::optional<std::string>& got = answer.result.rows[i][cell];
      HOLDS(got.has_value() == !data[i][cell].is_null());
      if (data[i][cell].is_string()) HOLDS(*got == data[i][cell].get<std::string>());
    }
  }
}

/// The same value, but that a number may have become a text.
bool is_same(const Node& sent, const Node& made) {
  if (sent.is_number() && made.is_string()) return true;
  if (sent.type() != made.type() || sent.size() != made.size()) return sent.is_number() && made.is_number() && sent == made;
  if (sent.is_object())
    return std::ranges::all_of(sent.items(),
                               [&](const auto& item) { return made.contains(item.key()) && is_same(item.value(), made[item.key()]); });
  if (sent.is_array()) return std::ranges::equal(sent, made, is_same);
  return sent == made;
}

void check_variant(std::string_view value) {
  const auto variant = chimplift::snowflake::variant_json(value);
  if (!variant) return;
  const Node made = Node::parse(*variant, nullptr, false);
  HOLDS(!made.is_discarded());
  if (may_differ(value)) return;
  const Node sent = Node::parse(value, nullptr, false);
  HOLDS(sent.is_discarded() || is_same(sent, made));
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest = text_of(data + 1, size - 1);
  if (data[0] == '1') {
    check_variant(rest);
  } else {
    check_answer(rest);
  }
  return 0;
}
