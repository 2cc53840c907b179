// verify where the DuckDB file is not there: that says nothing of the archive.
#include <gmock/gmock.h>

#include "archive/account_archive.hpp"
#include "base/files.hpp"
#include "support/small_archive.hpp"
#include "sync/engine.hpp"

namespace chimplift {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

struct Tables : SmallArchive {
  Tables() : SmallArchive("stored_files") {
    keep_whole({"stored_file_folders", {}, 0}, R"({"folders":[],"total_items":0})");
    keep_whole({"stored_files", {}, 0}, R"({"files":[],"total_items":0,"total_file_size":0})");
    EXPECT_TRUE(archive->flush());
    archive.reset();
    settings.accounts = {*make_account("acme", "0123456789abcdef0123456789abcdef-us1", "", "")};
    settings.progress = &progress;
    progress.accounts.emplace_back().account_name = "acme";
    settings.duckdb = folder.path() / "tables.duckdb";
  }
  [[nodiscard]] std::string certificate() const { return read_file(folder.path() / "acme/certificate.json").value_or(""); }
  Progress progress;
};

TEST(MissingTables, EndVerifyAndLeaveTheCertificate) {
  Tables tables;
  ASSERT_FALSE(load_only(tables.settings).failure());
  ASSERT_FALSE(verify_only(tables.settings).failure());
  const std::string before = tables.certificate();
  EXPECT_THAT(before, HasSubstr("safe to close"));
  fs::remove(*tables.settings.duckdb);
  for (const fs::path& file : {tables.folder.path() / "tables.duckdb", tables.folder.path() / "no folder/tables.duckdb"}) {
    tables.settings.duckdb = file;
    const RunResult result = verify_only(tables.settings);
    EXPECT_EQ(result.failure(), ErrorKind::destination);
    ASSERT_TRUE(result.error);
    EXPECT_EQ(result.error->message, "there is no " + file.string());
    EXPECT_THAT(result.error->advice, HasSubstr("chimplift load"));
    EXPECT_THAT(result.error->advice, HasSubstr("--warehouse none"));
    EXPECT_FALSE(fs::exists(file));
    EXPECT_EQ(tables.certificate(), before);
  }
  EXPECT_FALSE(fs::exists(tables.folder.path() / "no folder"));
}

TEST(MissingTables, AreMadeByLoadAndNotMissedWhereNoneAreWanted) {
  Tables tables;
  tables.settings.duckdb = tables.folder.path() / "new/tables.duckdb";
  EXPECT_FALSE(load_only(tables.settings).failure());
  EXPECT_FALSE(verify_only(tables.settings).failure());
  tables.settings.duckdb.reset();
  EXPECT_FALSE(verify_only(tables.settings).failure());
}

}  // namespace
}  // namespace chimplift
