#include "rows/convert.hpp"

#include <gmock/gmock.h>

#include <limits>

namespace chimplift {
namespace {

/// Converts the one value of {"v": token}.
std::optional<Value> convert_token(const std::string& token, ColumnType type) {
  const auto document = JsonDocument::parse("{\"v\":" + token + "}");
  return convert(*find_field(document->root(), "v"), type);
}

constexpr i64 kNoon = 1554467696;  // 2019-04-05T12:34:56Z

TEST(Timestamps, TakesTheKnownForms) {
  const auto micros = [](const char* text) {
    const auto time = parse_timestamp(text);
    return time ? time->micros : -1;
  };
  for (const char* text : {"2019-04-05T12:34:56+00:00", "2019-04-05T12:34:56Z", "2019-04-05 12:34:56", "2019-04-05T14:34:56+02:00",
                           "2019-04-05T12:34:56", "2019-04-05T07:04:56-0530", "2019-04-05T12:34:56.000000Z"}) {
    EXPECT_EQ(micros(text), kNoon * 1'000'000) << text;
  }
  EXPECT_EQ(micros("2019-04-05"), 1554422400LL * 1'000'000);
  EXPECT_EQ(micros("2019-04-05T12:34:56.5Z"), kNoon * 1'000'000 + 500'000);
  EXPECT_EQ(micros("2019-04-05T12:34:56.123456Z"), kNoon * 1'000'000 + 123'456);
  EXPECT_EQ(micros("2020-02-29"), 1582934400LL * 1'000'000);
  EXPECT_TRUE(parse_timestamp("0001-01-01"));
  EXPECT_TRUE(parse_timestamp("9999-12-31T23:59:59.999999Z"));
}

TEST(Timestamps, RefusesAllElse) {
  for (const char* text : {"",
                           "2019-02-30",
                           "2019-13-01",
                           "2019-00-01",
                           "2019-4-5",
                           "2019-04-05T25:00:00",
                           "2019-04-05T24:00:00",
                           "2019-04-05T12:60:00",
                           "2019-04-05T12:34:60",
                           "2019-04-05T12:34:56.1234567Z",
                           "2019-04-05T12:34:56.Z",
                           "2019-04-05T12:34:56+2",
                           "0000-01-01",
                           "2019-04",
                           "10000-01-01",
                           "0001-01-01T00:00:00+02:00",
                           "9999-12-31T23:59:59-01:00",
                           "2019-04-05T12:34",
                           "2019-04-05T12:34:56+00:00x",
                           "2019-04-05T",
                           "2019-04-05x12:34:56",
                           "yesterday",
                           "1554467696",
                           "2019-04-05T12:34:56+24:00",
                           "-019-04-05"}) {
    EXPECT_FALSE(parse_timestamp(text)) << text;
  }
}

TEST(Numbers, IntegersAreStrict) {
  EXPECT_EQ(convert_token("-9223372036854775808", ColumnType::integer), Value(std::numeric_limits<i64>::min()));
  EXPECT_EQ(convert_token("0", ColumnType::integer), Value(i64{0}));
  for (const char* token : {"\"12\"", "12.0", "1e3", "9223372036854775808", "-0", "true", "[]", "{}"}) {
    EXPECT_FALSE(convert_token(token, ColumnType::integer)) << token;
  }
}

TEST(Numbers, ADoubleMustHoldEveryDigit) {
  for (const char* token : {"0",
                            "-0",
                            "0.1",
                            "1.50",
                            "100",
                            "1e22",
                            "9007199254740992",
                            "123456789012345",
                            "0.30000000000000004",
                            "1.7976931348623157e308",
                            "5e-324",
                            "0.10000000000000001",
                            "-19.989999999999998",
                            "1.0000000000000001e-5",
                            "4.9406564584124654e-324",
                            "-2.5E+3",
                            "0e99999",
                            "0.000001",
                            "0.0e-9223372036854775808",
                            "0.00e9223372036854775807"}) {
    EXPECT_TRUE(convert_token(token, ColumnType::number)) << token;
  }
  for (const char* token : {"1e400", "-1e400", "1e-400", "9007199254740993", "0.10000000000000004", "0.1000000000000000055511151231257827",
                            "12345678901234567890", "\"1\"", "false"}) {
    EXPECT_FALSE(convert_token(token, ColumnType::number)) << token;
  }
}

TEST(Convert, ByColumnType) {
  EXPECT_EQ(convert_token("\"a\"", ColumnType::text), Value(std::string("a")));
  EXPECT_EQ(convert_token("\"\"", ColumnType::text), Value(std::string()));
  EXPECT_EQ(convert_token("12.50", ColumnType::text), Value(std::string("12.50")));
  EXPECT_EQ(convert_token("true", ColumnType::text), Value(std::string("true")));
  EXPECT_FALSE(convert_token("[]", ColumnType::text));
  EXPECT_EQ(convert_token("true", ColumnType::boolean), Value(true));
  EXPECT_FALSE(convert_token("1", ColumnType::boolean));
  EXPECT_FALSE(convert_token("\"true\"", ColumnType::boolean));
  EXPECT_FALSE(convert_token("20190405", ColumnType::timestamp));
  for (const char* token : {"{ \"a\" : [1, 2 ] }", "[ ]", "1e400", "true", "\"a\\n\""})
    EXPECT_EQ(convert_token(token, ColumnType::json), Value(Json{token}));
  EXPECT_EQ(convert_token("\"\\ud800\"", ColumnType::json), Value(Json{"\"\\ufffd\""}));
}

TEST(Convert, EmptyAndNullAreNullWhereNotText) {
  for (const ColumnType type : {ColumnType::integer, ColumnType::number, ColumnType::boolean, ColumnType::timestamp, ColumnType::json}) {
    EXPECT_EQ(convert_token("\"\"", type), Value());
    EXPECT_EQ(convert_token("null", type), Value());
  }
  EXPECT_EQ(convert_token("null", ColumnType::text), Value());
}

TEST(ColumnTypes, NamesAndBack) {
  for (const char* name : {"text", "integer", "number", "boolean", "timestamp", "json"}) EXPECT_EQ(name_of(*column_type(name)), name);
  EXPECT_FALSE(column_type("blob"));
}

}  // namespace
}  // namespace chimplift
