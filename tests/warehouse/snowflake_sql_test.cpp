#include "warehouse/snowflake_sql.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <regex>

#include "base/text.hpp"
#include "warehouse/loaded_rows.hpp"
#include "warehouse/snowflake_harness.hpp"
#include "warehouse/snowflake_leftovers.hpp"

namespace chimplift {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const snowflake::Place kPlace{"PROD", "MAILCHIMP"};

/// A prefix on S3 is its owner's choice.
const std::string kOddFolder = "Mail Chimp (it's; \"old\", a\\b [2019])/";

TEST(SnowflakeSql, QuotesTextsAndNames) {
  EXPECT_EQ(snowflake::literal("it's \\n"), "'it''s \\\\n'");
  EXPECT_EQ(snowflake::table_name(kPlace, "list_members"), "\"PROD\".\"MAILCHIMP\".\"LIST_MEMBERS\"");
  const std::vector<std::string> files = {"1.zst"};
  EXPECT_THAT(snowflake::copy(kPlace, "T", "S", "it's a/run", files), HasSubstr(" FROM '@\"PROD\".\"MAILCHIMP\".\"S\"/it''s a/run/')"));
  EXPECT_THAT(snowflake::copy(kPlace, "T", "S", "a-1/run_2.x", files), HasSubstr(" FROM @\"PROD\".\"MAILCHIMP\".\"S\"/a-1/run_2.x/)"));
  EXPECT_THAT(snowflake::copy(kPlace, "T", "S", "", files), HasSubstr(" FROM @\"PROD\".\"MAILCHIMP\".\"S\"/)"));
}

/// After hours of pulling the first COPY ended in a syntax error.
TEST(SnowflakeWarehouse, LoadsThroughAFolderOfAnyName) {
  SnowflakeHarness harness(kOddFolder);
  {
    auto warehouse = *harness.open();
    const auto loaded = load_made_up(*warehouse);
    ASSERT_TRUE(loaded) << loaded.error().message;
  }
  EXPECT_THAT(harness.read("list_members", {"id"}), Not(IsEmpty()));
  EXPECT_THAT(harness.left_behind(), IsEmpty());
}

TEST(SnowflakeSql, TypesGoThereAndBack) {
  for (const auto& [type, listed] : {std::pair{ColumnType::text, "TEXT"},
                                     {ColumnType::integer, "NUMBER"},
                                     {ColumnType::number, "FLOAT"},
                                     {ColumnType::boolean, "BOOLEAN"},
                                     {ColumnType::timestamp, "TIMESTAMP_TZ"},
                                     {ColumnType::json, "VARIANT"}}) {
    EXPECT_EQ(snowflake::type_of(listed), type);
    EXPECT_THAT(std::string(snowflake::sql_type(type)), Not(IsEmpty()));
  }
  EXPECT_EQ(snowflake::type_of("GEOGRAPHY"), ColumnType::text);
}

TEST(SnowflakeSql, NamesOfColumnsComeBackFromTheirComments) {
  EXPECT_EQ(snowflake::column_of("EMAIL", "chimplift: eMail"), "eMail");
  EXPECT_EQ(snowflake::column_of("EMAIL", ""), "email");
  EXPECT_EQ(snowflake::column_of("EMAIL", "changed by somebody"), "email");
  EXPECT_EQ(snowflake::column_of("EMAIL", "chimplift: another"), "email");
}

TEST(SnowflakeSql, MergesTheNewestOfEqualKeysAndComparesNullsAsEqual) {
  Table table = members_table();
  table.columns.push_back({"id__text", ColumnType::text});
  const std::string sql = snowflake::merge(kPlace, "STAGE", 3, table);
  EXPECT_THAT(sql, HasSubstr("ON EQUAL_NULL(t.\"ACCOUNT_NAME\", s.\"ACCOUNT_NAME\") AND EQUAL_NULL(t.\"LIST_ID\", s.\"LIST_ID\") AND "
                             "EQUAL_NULL(t.\"ID\", s.\"ID\") AND EQUAL_NULL(t.\"ID__TEXT\", s.\"ID__TEXT\")"));
  EXPECT_THAT(sql, HasSubstr("ORDER BY \"SEQUENCE\" DESC) = 1"));
  EXPECT_THAT(sql, Not(HasSubstr("SET \"ID\"")));
}

TEST(SnowflakeRows, AreLinesOfJson) {
  Table table = members_table();
  table.columns.push_back({"j", ColumnType::json});
  Row row = member("shop \"x\"", "L", Value(), "line\nbreak");
  row.emplace_back(Json{R"({"b":1, "a":[1.50,{"b":2,"b":3}],"n":null})"});
  EXPECT_EQ(*snowflake::line_of(7, table, 42, row),
            R"({"b":7,"t":"list_members","n":42,"r":{"c0":"shop \"x\"","c1":"2019-04-05T12:34:56.123456+00:00","c2":"L",)"
            R"("c4":"line\u000abreak","c5":{"a":[1.50,{"b":3}],"b":1,"n":null}}})"
            "\n");
}

TEST(SnowflakeRows, NumbersThatAVariantCannotHoldStayTextDigitByDigit) {
  const std::string big(60, '7');
  EXPECT_EQ(*snowflake::variant_json(R"([12345678901234567890123456789012345678,1e400,)" + big + R"(,0.1,1e3,-5])"),
            R"(["12345678901234567890123456789012345678","1e400",")" + big + R"(",0.1,1e3,-5])");
}

TEST(SnowflakeRows, ThatAreTooLargeAreNamed) {
  const auto line = snowflake::line_of(1, members_table(), 0, member("shop", "L", i64{1}, std::string(17'000'000, 'x')));
  ASSERT_FALSE(line);
  EXPECT_EQ(line.error().kind, ErrorKind::destination);
  EXPECT_THAT(line.error().message, HasSubstr("list_members"));
}

TEST(SnowflakeStage, MustSeeTheFiles) {
  const auto stage = [](const std::string& url) {
    return snowflake::ResultSet{{"parent_property", "property", "property_type", "property_value"},
                                {{"STAGE_LOCATION", "URL", "String", "[\"" + url + "\"]"}}};
  };
  EXPECT_EQ(*snowflake::folder_below_stage(stage("s3://b/m/"), "s3://b/m/staging/", "S"), "staging/");
  EXPECT_EQ(*snowflake::folder_below_stage(stage("s3://b/m"), "s3://b/m/", "S"), "");
  EXPECT_EQ(*snowflake::folder_below_stage(stage("s3://b/old [2019]/"), "s3://b/old [2019]/staging/", "S"), "staging/");
  const auto other = snowflake::folder_below_stage(stage("s3://b/m"), "s3://b/mm/", "S");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, ErrorKind::usage);
}

TEST(SnowflakeCheck, ProvesEachRightAndLeavesNothing) {
  SnowflakeHarness harness;
  for (const auto& check : check_snowflake(harness.settings(), harness.files())) {
    EXPECT_FALSE(check.error) << check.what << ": " << check.error->message;
  }
  EXPECT_THAT(harness.left_behind(), IsEmpty());
  for (const std::string right :
       {"CREATE TABLE", "CREATE OR REPLACE TRANSIENT TABLE", "COPY INTO", "MERGE", "DESCRIBE STAGE", "ALTER TABLE"}) {
    harness.server.engine().allow_all();
    harness.server.engine().deny(right);
    const auto checks = check_snowflake(harness.settings(), harness.files());
    EXPECT_TRUE(std::ranges::any_of(checks, [](const auto& check) { return check.error && check.error->kind == ErrorKind::permission; }))
        << right;
    EXPECT_THAT(harness.left_behind(), IsEmpty()) << right;
  }
}

/// The same for statements that differ in names, texts and numbers alone: a parser reads them alike.
std::string shape_of(const std::string& sql) {
  static const std::regex kNameTextOrNumber(R"re("[^"]*"|'[^']*'|[0-9]+)re");
  return std::regex_replace(sql, kNameTextOrNumber, "x");
}

/// A parser's yes is no proof that Snowflake takes a statement, but its no is worth a look.
TEST(SnowflakeSql, EveryStatementIsReadByAnotherParser) {
  if (std::system("command -v sqlfluff >/dev/null 2>&1") != 0) GTEST_SKIP() << "sqlfluff is not installed (Debian package sqlfluff)";
  SnowflakeHarness harness(kOddFolder);
  {
    auto warehouse = *harness.open();
    ASSERT_TRUE(load_made_up(*warehouse));
    std::vector<Table> tables = made_up_tables();
    ASSERT_TRUE(warehouse->prepare(tables));
    ASSERT_TRUE(warehouse->compare_begin(tables[0]));
    ASSERT_TRUE(warehouse->compare_append(tables[0], std::vector<Row>{member("shop", "L", i64{1}, "x")}));
    ASSERT_EQ(warehouse->compare_finish(tables[0])->size(), 1U);
    ASSERT_TRUE(warehouse->count_rows(tables[0], "shop"));
  }
  for (const auto& check : check_snowflake(harness.settings(), harness.files())) ASSERT_FALSE(check.error) << check.error->message;
  std::map<std::string, std::string> by_shape;
  for (const std::string& sql : harness.server.engine().texts()) by_shape.try_emplace(shape_of(sql), sql);
  std::string all;
  for (const auto& [shape, sql] : by_shape) all += sql + ";\n";
  all += snowflake::create_schema(kPlace) + ";\n" + snowflake::count_staged(kPlace, "STAGE", 1) + ";\n";
  // What this parser's version (1.4.5) does not know, and Snowflake's documentation has: bind variables, IF NOT EXISTS for
  // columns, and a quote in the name of a stage's folder.
  for (const auto& [from, to] :
       {std::pair<std::string, std::string>{"= ?", "= ''"}, {"ADD COLUMN IF NOT EXISTS", "ADD COLUMN"}, {"it''s", "its"}}) {
    for (std::size_t at = all.find(from); at != std::string::npos; at = all.find(from, at)) all.replace(at, from.size(), to);
  }
  const std::string file = (harness.folder / "statements.sql").string();
  std::ofstream(file) << all << std::flush;
  const std::string report = file + ".report";
  const int result = std::system(("cd / && sqlfluff parse --dialect snowflake " + file + " >" + report + " 2>&1").c_str());
  const std::string text = *read_file(report);
  const std::size_t violations = text.find("==== parsing violations");
  EXPECT_EQ(violations, std::string::npos) << text.substr(violations);
  EXPECT_EQ(result, 0);
  std::filesystem::remove(file);
  std::filesystem::remove(report);
}

}  // namespace
}  // namespace chimplift
