// What holds for every warehouse.
#include <gmock/gmock.h>

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "warehouse/duckdb_harness.hpp"
#include "warehouse/live_harness.hpp"
#include "warehouse/snowflake_harness.hpp"

namespace chimplift {

class WarehouseContract : public testing::TestWithParam<HarnessFactory> {
 protected:
  using Rows = std::vector<std::vector<std::string>>;

  void SetUp() override {
    harness_ = GetParam()();
    if (harness_ == nullptr) GTEST_SKIP() << LiveHarness::kVariable << " names no account of Snowflake's";
    reopen();
  }

  /// Opens the place anew and prepares `tables_`.
  void reopen() {
    warehouse_.reset();
    auto opened = harness_->open();
    ASSERT_TRUE(opened) << opened.error().message;
    warehouse_ = std::move(*opened);
    const auto prepared = warehouse_->prepare(tables_);
    ASSERT_TRUE(prepared) << prepared.error().message;
  }

  void append(const std::vector<Row>& rows) {
    const auto done = warehouse_->append(tables_[0], rows);
    ASSERT_TRUE(done) << done.error().message;
  }

  void commit(const std::vector<Checkpoint>& checkpoints = {}) {
    const auto done = warehouse_->commit(checkpoints);
    ASSERT_TRUE(done) << done.error().message;
  }

  Rows read(const std::vector<std::string>& columns) {
    warehouse_.reset();
    return harness_->read(tables_[0].name, columns);
  }

  /// A run that loads the one member of an account from an archive.
  void load(const std::string& archive, const std::string& account, const std::vector<Checkpoint>& checkpoints) {
    reopen();
    ASSERT_TRUE(warehouse_->checkpoints(archive, account));
    append({member(account, "L", i64{1}, archive)});
    commit(checkpoints);
  }

  /// "name page" of each checkpoint, as another run finds them.
  std::vector<std::string> stored(const std::string& archive, const std::string& account) {
    reopen();
    const auto found = warehouse_->checkpoints(archive, account);
    EXPECT_TRUE(found) << found.error().message;
    std::vector<std::string> all;
    for (const auto& [name, checkpoint] : *found) all.push_back(name + " " + std::to_string(checkpoint.last_page));
    return all;
  }

  std::vector<KeyCount> compare(const std::vector<Row>& rows) {
    EXPECT_TRUE(warehouse_->compare_begin(tables_[0]));
    EXPECT_TRUE(warehouse_->compare_append(tables_[0], rows));
    auto counts = warehouse_->compare_finish(tables_[0]);
    EXPECT_TRUE(counts) << counts.error().message;
    return counts ? *counts : std::vector<KeyCount>{};
  }

  std::unique_ptr<Harness> harness_;
  std::unique_ptr<Warehouse> warehouse_;
  std::vector<Table> tables_{members_table()};
};

TEST_P(WarehouseContract, UpsertsByKey) {
  append({member("shop", "L", i64{1}, "old"), member("shop", "L", i64{2}, "same"), member("blog", "L", i64{1}, "other account")});
  commit();
  append({member("shop", "L", i64{1}, "newer"), member("shop", "L", i64{3}, "added"), member("shop", "L", i64{1}, "newest")});
  commit();
  EXPECT_EQ(*warehouse_->count_rows(tables_[0], "shop"), 3);
  EXPECT_EQ(*warehouse_->count_rows(tables_[0], "nobody"), 0);
  EXPECT_EQ(read({"account_name", "id", "email"}),
            (Rows{{"blog", "1", "other account"}, {"shop", "1", "newest"}, {"shop", "2", "same"}, {"shop", "3", "added"}}));
}

TEST_P(WarehouseContract, LoadingTheSameTwiceChangesNothing) {
  const std::vector<Row> rows{member("shop", "L", i64{1}, "a"), member("shop", "L", {}, "b")};
  append(rows);
  commit();
  reopen();
  append(rows);
  commit();
  EXPECT_EQ(read({"id", "email"}), (Rows{{"1", "a"}, {"NULL", "b"}}));
}

TEST_P(WarehouseContract, NullEqualsNullInKeys) {
  append({member("shop", "L", {}, "first"), member("shop", "L", {}, "second")});
  commit();
  append({member("shop", "L", {}, "third")});
  commit();
  EXPECT_EQ(read({"id", "email"}), (Rows{{"NULL", "third"}}));
}

TEST_P(WarehouseContract, OddIdsAreKeysOfTheirOwn) {
  tables_[0].columns.push_back({"id__text", ColumnType::text});
  Row a = member("shop", "L", {}, "a");
  a.emplace_back("odd a");
  Row b = member("shop", "L", {}, "b");
  b.emplace_back("odd b");
  append({a, b});
  commit();
  a[4] = "newer a";
  append({a});
  commit();
  EXPECT_EQ(read({"id__text", "email"}), (Rows{{"odd a", "newer a"}, {"odd b", "b"}}));
}

TEST_P(WarehouseContract, ColumnsAreAddedWhileRowsComeIn) {
  append({member("shop", "L", i64{1}, "a")});
  tables_[0].columns.push_back({"rating", ColumnType::number});
  Row second = member("shop", "L", i64{2}, "b");
  second.emplace_back(4.5);
  append({second, member("shop", "L", i64{3}, "c")});
  commit();
  tables_[0].columns.push_back({"odd \"name\"; --", ColumnType::boolean});
  Row fourth = member("shop", "L", i64{4}, "d");
  fourth.insert(fourth.end(), {Value(), Value(true)});
  append({fourth});
  commit();
  EXPECT_EQ(read({"id", "rating", "odd \"name\"; --"}),
            (Rows{{"1", "NULL", "NULL"}, {"2", "4.5", "NULL"}, {"3", "NULL", "NULL"}, {"4", "NULL", "true"}}));
}

TEST_P(WarehouseContract, PrepareLearnsTheColumnsThatAreThere) {
  tables_[0].columns.push_back({"extra", ColumnType::json});
  append({});
  commit();
  tables_ = {members_table()};
  tables_[0].columns.push_back({"declared later", ColumnType::timestamp});
  tables_[0].columns[3].type = ColumnType::text;  // a newer catalogue: the column that is there stands
  reopen();
  EXPECT_EQ(tables_[0].columns.back(), (Column{"extra", ColumnType::json}));
  EXPECT_EQ(tables_[0].columns[3].type, ColumnType::integer);
  Row row = member("shop", "L", i64{1}, "a");
  row.insert(row.end(), {Value(Timestamp{0}), Value(Json{"{}"})});
  append({row});
  commit();
  EXPECT_EQ(read({"extra"}), (Rows{{"{}"}}));
}

TEST_P(WarehouseContract, EveryTypeComesBackExactly) {
  tables_[0].columns.insert(tables_[0].columns.end(), {{"n", ColumnType::number}, {"b", ColumnType::boolean}, {"j", ColumnType::json}});
  const std::string odd("nul \0 quote ' é 😀 \n", 23);
  Row row = member("shop", "L", std::numeric_limits<i64>::min(), odd);
  const std::string json = R"({"big":123456789012345678901234567890, "s":"\u0000"})";
  row.insert(row.end(), {Value(0.1), Value(false), Value(Json{json})});
  append({row});
  commit();
  EXPECT_EQ(read({"synced_at", "id", "email", "n", "b", "j"}),
            (Rows{{"2019-04-05 12:34:56.123456+00", "-9223372036854775808", odd, "0.1", "false", harness_->kept(json)}}));
}

TEST_P(WarehouseContract, RollbackForgets) {
  append({member("shop", "L", i64{1}, "a")});
  ASSERT_TRUE(warehouse_->rollback());
  append({member("shop", "L", i64{2}, "b")});
  commit();
  append({member("shop", "L", i64{3}, "never committed")});
  EXPECT_EQ(read({"id"}), (Rows{{"2"}}));
}

TEST_P(WarehouseContract, CheckpointsAreStoredWithTheRows) {
  EXPECT_TRUE(warehouse_->checkpoints("archive", "shop")->empty());
  append({member("shop", "L", i64{1}, "a")});
  commit({{"archive", "shop", "list_members", 3, 100, 1}, {"archive", "shop", "lists", 1, 1, 0}});
  commit({{"archive", "shop", "list_members", 4, 120, 2, "5e1f", "a1"},
          {"archive", "blog", "lists", 9, 9, 9},
          {"other", "shop", "lists", 8, 8, 8}});
  reopen();
  const auto found = *warehouse_->checkpoints("archive", "shop");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found.at("list_members").last_page, 4);
  EXPECT_EQ(found.at("list_members").rows, 120);
  EXPECT_EQ(found.at("list_members").misfits, 2);
  EXPECT_EQ(found.at("list_members").last_page_sha256, "5e1f");
  EXPECT_EQ(found.at("list_members").mapping, "a1");
  EXPECT_EQ(found.at("lists").last_page, 1);
}

/// Their keys are the same, so nothing else tells whose the rows are.
TEST_P(WarehouseContract, RowsOverAnotherArchivesTakeItsCheckpointsAway) {
  load("old", "blog", {{"old", "blog", "list_members", 9, 9, 0}});
  load("old", "shop",
       {{"old", "shop", "list_members", 3, 1, 0}, {"old", "shop", "assets of list_members", 77, 1, 0}, {"old", "shop", "lists", 2, 1, 0}});
  const std::vector<Checkpoint> of_new{{"new", "shop", "list_members", 1, 1, 0}, {"new", "shop", "assets of list_members", 0}};
  const std::vector<Checkpoint> of_old{{"old", "shop", "list_members", 3, 1, 0}};
  for (int turns = 0; turns < 2; ++turns) {
    load("new", "shop", of_new);
    EXPECT_THAT(stored("old", "shop"), testing::ElementsAre("lists 2")) << "and not the table that nothing was written into";
    EXPECT_THAT(stored("new", "shop"), testing::ElementsAre("assets of list_members 0", "list_members 1"));
    load("new", "shop", of_new);
    EXPECT_THAT(stored("new", "shop"), testing::ElementsAre("assets of list_members 0", "list_members 1")) << "its own stand";
    load("old", "shop", of_old);
    EXPECT_THAT(stored("old", "shop"), testing::ElementsAre("list_members 3", "lists 2"));
    EXPECT_THAT(stored("new", "shop"), testing::ElementsAre("assets of list_members 0"));
  }
  EXPECT_THAT(stored("old", "blog"), testing::ElementsAre("list_members 9")) << "another account's";
  EXPECT_EQ(read({"account_name", "email"}), (Rows{{"blog", "old"}, {"shop", "old"}}));
}

/// As behind a damaged page, before it is known what that means.
TEST_P(WarehouseContract, RowsWithoutACheckpointTakeAnotherArchivesAway) {
  load("old", "shop", {{"old", "shop", "list_members", 3, 1, 0}, {"old", "shop", "lists", 2, 1, 0}});
  load("new", "shop", {});
  EXPECT_THAT(stored("old", "shop"), testing::ElementsAre("lists 2"));
  EXPECT_THAT(stored("new", "shop"), testing::IsEmpty());
}

TEST_P(WarehouseContract, WhereNoRowsAreWrittenOtherArchivesKeepTheirCheckpoints) {
  load("old", "shop", {{"old", "shop", "list_members", 3, 1, 0}});
  // As a verification does that finds rows lacking; and beside another account's rows.
  commit({{"new", "shop", "list_members", 0}});
  load("new", "blog", {{"new", "blog", "list_members", 1, 1, 0}, {"new", "shop", "list_members", 0}});
  append({member("shop", "L", i64{1}, "never committed")});
  ASSERT_TRUE(warehouse_->rollback());
  commit({{"new", "shop", "list_members", 0}});
  EXPECT_THAT(stored("old", "shop"), testing::ElementsAre("list_members 3"));
}

TEST_P(WarehouseContract, ACheckpointThatIsNoCountIsAnError) {
  commit({{"archive", "shop", "list_members", -4, 120, 2}});
  const auto found = warehouse_->checkpoints("archive", "shop");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::destination);
}

TEST_P(WarehouseContract, CompareFindsWhatIsMissing) {
  append(
      {member("shop", "L", i64{1}, "a"), member("shop", "M", i64{1}, "b"), member("shop", "M", {}, "c"), member("blog", "M", i64{7}, "d")});
  commit();
  const auto counts =
      compare({member("shop", "M", i64{1}, "x"), member("shop", "M", i64{1}, "again"), member("shop", "M", {}, "x"),
               member("shop", "M", i64{7}, "of another account"), member("shop", "L", i64{1}, "x"), member("shop", "K", i64{1}, "x")});
  EXPECT_THAT(counts, testing::ElementsAre(KeyCount{{"K"}, 1, 0}, KeyCount{{"L"}, 1, 1}, KeyCount{{"M"}, 3, 2}));
  EXPECT_THAT(compare({}), testing::IsEmpty());
}

TEST_P(WarehouseContract, CompareTellsOddIdsApart) {
  append({member("shop", "L", i64{1}, "a")});
  commit();
  ASSERT_TRUE(warehouse_->compare_begin(tables_[0]));
  ASSERT_TRUE(warehouse_->compare_append(tables_[0], std::vector<Row>{member("shop", "L", i64{1}, "a")}));
  tables_[0].columns.push_back({"id__text", ColumnType::text});  // decoding met an odd id that was never loaded
  Row odd = member("shop", "L", {}, "b");
  odd.emplace_back("odd");
  ASSERT_TRUE(warehouse_->compare_append(tables_[0], std::vector<Row>{odd}));
  const auto counts = warehouse_->compare_finish(tables_[0]);
  ASSERT_TRUE(counts) << counts.error().message;
  EXPECT_THAT(*counts, testing::ElementsAre(KeyCount{{"L"}, 2, 1}));
}

TEST_P(WarehouseContract, CompareGroupsByAllParents) {
  Table table{"notes",
              {{"account_name", ColumnType::text},
               {"synced_at", ColumnType::timestamp},
               {"list_id", ColumnType::integer},
               {"list_id__text", ColumnType::text},
               {"id", ColumnType::text}},
              {"list_id"},
              {"account_name", "list_id", "id"},
              ""};
  Table flat{"flat", {{"account_name", ColumnType::text}, {"synced_at", ColumnType::timestamp}}, {}, {"account_name"}, ""};
  tables_ = {table, flat};
  reopen();
  const std::vector<Row> rows{{"shop", Timestamp{}, i64{10}, Value(), "a"}, {"shop", Timestamp{}, Value(), "odd", "a"}};
  append(rows);
  commit();
  EXPECT_THAT(compare(rows), testing::ElementsAre(KeyCount{{"10"}, 1, 1}, KeyCount{{"odd"}, 1, 1}));
  std::swap(tables_[0], tables_[1]);
  EXPECT_THAT(compare({{"shop", Timestamp{}}, {"shop", Timestamp{1}}}), testing::ElementsAre(KeyCount{{}, 1, 0}));
  EXPECT_THAT(compare({}), testing::IsEmpty());
}

TEST_P(WarehouseContract, CopiesOfATableThatGrewApartAreRefused) {
  Table other = tables_[0];
  tables_[0].columns.push_back({"extra", ColumnType::integer});
  append({});
  other.columns.push_back({"extra", ColumnType::text});
  const auto refused = warehouse_->append(other, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::internal);
}

TEST_P(WarehouseContract, AnOlderCopyOfATableTakesNoColumnFromTheBatch) {
  Table older = tables_[0];
  tables_[0].columns.push_back({"extra", ColumnType::integer});
  Row row = member("shop", "L", i64{1}, "a");
  row.emplace_back(i64{7});
  append({row});
  ASSERT_TRUE(warehouse_->append(older, std::vector<Row>{member("shop", "L", i64{2}, "b")}));
  older.columns.push_back({"other", ColumnType::integer});
  const auto refused = warehouse_->append(older, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::internal);
  commit();
  EXPECT_EQ(read({"id", "extra"}), (Rows{{"1", "7"}, {"2", "NULL"}}));
}

TEST_P(WarehouseContract, ManyRowsKeepTheirOrder) {
  std::vector<Row> rows;
  for (i64 i = 0; i < 20'000; ++i) rows.push_back(member("shop", "L", i % 5'000, std::to_string(i)));
  append(rows);
  commit();
  EXPECT_EQ(*warehouse_->count_rows(tables_[0], "shop"), 5'000);
  const Rows found = read({"id", "email"});
  for (const auto& row : found) EXPECT_EQ(row[1], std::to_string(std::stoll(row[0]) + 15'000));
}

/// Beside the contract: it leaves nothing behind, and does nothing that the API's documentation does not allow.
class CleanSnowflake : public SnowflakeHarness {
 public:
  CleanSnowflake() = default;
  ~CleanSnowflake() override {
    EXPECT_THAT(left_behind(), testing::IsEmpty());
    EXPECT_THAT(server.breaches(), testing::IsEmpty());
  }
  CleanSnowflake(const CleanSnowflake&) = delete;
  CleanSnowflake& operator=(const CleanSnowflake&) = delete;
};

/// A function has no name to show, and would be shown as its bytes.
const auto unnamed = [](const testing::TestParamInfo<HarnessFactory>&) { return std::string("all"); };
INSTANTIATE_TEST_SUITE_P(DuckDb, WarehouseContract, testing::Values(HarnessFactory([] { return std::make_unique<DuckDbHarness>(); })),
                         unnamed);
INSTANTIATE_TEST_SUITE_P(Snowflake, WarehouseContract, testing::Values(HarnessFactory([] { return std::make_unique<CleanSnowflake>(); })),
                         unnamed);
INSTANTIATE_TEST_SUITE_P(LiveSnowflake, WarehouseContract, testing::Values(HarnessFactory(LiveHarness::make)), unnamed);

}  // namespace chimplift
