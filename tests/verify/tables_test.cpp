// Tables that verification finds to be others than the archive, though the number of their keys is right; and how they are loaded then.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "load/load.hpp"
#include "support/small_archive.hpp"
#include "sync/e2e_compare.hpp"
#include "verify/verify.hpp"
#include "warehouse/duckdb_warehouse.hpp"

namespace chimplift {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

const UnitId kFolders{"stored_file_folders", {}, 0};

/// An archive and the tables that are loaded from it.
struct WithTables : SmallArchive {
  using SmallArchive::SmallArchive;
  [[nodiscard]] fs::path tables() const { return folder.path() / "tables.duckdb"; }
  [[nodiscard]] std::unique_ptr<Warehouse> open() const { return *open_duckdb({tables(), 500'000'000, 1}); }
  void load() {
    ASSERT_TRUE(archive->flush());
    const std::unique_ptr<Warehouse> warehouse = open();
    Loader loader(*warehouse, settings);
    loader.add(*archive, nullptr);
    ASSERT_TRUE(loader.prepare());
    ASSERT_TRUE(loader.step());
    ASSERT_TRUE(loader.commit());
    ASSERT_TRUE(loader.finish());
  }
  Certificate verify() {
    EXPECT_TRUE(archive->flush());
    const std::unique_ptr<Warehouse> warehouse = open();
    return verify_archive(*archive, settings, warehouse.get())->certificate;
  }
  void copy(const fs::path& from, const fs::path& to) {
    archive.reset();
    fs::remove_all(to);
    fs::copy(from, to, fs::copy_options::recursive);
    reopen();
  }
  /// Reads the folders anew: there is one, of this name.
  void read_folder(const std::string& name) {
    archive->keep(RefreshEvent{{"stored_file_folders"}, "now"});
    keep_whole(kFolders, fmt::format(R"({{"folders":[{{"id":1,"name":"{}"}}],"total_items":1}})", name));
  }
  [[nodiscard]] std::vector<std::string> names() const {
    return e2e::column_of(tables(), "SELECT name FROM mailchimp.stored_file_folders");
  }
};

std::string text_of(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) text += finding.stream + ": " + finding.reason + "\n";
  return text;
}

/// The numbers of the pages that a copy lacks are given again. What came since may be less than what was loaded before, as much, or more.
TEST(VerifyTables, WhatWasLoadedBeforeTheArchiveCameBackFromACopyIsLoadedAnew) {
  for (int readings = 1; readings <= 3; ++readings) {
    SCOPED_TRACE(readings);
    WithTables small("stored_files");
    const fs::path account = small.folder.path() / "acme";
    const fs::path copy = small.folder.path() / "copy of acme";
    small.keep_whole({"stored_files", {}, 0}, R"({"files":[],"total_items":0,"total_file_size":0})");
    small.read_folder("one");
    small.load();
    small.copy(account, copy);
    for (int i = 0; i < 2; ++i) small.read_folder("two");
    small.load();
    EXPECT_EQ(text_of(small.verify().gaps), "");
    small.copy(copy, account);
    for (int i = 0; i < readings; ++i) small.read_folder("three");
    EXPECT_THAT(text_of(small.verify().gaps),
                HasSubstr("stored_file_folders: the table was loaded from pages that the archive does not have"));
    small.load();
    EXPECT_EQ(small.names(), std::vector<std::string>{"three"});
    EXPECT_EQ(text_of(small.verify().gaps), "");
  }
}

/// The same without a verification between, which would have the table loaded anew by itself.
TEST(VerifyTables, ALoadFindsByItselfThatTheArchiveCameBackFromACopy) {
  for (int readings = 1; readings <= 3; ++readings) {
    SCOPED_TRACE(readings);
    WithTables small("stored_files");
    const fs::path account = small.folder.path() / "acme";
    const fs::path copy = small.folder.path() / "copy of acme";
    small.read_folder("one");
    small.load();
    small.copy(account, copy);
    for (int i = 0; i < 2; ++i) small.read_folder("two");
    small.load();
    small.copy(copy, account);
    for (int i = 0; i < readings; ++i) small.read_folder("three");
    small.load();
    EXPECT_EQ(small.names(), std::vector<std::string>{"three"});
  }
}

/// As an earlier version left it, which took the rows from within their parents' records.
TEST(VerifyTables, ATableThatWasLoadedFromItsParentsPagesIsOfThisArchive) {
  WithTables small("landing_pages");
  small.keep_whole({"landing_pages", {}, 0}, R"({"landing_pages":[],"total_items":0})");
  small.load();
  {
    const ArchiveRecord& about = small.archive->about();
    const std::unique_ptr<Warehouse> warehouse = small.open();
    Checkpoint child = warehouse->checkpoints(about.id, about.account_name)->at("landing_pages");
    child.table = "landing_page_content";
    ASSERT_TRUE(warehouse->commit(std::vector{child}));
  }
  EXPECT_THAT(text_of(small.verify().gaps), Not(HasSubstr("the table was loaded from pages")));
}

TEST(VerifyTables, RecordsWhoseKeysAreOneInTheTableAreNamed) {
  for (const bool are_one : {true, false}) {
    WithTables small("account");
    small.keep_whole({"verified_domains", {}, 0},
                     fmt::format(R"({{"domains":[{{"domain":5,"verified":true}},{{"domain":"{}"}}],"total_items":2}})", are_one ? 5 : 6));
    small.load();
    const std::string exceptions = text_of(small.verify().exceptions);
    EXPECT_EQ(exceptions.find("verified_domains: 1 records have keys that differ from another's only in how they are written") !=
                  std::string::npos,
              are_one)
        << exceptions;
  }
}

}  // namespace
}  // namespace chimplift
