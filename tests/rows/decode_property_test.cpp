// Decoding loses nothing: from a row, its record can be told again. Random records, read a second time by another parser (nlohmann).
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <random>

#include "rows/decode.hpp"
#include "support/chance.hpp"

namespace chimplift {
namespace {

constexpr const char* kParent = "L1";
constexpr i64 kSomeTime = 1'554'467'696'000'000;

/// A record as the text of each field's value, by field.
using Record = std::map<std::string, std::string>;

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t limit) { return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_); }

  Record record() {
    static const std::vector<std::string> kNames = {
        "id",      "Id",  "ID", "rating",    "opened",   "amount",       "flag",    "list",
        "quo\"te", "é\n", "É",  "synced_at", "sensible", "account_name", "list_id", "a rather long name, longer than any small string"};
    Record record;
    for (std::size_t count = below(10); count > 0; --count) record[kNames[below(kNames.size())]] = value(3);
    return record;
  }

 private:
  std::string value(int depth) {
    static const std::vector<std::string> kScalars = {"null",
                                                      "true",
                                                      "false",
                                                      "0",
                                                      "-1",
                                                      "12",
                                                      "-0",
                                                      "1.50",
                                                      "1e3",
                                                      "0.1",
                                                      "9007199254740993",
                                                      "9223372036854775807",
                                                      "9223372036854775808",
                                                      "123456789012345678901234567890",
                                                      "1e400",
                                                      R"("")",
                                                      R"("12")",
                                                      R"("text")",
                                                      R"("true")",
                                                      R"("L1")",
                                                      R"("2019-04-05T12:34:56+00:00")",
                                                      R"("2019-04-05 14:34:56+02:00")",
                                                      R"("2019-02-30")",
                                                      R"("a\u0000b")",
                                                      R"("\ud83d\ude00 \"\\\/\n")",
                                                      R"("é€")",
                                                      "\"[1]\""};
    const std::size_t kind = below(depth > 0 ? 8 : 6);
    if (kind < 6) return kScalars[below(kScalars.size())];
    std::string text = kind == 6 ? "[ " : "{ ";
    for (std::size_t i = 0, count = below(4); i < count; ++i) {
      if (i > 0) text += " ,";
      if (kind == 7) text += "\"k" + std::to_string(i) + "\": ";
      text += value(depth - 1);
    }
    return text + (kind == 6 ? "]" : "}");
  }

  std::mt19937 random_;
};

std::string page_of(const std::vector<Record>& records) {
  std::string body = "{\"items\":[";
  for (const Record& record : records) {
    body += body.ends_with('[') ? "{" : ",{";
    for (const auto& [name, value] : record) {
      if (!body.ends_with('{')) body += ", ";
      body += nlohmann::json(name).dump() + " : " + value;
    }
    body += "}";
  }
  return body + "]}";
}

Table start() {
  return {"things",
          {{"account_name", ColumnType::text},
           {"synced_at", ColumnType::timestamp},
           {"list_id", ColumnType::text},
           {"id", ColumnType::text},
           {"rating", ColumnType::integer},
           {"opened", ColumnType::timestamp},
           {"amount", ColumnType::number},
           {"flag", ColumnType::boolean},
           {"list", ColumnType::json}},
          {"list_id"},
          {"account_name", "list_id", "id"},
          ""};
}

const RowContext kContext{"shop", kSomeTime, {kParent}};

void strip(std::string& name, const std::string& end) {
  if (name.ends_with(end)) name.resize(name.size() - end.size());
}

/// The field whose value stands in this column.
std::string field_of(std::string column) {
  strip(column, "__text");
  strip(column, "__api");
  strip(column, "__2");
  strip(column, "__3");
  return column;
}

std::string content_of(const std::string& token) {
  return token.starts_with('"') ? nlohmann::json::parse(token).get<std::string>() : token;
}

/// True where the column's value says what the token says.
bool says(const Value& value, const std::string& token) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text == content_of(token);
  if (const auto* json = std::get_if<Json>(&value)) return json->text == token;
  if (const auto* flag = std::get_if<bool>(&value)) return token == (*flag ? "true" : "false");
  if (const auto* whole = std::get_if<i64>(&value)) return token == std::to_string(*whole);
  if (const auto* number = std::get_if<double>(&value)) return nlohmann::json::parse(token).get<double>() == *number;
  return std::get<Timestamp>(value).micros == kSomeTime && token.starts_with("\"2019-04-05");
}

/// "" where the row tells all of the record and nothing else, or what is wrong.
std::string difference(const Record& record, const Row& row, const Table& table) {
  std::map<std::string, Value> told;
  for (std::size_t i = 3; i < row.size(); ++i) {
    if (std::holds_alternative<std::monostate>(row[i])) continue;
    std::string field = field_of(table.columns[i].name);
    if (field.starts_with("é_")) field = "é\n";  // made safe: é___<hash>
    if (!told.emplace(field, row[i]).second) return "told twice: " + field;
  }
  for (const auto& [name, token] : record) {
    const auto found = told.find(name);
    if (found != told.end()) {
      if (!says(found->second, token)) return "told wrongly: " + name + " " + token;
      told.erase(found);
    } else if (name == "list_id" && content_of(token) == kParent) {
      continue;  // told by the parent's column
    } else if (token != "null" && token != "\"\"") {
      return "lost: " + name + " " + token;
    }
  }
  return told.empty() ? "" : "invented: " + told.begin()->first;
}

unsigned seed_of_run() { return std::getenv("CHIMPLIFT_TEST_SEED") != nullptr ? static_cast<unsigned>(chosen_seed()) : 20'261'123U; }

TEST(DecodeProperty, ARowTellsItsRecordAgain) {
  const unsigned seed = seed_of_run();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Generator generator(seed);
  for (int round = 0; round < 400; ++round) {
    Table table = start();
    std::vector<Record> records(1 + generator.below(20));
    std::ranges::generate(records, [&] { return generator.record(); });
    const auto page = decode_page(page_of(records), "items", kContext, table);
    ASSERT_TRUE(page) << page.error().message;
    ASSERT_EQ(page->rows.size(), records.size());
    for (std::size_t i = 0; i < records.size(); ++i) ASSERT_EQ(difference(records[i], page->rows[i], table), "") << page_of({records[i]});
  }
}

TEST(DecodeProperty, WherePagesEndDoesNotMatter) {
  const unsigned seed = seed_of_run();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Generator generator(seed + 1);
  for (int round = 0; round < 200; ++round) {
    std::vector<Record> records(2 + generator.below(20));
    std::ranges::generate(records, [&] { return generator.record(); });
    Table whole = start();
    auto expected = decode_page(page_of(records), "items", kContext, whole);
    ASSERT_TRUE(expected);
    Table parts = start();
    std::vector<Row> rows;
    i64 misfits = 0;
    for (std::size_t from = 0; from < records.size();) {
      const std::size_t to = std::min(records.size(), from + 1 + generator.below(5));
      const std::vector<Record> some(records.begin() + static_cast<std::ptrdiff_t>(from),
                                     records.begin() + static_cast<std::ptrdiff_t>(to));
      const auto page = decode_page(page_of(some), "items", kContext, parts);
      ASSERT_TRUE(page);
      rows.insert(rows.end(), page->rows.begin(), page->rows.end());
      misfits += page->misfits;
      from = to;
    }
    EXPECT_EQ(parts.columns, whole.columns);
    EXPECT_EQ(rows, expected->rows);
    EXPECT_EQ(misfits, expected->misfits);
  }
}

/// The columns that the table had before any page came, of one row.
std::vector<std::string> declared_part(const Row& row) {
  std::vector<std::string> values;
  for (std::size_t i = 0; i < start().columns.size(); ++i) values.push_back(i < row.size() ? bytes_of(row[i]) : bytes_of(Value()));
  return values;
}

TEST(DecodeProperty, TheOrderOfPagesAndHowOftenTheyComeDoNotMatter) {
  const unsigned seed = seed_of_run();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Generator generator(seed + 2);
  for (int round = 0; round < 100; ++round) {
    std::vector<Record> records(2 + generator.below(12));
    std::ranges::generate(records, [&] { return generator.record(); });
    Table forward = start();
    std::vector<Row> expected;
    for (const Record& record : records) expected.push_back(decode_page(page_of({record}), "items", kContext, forward)->rows.at(0));
    // Backwards, and each twice. A field that nobody declared may get a column of another type then; what it says stays the same.
    Table backward = start();
    for (std::size_t i = records.size(); i-- > 0;) {
      const auto once = decode_page(page_of({records[i]}), "items", kContext, backward);
      const std::vector<Column> columns = backward.columns;
      const auto again = decode_page(page_of({records[i]}), "items", kContext, backward);
      ASSERT_EQ(once->rows, again->rows) << page_of({records[i]});
      ASSERT_EQ(columns, backward.columns);
      ASSERT_EQ(difference(records[i], once->rows[0], backward), "") << page_of({records[i]});
      ASSERT_EQ(declared_part(once->rows[0]), declared_part(expected[i])) << page_of({records[i]});
    }
  }
}

}  // namespace
}  // namespace chimplift
