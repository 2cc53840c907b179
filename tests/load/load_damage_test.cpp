// Pages that are damaged: what a load may say of them, wherever it ends.
#include <gtest/gtest.h>

#include <filesystem>

#include "load/damage_page.hpp"
#include "load/load.hpp"
#include "support/small_archive.hpp"
#include "sync/e2e_compare.hpp"
#include "warehouse/duckdb_warehouse.hpp"

namespace chimplift {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTable = "stored_file_folders";
const UnitId kFolders{kTable, {}, 0};
const UnitId kFiles{"stored_files", {}, 0};

class LoadDamage : public testing::Test {
 protected:
  [[nodiscard]] fs::path tables() const { return small.folder.path() / "tables.duckdb"; }
  [[nodiscard]] std::unique_ptr<Warehouse> open() const { return *open_duckdb({tables(), 500'000'000, 1}); }

  static void read_folders(SmallArchive& into, const std::string& name) {
    into.keep_whole(kFolders, R"({"folders":[{"id":1,"name":")" + name + R"("}],"total_items":1})");
    ASSERT_TRUE(into.archive->flush());
  }
  /// Of each archive, how far the table was loaded.
  static i64 loaded_up_to(Warehouse& warehouse, const SmallArchive& of, const std::string& table) {
    const ArchiveRecord& about = of.archive->about();
    const auto checkpoints = *warehouse.checkpoints(about.id, about.account_name);
    const auto found = checkpoints.find(table);
    return found == checkpoints.end() ? 0 : found->second.last_page;
  }
  static Result<void> load(Warehouse& warehouse, const std::vector<const SmallArchive*>& archives, bool to_the_end) {
    Loader loader(warehouse, archives.front()->settings);
    for (const SmallArchive* one : archives) loader.add(*one->archive, nullptr);
    TRY(loader.prepare());
    TRY(loader.step());
    TRY(loader.commit());
    return to_the_end ? loader.finish() : Result<void>();
  }

  SmallArchive small{"stored_files"};
};

TEST_F(LoadDamage, NoCheckpointStandsBehindAPageThatWasNotJudgedYet) {
  const std::unique_ptr<Warehouse> warehouse = open();
  read_folders(small, "one");
  read_folders(small, "two");
  damage_newest_page(small, kTable);
  read_folders(small, "three");
  ASSERT_TRUE(load(*warehouse, {&small}, false)) << "as a run that is killed before it ends";
  EXPECT_EQ(loaded_up_to(*warehouse, small, kTable), 1);
  const Result<void> again = load(*warehouse, {&small}, true);
  ASSERT_FALSE(again) << "the page is missed by whoever loads next";
  EXPECT_EQ(again.error().kind, ErrorKind::archive);
  EXPECT_EQ(loaded_up_to(*warehouse, small, kTable), 0);
}

/// The rows behind it are in the tables even so, and are loaded without a checkpoint.
TEST_F(LoadDamage, WhatComesBehindADamagedPageIsLoaded) {
  {
    const std::unique_ptr<Warehouse> warehouse = open();
    read_folders(small, "one");
    damage_newest_page(small, kTable);
    read_folders(small, "two");
    EXPECT_FALSE(load(*warehouse, {&small}, true));
  }
  EXPECT_EQ(e2e::column_of(tables(), "SELECT name FROM mailchimp.stored_file_folders"), std::vector<std::string>{"two"});
}

TEST_F(LoadDamage, OnePageThatWasReadAnewSinceIsPassedOver) {
  for (const bool is_last : {false, true}) {
    SmallArchive other("stored_files");
    const std::unique_ptr<Warehouse> warehouse = *open_duckdb({other.folder.path() / "tables.duckdb", 500'000'000, 1});
    read_folders(other, "one");
    read_folders(other, "two");
    damage_newest_page(other, kTable);
    other.archive->keep(RefreshEvent{{kTable}, "now"});
    if (!is_last) read_folders(other, "three");
    ASSERT_TRUE(other.archive->flush());
    ASSERT_TRUE(load(*warehouse, {&other}, true));
    EXPECT_EQ(loaded_up_to(*warehouse, other, kTable), is_last ? 2 : 3);
  }
}

TEST_F(LoadDamage, APageThatCannotBeParsedIsDamagedToo) {
  for (const std::string table : {"stored_file_folders", "stored_files"}) {
    for (const bool is_read_anew : {false, true}) {
      SmallArchive other("stored_files");
      const std::unique_ptr<Warehouse> warehouse = *open_duckdb({other.folder.path() / "tables.duckdb", 500'000'000, 1});
      other.keep_raw({table, {}, 0}, R"({"folders":[{"id":1)", 1);
      other.archive->keep(RefreshEvent{{is_read_anew ? table : "templates"}, "now"});
      read_folders(other, "two");
      other.keep_whole(kFiles, R"({"files":[],"total_items":0,"total_file_size":0})");
      ASSERT_TRUE(other.archive->flush());
      const Result<void> loaded = load(*warehouse, {&other}, true);
      EXPECT_EQ(loaded.has_value(), is_read_anew) << table << (loaded ? "" : loaded.error().message);
      EXPECT_EQ(loaded ? ErrorKind::archive : loaded.error().kind, ErrorKind::archive) << table;
      EXPECT_EQ(loaded_up_to(*warehouse, other, table) > 0, is_read_anew) << table;
    }
  }
}

/// Pages that were loaded while they were whole are read once more for their files.
TEST_F(LoadDamage, OneArchivesDamageDoesNotKeepAnothersFromBeingJudged) {
  const std::unique_ptr<Warehouse> warehouse = open();
  SmallArchive second("stored_files");
  second.archive = *AccountArchive::open(*second.settings.archive, "other", false);
  for (SmallArchive* one : {&small, &second}) {
    one->keep_whole(kFiles, R"({"files":[{"id":1,"full_size_url":"https://x/1.png","size":3}],"total_items":1,"total_file_size":3})");
    ASSERT_TRUE(one->archive->flush());
  }
  ASSERT_TRUE(load(*warehouse, {&small, &second}, true));
  for (SmallArchive* one : {&small, &second}) {
    damage_newest_page(*one, "stored_files");
    one->archive->keep(FileToKeep{
        .record = {.kind = "stored_files", .id = "1", .outcome = FileOutcome::missing, .reason = "404"}, .content = {}, .temporary = {}});
    ASSERT_TRUE(one->archive->flush());
  }
  EXPECT_FALSE(load(*warehouse, {&small, &second}, true));
  EXPECT_EQ(loaded_up_to(*warehouse, small, "stored_files"), 0);
  EXPECT_EQ(loaded_up_to(*warehouse, second, "stored_files"), 0);
}

}  // namespace
}  // namespace chimplift
