// What only a warehouse has that is far away and is written by several at once.
#include <gmock/gmock.h>

#include <new>

#include "warehouse/snowflake_harness.hpp"

namespace chimplift {
namespace {

using snowflake_standin::Asked;
using snowflake_standin::Fault;
using testing::HasSubstr;

class SnowflakeShared : public testing::Test {
 protected:
  std::unique_ptr<Warehouse> open(const std::string& owner, std::vector<Table>& tables) {
    SnowflakeSettings settings = harness.settings();
    settings.owner = owner;
    auto warehouse = *open_snowflake(settings, harness.files());
    const auto prepared = warehouse->prepare(tables);
    EXPECT_TRUE(prepared) << prepared.error().message;
    return warehouse;
  }
  static std::vector<Row> row_with(const Value& value) {
    Row row = member("shop", "L", i64{1}, "a");
    row.push_back(value);
    return {row};
  }

  SnowflakeHarness harness;
};

/// "Nothing is missing" must never be what is left when nothing was compared.
TEST_F(SnowflakeShared, AComparisonOfNothingIsAnError) {
  std::vector<Table> tables{members_table()};
  const auto warehouse = open("TEST", tables);
  const std::vector<Row> rows{member("shop", "L", i64{1}, "a")};
  harness.server.fault = [this](const Asked& asked) {
    if (!asked.sql.starts_with("SELECT a.")) return Fault::none;
    for (const std::string& table : harness.server.engine().tables()) {
      if (table.find("CHIMPLIFT_STAGE_") != std::string::npos) harness.server.engine().lose_a_row(table);
    }
    return Fault::none;
  };
  ASSERT_TRUE(warehouse->compare_begin(tables[0]));
  ASSERT_TRUE(warehouse->compare_append(tables[0], rows));
  const auto counts = warehouse->compare_finish(tables[0]);
  ASSERT_FALSE(counts);
  EXPECT_EQ(counts.error().kind, ErrorKind::destination);
  EXPECT_THAT(counts.error().message, HasSubstr("list_members"));
}

/// Snowflake rounds 1.5 to 2 when it becomes an integer.
TEST_F(SnowflakeShared, AColumnThatAnotherRunAddedFirstWithAnotherTypeIsTakenAsItIs) {
  std::vector<Table> of_a{members_table()};
  std::vector<Table> of_b{members_table()};
  const auto a = open("A", of_a);
  auto b = open("B", of_b);
  of_a[0].columns.push_back({"score", ColumnType::integer});
  of_b[0].columns.push_back({"score", ColumnType::number});
  ASSERT_TRUE(a->append(of_a[0], row_with(i64{7})));
  ASSERT_TRUE(b->append(of_b[0], row_with(1.5)));
  ASSERT_TRUE(a->commit({}));
  for (int tries = 0; tries < 2; ++tries) {
    const auto refused = b->commit({});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::temporary);
    EXPECT_THAT(refused.error().message, HasSubstr("score"));
  }
  EXPECT_EQ(harness.read("list_members", {"score"}), (std::vector<std::vector<std::string>>{{"7"}}));
  // The next run knows.
  of_b = {members_table()};
  b = open("B", of_b);
  EXPECT_EQ(of_b[0].columns.back(), (Column{"score", ColumnType::integer}));
}

TEST_F(SnowflakeShared, ColumnsThatComeIntoBeingWhileTablesArePreparedKeepTheirTypes) {
  std::vector<Table> of_a{members_table()};
  const auto a = open("A", of_a);
  of_a[0].columns.push_back({"score", ColumnType::integer});
  std::vector<Table> of_b{members_table()};
  of_b[0].columns.push_back({"score", ColumnType::number});
  bool is_done = false;
  harness.server.fault = [&](const Asked& asked) {
    if (!is_done && asked.sql.starts_with("ALTER TABLE")) {
      is_done = true;
      harness.server.engine().run(snowflake::add_column({"PROD", "MAILCHIMP"}, "list_members", of_a[0].columns.back()), {}, 1, {});
    }
    return Fault::none;
  };
  const auto b = open("B", of_b);
  EXPECT_TRUE(is_done);
  EXPECT_EQ(of_b[0].columns.back(), (Column{"score", ColumnType::integer}));
}

TEST_F(SnowflakeShared, CheckpointsOfAVersionThatKeptLessGetIt) {
  Table old = snowflake::checkpoints_table();
  old.columns.resize(old.columns.size() - 2);
  harness.server.engine().run(snowflake::create_table({"PROD", "MAILCHIMP"}, old), {}, 1, {});
  std::vector<Table> tables{members_table()};
  const auto warehouse = open("TEST", tables);
  ASSERT_TRUE(warehouse->commit(std::vector<Checkpoint>{{"archive", "shop", "list_members", 4, 120, 2, "5e1f", "a1"}}));
  const Checkpoint stored = warehouse->checkpoints("archive", "shop")->at("list_members");
  EXPECT_EQ(stored.last_page_sha256, "5e1f");
  EXPECT_EQ(stored.mapping, "a1");
}

/// load and verify take no lock: started twice, the second takes the first for dead and clears away what that one has under way.
TEST_F(SnowflakeShared, ARunWhosePlaceIsTakenByTheSameCommandSaysSo) {
  const std::vector<Row> rows{member("shop", "L", i64{1}, "a")};
  std::vector<Table> tables{members_table()};
  const auto expect_displaced = [](const auto& done) {
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::busy) << done.error().message;
    EXPECT_THAT(done.error().message, HasSubstr("another run of the same command"));
  };
  {
    SCOPED_TRACE("the staging table is gone before the second COPY");
    const auto first = open("TEST", tables);
    ASSERT_TRUE(first->append(tables[0], rows));
    ASSERT_TRUE(first->commit({}));
    const auto second = open("TEST", tables);
    ASSERT_TRUE(first->append(tables[0], rows));
    expect_displaced(first->commit({}));
    // The second is not disturbed.
    ASSERT_TRUE(second->append(tables[0], rows));
    EXPECT_TRUE(second->commit({}));
  }
  {
    SCOPED_TRACE("the staging table is gone before the transaction and before the comparison");
    const auto first = open("TEST", tables);
    harness.server.fault = [this](const Asked& asked) {
      if (!asked.sql.starts_with("BEGIN TRANSACTION") && !asked.sql.starts_with("SELECT a.")) return Fault::none;
      for (const std::string& table : harness.server.engine().tables()) {
        const std::size_t name = table.find("CHIMPLIFT_STAGE_");
        if (name != std::string::npos)
          harness.server.engine().run(snowflake::drop_table({"PROD", "MAILCHIMP"}, table.substr(name)), {}, 1, {});
      }
      return Fault::none;
    };
    ASSERT_TRUE(first->compare_begin(tables[0]));
    ASSERT_TRUE(first->compare_append(tables[0], rows));
    expect_displaced(first->compare_finish(tables[0]));
    const auto other = open("TEST", tables);
    ASSERT_TRUE(other->append(tables[0], rows));
    expect_displaced(other->commit({}));
    harness.server.fault = nullptr;
  }
  {
    SCOPED_TRACE("the files are gone before COPY reads them");
    const auto first = open("TEST", tables);
    harness.server.fault = [this](const Asked& asked) {
      if (!asked.sql.starts_with("COPY INTO")) return Fault::none;
      const auto files = harness.files();
      const std::vector<std::string> names = *files->list();
      for (const std::string& name : names) static_cast<void>(files->remove(name));
      return Fault::none;
    };
    ASSERT_TRUE(first->append(tables[0], rows));
    expect_displaced(first->commit({}));
    harness.server.fault = nullptr;
  }
}

/// A gateway may hold a request back for as long as it likes.
TEST_F(SnowflakeShared, ACommitThatComesASecondTimeUndoesNothing) {
  std::vector<Table> tables{members_table()};
  std::string first;  // lives longer than the warehouse, which has something to say to the server when it ends
  const auto warehouse = open("TEST", tables);
  harness.server.fault = [&](const Asked& asked) {
    if (first.empty() && asked.sql.starts_with("BEGIN TRANSACTION")) first = asked.sql;
    return Fault::none;
  };
  for (i64 batch = 1; batch <= 2; ++batch) {
    ASSERT_TRUE(warehouse->append(tables[0], std::vector<Row>{member("shop", "L", i64{1}, std::to_string(batch))}));
    ASSERT_TRUE(warehouse->commit(std::vector<Checkpoint>{{"archive", "shop", "list_members", batch, batch, 0}}));
  }
  harness.server.engine().run(first, {}, 0, {});
  EXPECT_EQ(harness.read("list_members", {"email"}), (std::vector<std::vector<std::string>>{{"2"}}));
  EXPECT_EQ(warehouse->checkpoints("archive", "shop")->at("list_members").last_page, 2);
}

/// Where each removal throws, as it may where memory is lacking.
class UnremovableFiles : public snowflake_standin::FolderStage {
 public:
  using FolderStage::FolderStage;
  Result<void> remove(const std::string& /*name*/) override { throw std::bad_alloc(); }
};

/// In a destructor that would be the end of the program, with whatever else it had under way.
TEST_F(SnowflakeShared, WhatThrowsWhileItIsClearedAwayAtTheEndDoesNotEndTheProgram) {
  {
    std::vector<Table> tables{members_table()};
    const auto warehouse = *open_snowflake(harness.settings(), std::make_shared<UnremovableFiles>(harness.folder.path()));
    ASSERT_TRUE(warehouse->prepare(tables));
    ASSERT_TRUE(warehouse->append(tables[0], std::vector<Row>{member("shop", "L", i64{1}, "a")}));
    EXPECT_THROW(static_cast<void>(warehouse->commit({})), std::bad_alloc);
  }
  for (const std::string& name : harness.left_behind()) EXPECT_EQ(name.find("CHIMPLIFT_STAGE_"), std::string::npos) << "the rest is done";
}

}  // namespace
}  // namespace chimplift
