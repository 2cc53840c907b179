// Pages: what read_page and decode_page take, nlohmann's parser takes too and reads the same values from it; what they refuse, it refuses.
// Input: a digit (what the page is read as), then the body.
#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "fuzz.hpp"
#include "rows/decode.hpp"
#include "rows/page.hpp"

namespace {

using chimplift::Column;
using chimplift::ColumnType;
using chimplift::DecodedPage;
using chimplift::Table;
using Node = nlohmann::json;

constexpr int kOurDepth = 500;

/// The second opinion, and why it may differ.
struct Opinion {
  Node document;
  bool accepts = false;
  bool number_too_large = false;  // nlohmann refuses 1e400, we keep it as text
};

Opinion opinion_of(const std::string& body) {
  Opinion opinion;
  try {
    opinion.document = Node::parse(body);
    opinion.accepts = true;
  } catch (const Node::out_of_range&) {
    opinion.number_too_large = true;
  } catch (const Node::parse_error&) {
    opinion.accepts = false;
  }
  return opinion;
}

/// An upper bound of the nesting.
int depth_of(std::string_view body) {
  int depth = 0;
  int deepest = 0;
  for (const char c : body) {
    if (c == '{' || c == '[') deepest = std::max(deepest, ++depth);
    if (c == '}' || c == ']') --depth;
  }
  return deepest;
}

bool has_surrogate_escape(std::string_view body) {
  for (std::size_t at = body.find("\\u"); at != std::string_view::npos; at = body.find("\\u", at + 1)) {
    if (at + 3 < body.size() && (body[at + 2] == 'd' || body[at + 2] == 'D') &&
        std::string_view("89abcdefABCDEF").find(body[at + 3]) != std::string_view::npos)
      return true;
  }
  return false;
}

bool holds_records(const Node& document, const std::string& items) {
  if (!document.is_object()) return false;
  if (items.empty()) return true;
  const auto found = document.find(items);
  return found != document.end() && found->is_array() && std::ranges::all_of(*found, [](const Node& each) { return each.is_object(); });
}

/// The value in the row, or nullptr where it is NULL.
const chimplift::Value* value_in(const Table& table, const chimplift::Row& row, std::string_view column) {
  const chimplift::i64 at = table.find(column);
  if (at < 0 || at >= static_cast<chimplift::i64>(row.size())) return nullptr;
  const chimplift::Value& value = row[static_cast<std::size_t>(at)];
  return std::holds_alternative<std::monostate>(value) ? nullptr : &value;
}

bool fits(const chimplift::Value& value, ColumnType type) {
  static constexpr ColumnType kTypes[] = {ColumnType::text,      ColumnType::boolean, ColumnType::integer, ColumnType::number,
                                          ColumnType::timestamp, ColumnType::text,    ColumnType::json};
  return value.index() == 0 || kTypes[value.index()] == type;
}

void compare(const Node& record, const Table& table, const chimplift::Row& row) {
  const auto id = record.find("id");
  if (id != record.end() && id->is_string()) {
    const chimplift::Value* value = value_in(table, row, "id");
    HOLDS(value != nullptr && std::get<std::string>(*value) == id->get<std::string>());
  }
  const auto count = record.find("count");
  if (count != record.end() && count->is_number_integer() && (!count->is_number_unsigned() || count->get<chimplift::u64>() >> 63U == 0)) {
    const chimplift::Value* value = value_in(table, row, "count");
    // -0 is an integer to nlohmann; we keep its sign, as text.
    if (value == nullptr) {
      HOLDS(value_in(table, row, "count__text") != nullptr);
    } else {
      HOLDS(std::get<chimplift::i64>(*value) == count->get<chimplift::i64>());
    }
  }
  const auto rate = record.find("rate");
  if (rate != record.end() && rate->is_number()) {
    const chimplift::Value* value = value_in(table, row, "rate");
    HOLDS(value != nullptr || value_in(table, row, "rate__text") != nullptr);
    if (value != nullptr) HOLDS(std::get<double>(*value) == rate->get<double>());
  }
  const auto flag = record.find("flag");
  if (flag != record.end() && flag->is_boolean()) {
    const chimplift::Value* value = value_in(table, row, "flag");
    HOLDS(value != nullptr && std::get<bool>(*value) == flag->get<bool>());
  }
  const auto at = record.find("at");
  if (at != record.end() && at->is_string() && !at->get<std::string>().empty()) {
    HOLDS(value_in(table, row, "at") != nullptr || value_in(table, row, "at__text") != nullptr);
  }
  const auto data = record.find("data");
  if (data != record.end() && !data->is_null() && *data != "") {
    const chimplift::Value* value = value_in(table, row, "data");
    HOLDS(value != nullptr && Node::parse(std::get<chimplift::Json>(*value).text) == *data);
  }
}

Table fresh_table(bool explode) {
  Table table;
  table.name = "things";
  table.columns = {{"account_name", ColumnType::text}, {"synced_at", ColumnType::timestamp}, {"list_id", ColumnType::integer},
                   {"id", ColumnType::text},           {"count", ColumnType::integer},       {"rate", ColumnType::number},
                   {"flag", ColumnType::boolean},      {"at", ColumnType::timestamp},        {"data", ColumnType::json}};
  table.parents = {"list_id"};
  table.key = {"account_name", "list_id", explode ? "occurrence" : "row_hash"};
  if (explode) table.explode = "activity";
  return table;
}

void check_rows(const DecodedPage& page, const Table& table, bool explode, chimplift::i64 records) {
  HOLDS(page.records == records);
  if (!explode) HOLDS(static_cast<chimplift::i64>(page.rows.size()) == records);
  std::vector<std::string> names;
  for (const Column& column : table.columns) names.push_back(chimplift::to_lower(column.name));
  std::ranges::sort(names);
  HOLDS(std::ranges::adjacent_find(names) == names.end());
  for (const chimplift::Row& row : page.rows) {
    HOLDS(row.size() <= table.columns.size());
    for (std::size_t i = 0; i < row.size(); ++i) HOLDS(fits(row[i], table.columns[i].type));
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const bool whole = (data[0] & 1U) != 0;
  const bool explode = (data[0] & 2U) != 0;
  const std::string items = whole ? "" : "items";
  const std::string_view body = text_of(data + 1, size - 1);

  const auto contents = chimplift::read_page(body, {items, {"id"}, {"id", "count"}});
  Table table = fresh_table(explode);
  const auto page = chimplift::decode_page(body, items, {"a brand", 1'554'467'696'000'000, {"12"}}, table);
  HOLDS(contents.has_value() == page.has_value());
  if (page) check_rows(*page, table, explode, contents->records);

  // nlohmann takes a NUL for the end, and skips a byte order mark.
  const std::string utf8 = chimplift::to_utf8(body);
  if (utf8.find('\0') != std::string::npos || utf8.starts_with("\xEF\xBB\xBF")) return 0;
  const Opinion opinion = opinion_of(utf8);
  if (!page) {
    HOLDS(!opinion.accepts || !holds_records(opinion.document, items) || depth_of(utf8) > kOurDepth);
    return 0;
  }
  HOLDS(opinion.accepts || opinion.number_too_large || has_surrogate_escape(utf8));
  if (!opinion.accepts) return 0;
  HOLDS(holds_records(opinion.document, items));
  const Node records = whole ? Node::array({opinion.document}) : opinion.document[items];
  HOLDS(static_cast<chimplift::i64>(records.size()) == contents->records);
  for (std::size_t i = 0; i < records.size(); ++i) {
    const auto id = records[i].find("id");
    const std::optional<std::string>& told = contents->fields[i][0];
    if (id != records[i].end() && id->is_string()) HOLDS(told == id->get<std::string>());
    if (id == records[i].end() || id->is_structured() || id->is_null()) HOLDS(!told);
    if (!explode) compare(records[i], table, page->rows[i]);
  }
  return 0;
}
