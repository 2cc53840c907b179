// The stand-in keeps Snowflake's rules where DuckDB alone would not.
#include <gmock/gmock.h>

#include "base/zstd.hpp"
#include "warehouse/snowflake_harness.hpp"

namespace chimplift {
namespace {

using snowflake_standin::SqlError;
using testing::HasSubstr;

class SnowflakeStandIn : public testing::Test {
 protected:
  void SetUp() override {
    run(snowflake::create_table(place, members_table()));
    run(snowflake::create_stage_table(place, "STAGE"));
  }
  std::vector<snowflake_standin::Rows> run(const std::string& sql, std::optional<int> count = {}) {
    return harness.server.engine().run(sql, {}, count, {});
  }
  std::string error_of(const std::string& sql, std::optional<int> count = {}) {
    try {
      run(sql, count);
    } catch (const SqlError& error) {
      return error.code + " " + error.what();
    }
    return "none";
  }
  void stage(const std::string& name, const std::vector<std::pair<i64, std::string>>& rows) {
    Compressor file;
    i64 sequence = 0;
    for (const auto& [id, email] : rows) file.append(*snowflake::line_of(1, members_table(), sequence++, member("shop", "L", id, email)));
    ASSERT_TRUE(harness.files()->put(name, file.finish()));
  }
  std::string copy_of(const std::string& name) {
    return snowflake::copy(place, "STAGE", "MAILCHIMP_STAGE", "staging", std::vector<std::string>{name});
  }

  SnowflakeHarness harness;
  snowflake::Place place{"PROD", "MAILCHIMP"};
};

TEST_F(SnowflakeStandIn, TakesNoStatementThatChimpliftDoesNotWrite) {
  for (const char* sql :
       {"SELECT 1", "DROP TABLE \"PROD\".\"MAILCHIMP\".\"LIST_MEMBERS\"", "DELETE FROM x", "CREATE TEMPORARY TABLE x (a INT)",
        "USE DATABASE PROD", "MERGE INTO \"PROD\".\"MAILCHIMP\".\"LIST_MEMBERS\" AS t USING (SELECT 1) AS s ON TRUE", "'"}) {
    EXPECT_THAT(error_of(sql), HasSubstr("001003")) << sql;
  }
  EXPECT_THAT(error_of("COMMIT"), HasSubstr("Unsupported statement type"));
}

TEST_F(SnowflakeStandIn, KnowsNamesByTheirCase) {
  EXPECT_THAT(error_of("SELECT COUNT(*) FROM \"PROD\".\"MAILCHIMP\".\"list_members\" WHERE \"ID\" = 1"), HasSubstr("002003"));
  EXPECT_THAT(error_of("SELECT COUNT(*) FROM \"PROD\".\"MAILCHIMP\".\"LIST_MEMBERS\" WHERE \"id\" = 1"), HasSubstr("000904"));
  EXPECT_THAT(error_of("SELECT COUNT(*) FROM \"prod\".\"MAILCHIMP\".\"LIST_MEMBERS\" WHERE \"ID\" = 1"), HasSubstr("002043"));
}

TEST_F(SnowflakeStandIn, CountsTheStatementsOfARequest) {
  const std::string two = "BEGIN TRANSACTION;\nCOMMIT";
  EXPECT_THAT(error_of(two), HasSubstr("Actual statement count 2 did not match the desired statement count 1"));
  EXPECT_EQ(error_of(two, 2), "none");
}

TEST_F(SnowflakeStandIn, LoadsAFileOnceUnlessForced) {
  stage("a", {{1, "x"}, {2, "y"}});
  EXPECT_EQ(run(copy_of("a"))[0].rows[0][3], "2");
  EXPECT_EQ(run(copy_of("a"))[0].rows[0][0], "Copy executed with 0 files processed.");
  EXPECT_EQ(run(copy_of("a") + " FORCE = TRUE")[0].rows[0][3], "2");
  run(snowflake::create_stage_table(place, "STAGE"));
  EXPECT_EQ(run(copy_of("a"))[0].rows[0][3], "2");
  EXPECT_THAT(error_of(copy_of("missing")), HasSubstr("091016"));
  ASSERT_TRUE(harness.files()->put("broken", compress("{\"b\":1,")));
  EXPECT_THAT(error_of(copy_of("broken")), HasSubstr("Error parsing JSON"));
}

TEST_F(SnowflakeStandIn, ReadsAStageWithQuotesAroundItAndAPlainOneWithout) {
  stage("a", {{1, "x"}});
  const std::string sql = copy_of("a");
  const std::string plain = "@\"PROD\".\"MAILCHIMP\".\"MAILCHIMP_STAGE\"/staging/";
  ASSERT_THAT(sql, HasSubstr(" " + plain));
  std::string quoted = sql;
  quoted.replace(quoted.find(plain), plain.size(), "'" + plain + "'");
  EXPECT_EQ(run(quoted)[0].rows[0][3], "1");
  for (const std::string odd : {" ", "(", ")", ";", ",", "'"}) {
    std::string broken = sql;
    broken.replace(broken.find("/staging/"), 9, "/stag" + odd + "ing/");
    EXPECT_NE(error_of(broken), "none") << odd;
  }
}

TEST_F(SnowflakeStandIn, RefusesToUpdateARowTwiceAndInsertsDuplicates) {
  stage("a", {{1, "x"}, {1, "y"}});
  run(copy_of("a"));
  std::string merge = snowflake::merge(place, "STAGE", 1, members_table());
  const std::size_t qualify = merge.find(" QUALIFY");
  merge.erase(qualify, merge.find(" = 1)", qualify) + 4 - qualify);
  EXPECT_EQ(*run(merge)[0].rows[0][0], "2");  // no row is there yet: both are inserted
  EXPECT_THAT(error_of(merge), HasSubstr("100090 Duplicate row detected during DML action"));
}

TEST_F(SnowflakeStandIn, EndsATransactionWithItsRequestAndCommitsItBeforeDdl) {
  stage("a", {{1, "x"}});
  run(copy_of("a"));
  const std::string merge = snowflake::merge(place, "STAGE", 1, members_table());
  const auto rows = [this] { return harness.read("list_members", {"id"}).size(); };
  run("BEGIN TRANSACTION;\n" + merge, 2);
  EXPECT_EQ(rows(), 0U);
  EXPECT_THAT(error_of("BEGIN TRANSACTION;\n" + merge + ";\nSELECT 1", 3), HasSubstr("Uncaught Execution of multiple statements"));
  EXPECT_EQ(rows(), 0U);
  run("BEGIN TRANSACTION;\n" + merge + ";\n" + snowflake::drop_table(place, "NOTHING") + ";\nROLLBACK", 4);
  EXPECT_EQ(rows(), 1U);
}

TEST_F(SnowflakeStandIn, ReadsEscapesInTexts) {
  run(snowflake::comment_on_column(place, "list_members", {"email", ColumnType::text}));
  run("COMMENT ON COLUMN \"PROD\".\"MAILCHIMP\".\"LIST_MEMBERS\".\"EMAIL\" IS 'it''s a \\\\ \\'quote\\''");
  const auto columns = harness.server.engine().run(snowflake::list_columns(place), {"MAILCHIMP"}, {}, {});
  EXPECT_EQ(*columns[0].rows[4][3], "it's a \\ 'quote'");
}

}  // namespace
}  // namespace chimplift
