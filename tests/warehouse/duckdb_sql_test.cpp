#include "warehouse/duckdb_sql.hpp"

#include <gmock/gmock.h>

#include "warehouse/duckdb_harness.hpp"

namespace chimplift {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(DuckDbSql, QuotesNames) {
  EXPECT_EQ(quote("a\"b; --"), "\"a\"\"b; --\"");
  EXPECT_EQ(duck::target_name("lists"), "mailchimp.\"lists\"");
}

TEST(DuckDbSql, TypesGoThereAndBack) {
  for (const char* name : {"text", "integer", "number", "boolean", "timestamp", "json"}) {
    EXPECT_EQ(duck::type_of(duck::sql_type(*column_type(name))), *column_type(name));
  }
  EXPECT_EQ(duck::type_of("HUGEINT"), ColumnType::text);
}

TEST(DuckDbSql, AKeysSiblingsAreOfTheKey) {
  Table table = members_table();
  EXPECT_THAT(key_columns(table), ElementsAre("account_name", "list_id", "id"));
  table.columns.push_back({"id__text", ColumnType::text});
  table.columns.push_back({"email__text", ColumnType::text});
  EXPECT_THAT(key_columns(table), ElementsAre("account_name", "list_id", "id", "id__text"));
}

/// Keys that may be NULL must not cost a comparison of every row with every other.
TEST(DuckDbSql, UpsertsAndComparisonsHash) {
  const DuckDbHarness harness;
  const auto database = duck::Database::open(harness.file(), {});
  ASSERT_TRUE(database);
  const Table table = members_table();
  ASSERT_TRUE(database->run("CREATE SCHEMA mailchimp"));
  ASSERT_TRUE(database->run(duck::create_table(duck::target_name(table.name), table)));
  ASSERT_TRUE(database->run(duck::create_stage("stage", table.columns)));
  const std::vector<std::string> key = key_columns(table);
  for (const std::string& sql : {duck::merge("stage", table), duck::compare("stage", table, key)}) {
    const auto plan = database->query("EXPLAIN " + sql);
    ASSERT_TRUE(plan) << plan.error().message;
    const std::string text = plan->at(0).at(1).value_or("");
    EXPECT_THAT(text, HasSubstr("HASH_JOIN"));
    EXPECT_THAT(text, Not(HasSubstr("NESTED_LOOP")));
    EXPECT_THAT(text, Not(HasSubstr("CROSS_PRODUCT")));
  }
}

TEST(DuckDbErrors, SayWhatToDo) {
  const Error busy = duck::error_of("IO Error: Could not set lock on file \"x\": Conflicting lock is held in y (PID 7)", "a.duckdb");
  EXPECT_EQ(busy.kind, ErrorKind::busy);
  EXPECT_THAT(busy.message, HasSubstr("PID 7"));
  const Error full = duck::error_of("IO Error: Could not write file \"x\": No space left on device", "a.duckdb");
  EXPECT_EQ(full.kind, ErrorKind::destination);
  EXPECT_THAT(full.message, HasSubstr("no space"));
  EXPECT_THAT(full.advice, HasSubstr("Free some space"));
  const Error other = duck::error_of("Catalog Error: whatever", "a.duckdb");
  EXPECT_EQ(other.kind, ErrorKind::destination);
  EXPECT_THAT(other.advice, HasSubstr("chimplift load"));
}

/// DuckDB's memory limit is no setting of ours: advice to raise it, DuckDB's own too, cannot be followed.
TEST(DuckDbErrors, OfMemoryAdviseWhatCanBeDone) {
  const DuckDbHarness harness;
  const auto database = duck::Database::open(harness.file(), {{"memory_limit", "5MB"}, {"temp_directory", ""}, {"threads", "1"}});
  ASSERT_TRUE(database) << database.error().message;
  const auto made = database->run("CREATE TEMP TABLE t AS SELECT repeat('x', 200) || i AS s FROM range(200000) t(i)");
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("Out of Memory Error"));
  EXPECT_THAT(made.error().advice, HasSubstr(harness.file().string() + ".tmp"));
  for (const std::string& text : {made.error().message, made.error().advice})
    EXPECT_THAT(text, testing::AllOf(Not(HasSubstr("memory limit")), Not(HasSubstr("memory_limit"))));
}

TEST(DuckDbErrors, AreToldApartByTheirWordsAndNotByNames) {
  const std::string at = "/x/corrupted-2024/a.duckdb";
  const Error place =
      duck::error_of("IO Error: Cannot open file \"" + at + ".new-77\": Permission denied", "corrupted-2024/a.duckdb", at + ".new-77");
  EXPECT_EQ(place.message,
            "DuckDB cannot use corrupted-2024/a.duckdb: IO Error: Cannot open file \"corrupted-2024/a.duckdb\": Permission denied");
  EXPECT_THAT(place.advice, HasSubstr("can be written"));
  const Error damaged = duck::error_of("IO Error: Corrupt database file: \"" + at + "\"", "corrupted-2024/a.duckdb", at);
  EXPECT_THAT(damaged.message, HasSubstr("not a DuckDB file that can be read"));
  EXPECT_THAT(duck::error_of("Constraint Error: Duplicate key \"name: No space left\"", "a.duckdb").message, HasSubstr("cannot use"));
}

TEST(DuckDbAppender, RefusesAValueOfAnotherType) {
  const DuckDbHarness harness;
  const auto database = duck::Database::open(harness.file(), {});
  ASSERT_TRUE(database);
  const std::vector<Column> columns{{"n", ColumnType::integer}};
  ASSERT_TRUE(database->run(duck::create_stage("stage", columns)));
  auto appender = duck::Appender::open(*database, "stage", {ColumnType::integer});
  ASSERT_TRUE(appender);
  EXPECT_TRUE(appender->append(0, {Value(i64{1})}));
  EXPECT_TRUE(appender->append(1, {}));
  EXPECT_EQ(appender->append(2, {Value(1.5)}).error().kind, ErrorKind::internal);
  EXPECT_EQ(appender->append(3, {Value(std::string("1"))}).error().kind, ErrorKind::internal);
  EXPECT_EQ(appender->append(4, {Value(i64{1}), Value()}).error().kind, ErrorKind::internal);
}

}  // namespace
}  // namespace chimplift
