// Where an archive is, and which accounts it holds.
#include "cli/archive_options.hpp"

#include <gtest/gtest.h>

#include "archive/account_archive.hpp"
#include "archive/folder_tree.hpp"
#include "support/temporary_folder.hpp"

namespace chimplift {
namespace {

/// An error like any other, and no exception, which would be called a bug.
TEST(AccountsOfAnArchive, ALedgerThatCannotBeReadIsAnErrorWithItsName) {
  const TemporaryFolder folder;
  const std::shared_ptr<Tree> archive = folder_tree(folder.path());
  ASSERT_TRUE(AccountArchive::open(*archive, "brand", false));
  const Result<std::vector<Account>> accounts = accounts_of_archive(*archive);
  ASSERT_TRUE(accounts) << accounts.error().message;
  ASSERT_EQ(accounts->size(), 1U);
  EXPECT_EQ(accounts->front().name, "brand");
  std::filesystem::create_directories(folder / "broken/ledger/ledger.ndjson/x");
  const Result<std::vector<Account>> broken = accounts_of_archive(*archive);
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().kind, ErrorKind::destination);
  EXPECT_NE(broken.error().message.find("broken/ledger/ledger.ndjson"), std::string::npos) << broken.error().message;
}

/// It would be left out, and all that is said be about the others.
TEST(AccountsOfAnArchive, AnAccountThatLostItsLedgerIsNotLeftOut) {
  const TemporaryFolder folder;
  const std::shared_ptr<Tree> archive = folder_tree(folder.path());
  ASSERT_TRUE(AccountArchive::open(*archive, "brand", false));
  ASSERT_TRUE(archive->write("other/raw/lists/000001.ndjson.zst", "a page"));
  ASSERT_TRUE(archive->write("project/raw/data.csv", "not an account"));
  for (const bool is_empty : {false, true}) {
    if (is_empty) {
      ASSERT_TRUE(archive->write("other/ledger/ledger.ndjson", ""));
    }
    const Result<std::vector<Account>> accounts = accounts_of_archive(*archive);
    ASSERT_FALSE(accounts);
    EXPECT_EQ(accounts.error().kind, ErrorKind::archive);
    EXPECT_NE(accounts.error().message.find("other/ledger is gone or empty, and there are pages"), std::string::npos)
        << accounts.error().message;
  }
}

Result<std::shared_ptr<Tree>> archive_at(const std::string& text) {
  Values values;
  values.set("archive", Given{{text}, "--archive"});
  return archive_of(values, [](const std::string&) { return std::nullopt; });
}

/// They made folders of these names, and the pod was gone with all that was pulled.
TEST(ArchivePlace, WhatLooksLikeAnAddressIsNoFolder) {
  for (const char* text : {"gs://b/x", "s3a://b/x", "S3://b/x", "s3:/b/x", "https://b.s3.amazonaws.com/x", "file:///b/x", "a+b-c.d:/x"}) {
    const auto refused = archive_at(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().kind, ErrorKind::usage) << text;
    EXPECT_NE(refused.error().message.find(std::string("--archive is a folder or s3://bucket/prefix, and ") + text), std::string::npos)
        << refused.error().message;
  }
  for (const char* text : {"./gs://b/x", "/b/a:/x", "a b:/x", "x:y", ":/x", "3d:/x", "Fête:/x", "a:"}) {
    const auto taken = archive_at(text);
    ASSERT_TRUE(taken) << text << ": " << taken.error().message;
    EXPECT_EQ((*taken)->name_of(""), text);
  }
}

}  // namespace
}  // namespace chimplift
