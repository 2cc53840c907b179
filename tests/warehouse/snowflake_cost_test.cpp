// What a load costs in statements: each takes a second or more on a real account, however few rows it is about.
#include <gmock/gmock.h>

#include "warehouse/snowflake_harness.hpp"

namespace chimplift {
namespace {

struct Cost {
  i64 statements = 0;
  int requests = 0;
};

class SnowflakeCost : public testing::Test {
 protected:
  Cost since(const Cost& before) {
    return {harness.server.engine().statements() - before.statements, harness.server.requests() - before.requests};
  }
  Cost now() { return since({}); }
  SnowflakeHarness harness;
};

/// docs/operations.md says these numbers.
TEST_F(SnowflakeCost, DoesNotGrowWithTheRowsButWithBatchesAndTables) {
  std::vector<Table> tables;
  for (int i = 0; i < 84; ++i) {
    tables.push_back(members_table());
    tables.back().name = "table_" + std::to_string(i);
  }
  auto warehouse = *harness.open();
  Cost before = now();
  ASSERT_TRUE(warehouse->prepare(tables));
  ASSERT_TRUE(warehouse->settle());
  ASSERT_TRUE(warehouse->checkpoints("archive", "shop"));
  // Which columns there are, whether the schema is; then 84 tables and the checkpoints in two requests; which columns there are now; the
  // wait for writers; how far earlier loads came.
  EXPECT_EQ(since(before).statements, 2 + 85 + 1 + 1 + 1);
  EXPECT_EQ(since(before).requests, 7);
  const auto load = [&](int rows_of_each) {
    before = now();
    for (const Table& table : tables) {
      std::vector<Row> rows;
      for (i64 i = 0; i < rows_of_each; ++i) rows.push_back(member("shop", "L", i, "x"));
      ASSERT_TRUE(warehouse->append(table, rows));
    }
    ASSERT_TRUE(warehouse->commit(std::vector<Checkpoint>{{"archive", "shop", "table_1", 1, 1, 0}}));
  };
  load(1);
  // DESCRIBE STAGE and CREATE of the staging table, once a run; COPY; BEGIN, the lock, whether the checkpoints are as expected, those that
  // other archives have, the checkpoints, 84 tables, DELETE, COMMIT in one request; whether that has happened.
  EXPECT_EQ(since(before).statements, 2 + 1 + 91 + 1);
  const int first_requests = since(before).requests;
  load(50);
  EXPECT_EQ(since(before).statements, 1 + 91 + 1);
  EXPECT_LE(since(before).requests, first_requests);
  // verify: the columns and checkpoints once, and for a stream that has rows COPY and the comparison.
  before = now();
  ASSERT_TRUE(warehouse->prepare(tables));
  ASSERT_TRUE(warehouse->checkpoints("archive", "shop"));
  EXPECT_EQ(since(before).statements, 2);
  for (const int rows : {0, 1}) {
    before = now();
    ASSERT_TRUE(warehouse->compare_begin(tables[0]));
    ASSERT_TRUE(warehouse->compare_append(tables[0], std::vector<Row>(static_cast<std::size_t>(rows), member("shop", "L", i64{1}, "x"))));
    ASSERT_TRUE(warehouse->compare_finish(tables[0]));
    EXPECT_EQ(since(before).statements, 2 * rows);
  }
  warehouse.reset();
  EXPECT_THAT(harness.left_behind(), testing::IsEmpty());
}

/// A million rows in one table, in the batches that the loader makes of them.
TEST_F(SnowflakeCost, AMillionRows) {
  if (std::getenv("CHIMPLIFT_TEST_LARGE") == nullptr) GTEST_SKIP() << "takes a minute: set CHIMPLIFT_TEST_LARGE";
  auto warehouse = *harness.open();
  std::vector<Table> tables{members_table()};
  ASSERT_TRUE(warehouse->prepare(tables));
  ASSERT_TRUE(warehouse->settle());
  for (i64 from = 0; from < 1'000'000; from += 1'000) {
    std::vector<Row> rows;
    for (i64 i = from; i < from + 1'000; ++i) rows.push_back(member("shop", "L", i, "somebody" + std::to_string(i) + "@example.com"));
    ASSERT_TRUE(warehouse->append(tables[0], rows));
  }
  ASSERT_TRUE(warehouse->commit(std::vector<Checkpoint>{{"archive", "shop", "list_members", 1, 1'000'000, 0}}));
  EXPECT_EQ(*warehouse->count_rows(tables[0], "shop"), 1'000'000);
  warehouse.reset();
  RecordProperty("statements", std::to_string(now().statements));
  std::printf("a million rows: %lld statements in %d requests\n", static_cast<long long>(now().statements), now().requests);
}

}  // namespace
}  // namespace chimplift
