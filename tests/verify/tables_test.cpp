// Tables that verification finds to be others than the archive, though the number of their keys is right; and how they are loaded then.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "load/damage_page.hpp"
#include "load/load.hpp"
#include "support/small_tables.hpp"
#include "sync/e2e_compare.hpp"
#include "verify/verify.hpp"

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
  [[nodiscard]] std::unique_ptr<Warehouse> open() const { return open_small_tables(tables()); }
  void load() { load_small_tables(*this, tables()); }
  /// Another archive of the same account, into these tables.
  void load(SmallArchive& other) const { load_small_tables(other, tables()); }
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

TEST(VerifyTables, APageThatCannotBeParsedIsAGapOrWasReadAnewSince) {
  WithTables small("stored_files");
  small.keep_whole({"stored_files", {}, 0}, R"({"files":[],"total_items":0,"total_file_size":0})");
  small.keep_raw(kFolders, R"({"folders":[{"id":1)", 1);
  small.keep_end(kFolders, 1);
  const Certificate certificate = small.verify();
  EXPECT_EQ(certificate.verdict, Verdict::not_safe);
  EXPECT_THAT(text_of(certificate.gaps), HasSubstr("stored_file_folders: page 2 of stored_file_folders in "));
  EXPECT_EQ(std::ranges::find(certificate.streams, "stored_file_folders", &StreamLine::table)->state, StreamState::incomplete);
  small.read_folder("one");
  small.load();
  EXPECT_EQ(text_of(small.verify().gaps), "");
  EXPECT_THAT(text_of(small.verify().exceptions), HasSubstr("its collection was read anew since"));
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

// ---- tables that were not brought up to the archive

/// The values are others, the keys are not.
TEST(VerifyTables, ATableThatWasNotLoadedSinceItsRecordsWereReadAnewIsNamed) {
  WithTables small("stored_files");
  small.keep_whole({"stored_files", {}, 0}, R"({"files":[],"total_items":0,"total_file_size":0})");
  small.read_folder("one");
  small.load();
  EXPECT_EQ(text_of(small.verify().gaps), "");
  small.read_folder("two");
  const Certificate certificate = small.verify();
  EXPECT_EQ(certificate.verdict, Verdict::not_safe);
  EXPECT_EQ(
      text_of(certificate.gaps),
      "stored_file_folders: the table was loaded up to page 2, and the archive has pages of it up to 3: its rows may be older than the "
      "archive's\n");
  EXPECT_TRUE(certificate.gaps.at(0).command.starts_with("chimplift load")) << certificate.gaps.at(0).command;
  small.load();
  EXPECT_EQ(small.names(), std::vector<std::string>{"two"});
  EXPECT_EQ(text_of(small.verify().gaps), "");
}

/// As when an account was read into a new archive, and the tables are those of the one before.
TEST(VerifyTables, ATableThatAnotherArchiveWasLoadedIntoIsNamed) {
  WithTables small("stored_files");
  small.keep_whole({"stored_files", {}, 0}, R"({"files":[],"total_items":0,"total_file_size":0})");
  small.read_folder("one");
  small.load();
  small.archive.reset();
  fs::remove_all(small.folder.path() / "acme");
  small.reopen();
  small.keep_whole({"stored_files", {}, 0}, R"({"files":[],"total_items":0,"total_file_size":0})");
  small.read_folder("two");
  EXPECT_THAT(text_of(small.verify().gaps), HasSubstr("stored_file_folders: the table was not loaded from this archive yet"));
  small.load();
  EXPECT_EQ(text_of(small.verify().gaps), "");
}

/// The keys are the same, and this archive's load has come to its end.
TEST(VerifyTables, ATableThatAnotherArchiveWasLoadedIntoSinceIsNamed) {
  WithTables small("stored_files");
  WithTables other("stored_files");
  for (WithTables* one : {&small, &other}) {
    one->keep_whole({"stored_files", {}, 0}, R"({"files":[],"total_items":0,"total_file_size":0})");
    one->read_folder(one == &small ? "this one's" : "the other's");
  }
  small.load();
  for (int turns = 0; turns < 2; ++turns) {
    small.load(other);
    EXPECT_EQ(small.names(), std::vector<std::string>{"the other's"});
    const Certificate certificate = small.verify();
    EXPECT_EQ(certificate.verdict, Verdict::not_safe);
    EXPECT_EQ(
        text_of(certificate.gaps),
        "stored_file_folders: the table was not loaded from this archive yet, or from another archive since: its rows may be others than "
        "the archive's\n");
    EXPECT_TRUE(certificate.gaps.at(0).command.starts_with("chimplift load")) << certificate.gaps.at(0).command;
    small.load();
    EXPECT_EQ(small.names(), std::vector<std::string>{"this one's"});
    EXPECT_EQ(text_of(small.verify().gaps), "");
  }
}

/// Its rows may be others, with the same keys: a column that it did not have, say, is empty then.
TEST(VerifyTables, ATableThatAnotherVersionOfTheProgramLoadedIsNamedAndLoadedAnew) {
  WithTables small("stored_files");
  small.keep_whole({"stored_files", {}, 0}, R"({"files":[],"total_items":0,"total_file_size":0})");
  small.read_folder("one");
  small.load();
  ASSERT_EQ(text_of(small.verify().gaps), "");
  for (const std::string mapping : {"'of another version'", "NULL"}) {
    e2e::execute(small.tables(), "UPDATE mailchimp.stored_file_folders SET name = 'as it was made then'");
    e2e::execute(small.tables(), "UPDATE chimplift.checkpoints SET mapping = " + mapping);
    const Certificate certificate = small.verify();
    EXPECT_EQ(certificate.verdict, Verdict::not_safe);
    EXPECT_THAT(text_of(certificate.gaps), HasSubstr("stored_file_folders: the table was loaded by another version of this program"));
    small.load();
    EXPECT_EQ(small.names(), std::vector<std::string>{"one"});
    EXPECT_EQ(text_of(small.verify().gaps), "");
  }
}

TEST(VerifyTables, PagesWithoutRowsLeaveNoTableBehind) {
  WithTables small("stored_files");
  small.keep_whole({"stored_files", {}, 0}, R"({"files":[],"total_items":0,"total_file_size":0})");
  small.read_folder("one");
  small.archive->keep(RefreshEvent{{"stored_file_folders"}, "now"});
  small.keep_whole(kFolders, R"({"folders":[],"total_items":0})");
  small.load();
  EXPECT_EQ(text_of(small.verify().gaps), "");
  // Of one that has no rows at all nothing can be old, loaded or not.
  small.archive->keep(RefreshEvent{{"stored_files"}, "now"});
  small.keep_whole({"stored_files", {}, 0}, R"({"files":[],"total_items":0,"total_file_size":0})");
  EXPECT_EQ(text_of(small.verify().gaps), "");
}

TEST(VerifyTables, RowsFromWithinTheirParentsAreBehindWithThem) {
  const auto read_orders = [](WithTables& small, int quantity) {
    small.archive->keep(RefreshEvent{{"orders"}, "now"});
    small.keep_whole({"orders", {"S"}, 0},
                     fmt::format(R"({{"orders":[{{"id":"O","lines":[{{"id":"L","quantity":{}}}]}}],"total_items":1}})", quantity));
  };
  WithTables small("ecommerce");
  small.keep_whole({"stores", {}, 0}, R"({"stores":[{"id":"S"}],"total_items":1})");
  read_orders(small, 1);
  small.load();
  EXPECT_THAT(text_of(small.verify().gaps), Not(HasSubstr("the table was")));
  read_orders(small, 2);
  EXPECT_THAT(text_of(small.verify().gaps),
              HasSubstr("order_lines: the table was loaded up to page 2, and the archive has pages of it up to 3"));
  small.load();
  EXPECT_THAT(text_of(small.verify().gaps), Not(HasSubstr("the table was")));
}

/// A page that is damaged is named, and its table begins anew: that it is not loaded up to there is no gap besides.
TEST(VerifyTables, ADamagedPageIsOneGap) {
  WithTables small("stored_files");
  small.keep_whole({"stored_files", {}, 0}, R"({"files":[],"total_items":0,"total_file_size":0})");
  small.read_folder("one");
  small.read_folder("two");
  small.load();
  damage_newest_page(small, "stored_file_folders");
  {
    const ArchiveRecord& about = small.archive->about();
    ASSERT_TRUE(small.open()->commit(std::vector<Checkpoint>{{about.id, about.account_name, "stored_file_folders"}}));
  }
  const Certificate certificate = small.verify();
  EXPECT_EQ(certificate.gaps.size(), 1U) << text_of(certificate.gaps);
  EXPECT_THAT(text_of(certificate.gaps), Not(HasSubstr("the table was")));
}

// ---- what became of files

/// An archive of one stored file.
struct WithFile : WithTables {
  WithFile() : WithTables("stored_files") {
    keep_whole(kFolders, R"({"folders":[],"total_items":0})");
    read_files();
  }
  void read_files() {
    archive->keep(RefreshEvent{{"stored_files"}, "now"});
    keep_whole({"stored_files", {}, 0},
               R"({"files":[{"id":1,"full_size_url":"https://x/1.png","size":3}],"total_items":1,"total_file_size":3})");
  }
  void keep_file(FileOutcome outcome) {
    FileRecord file;
    file.kind = "stored_files";
    file.id = "1";
    file.source_url = "https://x/1.png";
    file.expected_bytes = 3;
    file.outcome = outcome;
    if (has_bytes(outcome)) {
      file.path = "stored_files/1.png";
      file.content_type = "image/png";
    }
    archive->keep(FileToKeep{file, has_bytes(outcome) ? std::optional<std::string>("png") : std::nullopt, {}});
  }
};

TEST(VerifyTables, AFileThatCameSinceTheLoadIsNamed) {
  WithFile small;
  small.keep_file(FileOutcome::failed);
  small.load();
  small.keep_file(FileOutcome::fetched);
  // The next load does that anyway, and one that goes on beside this must not find its checkpoint moved.
  const auto loaded_from = [&small] {
    const ArchiveRecord& about = small.archive->about();
    return small.open()->checkpoints(about.id, about.account_name)->at("assets of stored_files").last_page;
  };
  const i64 before = loaded_from();
  EXPECT_THAT(text_of(small.verify().gaps), HasSubstr("assets: the table lacks 1 of the archive's 1 rows, or has them as they were"));
  EXPECT_EQ(loaded_from(), before);
  small.load();
  EXPECT_EQ(text_of(small.verify().gaps), "");
}

TEST(VerifyTables, ALoadThatEndedBeforeItCameToTheFilesIsNamed) {
  WithFile small;
  small.keep_file(FileOutcome::fetched);
  small.load();
  small.read_files();
  ASSERT_TRUE(small.archive->flush());
  {
    const std::unique_ptr<Warehouse> warehouse = small.open();
    Loader loader(*warehouse, small.settings);
    loader.add(*small.archive, nullptr);
    ASSERT_TRUE(loader.prepare());
    ASSERT_TRUE(loader.step());
    ASSERT_TRUE(loader.commit());
  }
  EXPECT_THAT(text_of(small.verify().gaps), HasSubstr("stored_files: the load ended before the table's rows said where their files are"));
  small.load();
  EXPECT_EQ(text_of(small.verify().gaps), "");
}

/// Where a file lies is no key, and in another archive it lies elsewhere.
TEST(VerifyTables, FilesOfAnotherArchiveAreNotTakenForThisOnes) {
  WithFile small;
  WithFile other;
  for (WithFile* one : {&small, &other}) one->keep_file(FileOutcome::fetched);
  const auto places = [&small] {
    return e2e::column_of(small.tables(),
                          "SELECT storage_uri FROM mailchimp.assets UNION ALL SELECT storage_uri FROM mailchimp.stored_files");
  };
  small.load();
  const std::vector<std::string> before = places();
  ASSERT_EQ(before.size(), 2U);
  small.load(other);
  EXPECT_NE(places(), before);
  EXPECT_EQ(text_of(small.verify().gaps),
            "stored_files: the table was not loaded from this archive yet, or from another archive since: its rows may be others than the "
            "archive's\n");
  small.load();
  EXPECT_EQ(places(), before);
  EXPECT_EQ(text_of(small.verify().gaps), "");
}

// ---- values that did not fit

TEST(VerifyTables, ValuesThatDidNotFitAreCountedAsTheyStandInTheTable) {
  WithTables small("stored_files");
  const auto misfits_of = [&small](const std::string& file_count) {
    small.archive->keep(RefreshEvent{{"stored_file_folders"}, "now"});
    small.keep_whole(
        kFolders, fmt::format(R"({{"folders":[{{"id":1,"file_count":{}}},{{"id":2,"file_count":"some"}}],"total_items":2}})", file_count));
    small.load();
    const std::vector<StreamLine> lines = small.verify().streams;
    return std::ranges::find(lines, "stored_file_folders", &StreamLine::table)->misfits;
  };
  EXPECT_EQ(misfits_of(R"("many")"), 2);
  EXPECT_EQ(misfits_of(R"("many")"), 2) << "read once more, and not twice as many";
  EXPECT_EQ(misfits_of("5"), 1);
}

}  // namespace
}  // namespace chimplift
