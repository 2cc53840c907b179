// Archives whose writers are killed, whose disks are full, and which two runs want.
#include <gmock/gmock.h>

#include <chrono>
#include <random>
#include <thread>

#include "archive/folder_tree.hpp"
#include "archive/samples.hpp"
#include "support/chance.hpp"
#include "support/child_process.hpp"
#include "support/temporary_folder.hpp"

namespace chimplift {
namespace {

using testing::HasSubstr;

TEST(Crash, EveryPageThatTheLedgerNamesIsReadableHoweverOftenTheWriterIsKilled) {
  const TemporaryFolder folder;
  const u64 seed = chosen_seed();
  std::mt19937 random(static_cast<unsigned>(seed));
  i64 before = 0;
  for (int round = 0; round < 50; ++round) {
    const Signpost writing;
    ChildProcess child([&] {
      const auto archive = AccountArchive::open(*folder_tree(folder.path()), "brand", false);
      if (!archive) return 1;
      for (i64 i = 0;; ++i) {
        (*archive)->keep(sample_page(i % 3 == 0 ? "members" : "lists", i,
                                     "{\"x\":\"" + std::string(static_cast<std::size_t>(i * 37 % 5000), 'x') + "\"}"));
        // However slow the machine is, something is durable before some of the kills; before others nothing need be.
        if (i == 3 && round % 2 == 0) (void)(*archive)->flush();
        if (i == 3) writing.reached();
        if (i % 20 == 19) (void)(*archive)->flush();
      }
    });
    writing.await();
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 20'000));
    child.kill_it();
    const auto archive = AccountArchive::open(*folder_tree(folder.path()), "brand", false);
    ASSERT_TRUE(archive) << archive.error().message << "; seed " << seed << ", round " << round;
    const std::vector<PageRecord> pages = pages_in(**archive);
    const i64 now = static_cast<i64>(pages.size());
    ASSERT_GE(now, before) << "seed " << seed;
    for (i64 i = 0; i < now; ++i) {
      const PageRecord& page = pages[static_cast<std::size_t>(i)];
      ASSERT_EQ(page.number, i + 1) << "seed " << seed << ", round " << round;
      ASSERT_TRUE(i < before || (*archive)->read_body(page)) << "page " << i + 1 << "; seed " << seed << ", round " << round;
    }
    before = now;
  }
  EXPECT_GT(before, 0);
}

TEST(Crash, AFullDiskStopsTheWriterAndNothingIsVouchedFor) {
  const TemporaryFolder folder;
  ChildProcess child([&folder] {
    limit_file_size(20'000);
    const auto archive = AccountArchive::open(*folder_tree(folder.path()), "brand", false);
    if (!archive) return 1;
    std::mt19937 random(1);
    std::string noise(60'000, 'x');
    for (char& c : noise) c = static_cast<char>('a' + random() % 26);
    (*archive)->keep(sample_page("members", 0, "{\"small\":1}"));
    if (!(*archive)->flush()) return 2;
    const i64 durable = (*archive)->durable();
    (*archive)->keep(sample_page("members", 1, "{\"large\":\"" + noise + "\"}"));
    (*archive)->keep(EndRecord{{"members", {"a/b"}, 0}, UnitState::complete, "", 2, 2, 2, 2, 1, false});
    const Result<void> flushed = (*archive)->flush();
    if (flushed || flushed.error().kind != ErrorKind::destination) return 3;
    if (flushed.error().message.find("raw/members/000001.ndjson.zst") == std::string::npos) return 4;
    if (!(*archive)->error() || (*archive)->durable() != durable) return 5;
    (*archive)->keep(FinishedEvent{{"members"}, "now"});
    return (*archive)->flush() ? 6 : 0;
  });
  EXPECT_EQ(child.wait(), 0);
  const auto archive = AccountArchive::open(*folder_tree(folder.path()), "brand", false);
  ASSERT_TRUE(archive) << archive.error().message;
  EXPECT_EQ(all_records(**archive).size(), 2U);
  (*archive)->keep(sample_page("members", 1, "{\"again\":1}"));
  ASSERT_TRUE((*archive)->flush());
  for (const PageRecord& page : pages_in(**archive)) EXPECT_TRUE((*archive)->read_body(page));
}

TEST(Crash, ASecondRunIsToldThatTheArchiveIsBusyUntilTheFirstDies) {
  const TemporaryFolder folder;
  const Signpost opened;
  ChildProcess holder([&] {
    const auto archive = AccountArchive::open(*folder_tree(folder.path()), "brand", false);
    if (!archive) return 1;
    opened.reached();
    pause();
    return 0;
  });
  opened.await();
  const auto second = AccountArchive::open(*folder_tree(folder.path()), "brand", false);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::busy);
  EXPECT_THAT(second.error().message, HasSubstr("brand"));
  EXPECT_TRUE(AccountArchive::open(*folder_tree(folder.path()), "other", false)) << "another account is free";
  EXPECT_TRUE(AccountArchive::open_to_read(*folder_tree(folder.path()), "brand")) << "reading takes no lock";
  holder.kill_it();
  const auto third = AccountArchive::open(*folder_tree(folder.path()), "brand", false);
  ASSERT_TRUE(third);
  EXPECT_EQ(AccountArchive::open(*folder_tree(folder.path()), "brand", false).error().kind, ErrorKind::busy) << "in the same process too";
}

/// A link to itself cannot be looked at, not even by root; a disk with a bad sector is the usual case.
TEST(Crash, WhatCannotBeLookedAtIsNotTakenForMissing) {
  const TemporaryFolder folder;
  const auto archive = folder_tree(folder.path());
  std::filesystem::create_directory(folder / "brand");
  for (const char* name : {"archive.json", "raw", "brand/ledger"}) std::filesystem::create_symlink(folder / name, folder / name);
  const auto is_destination = [](const auto& result) { return !result && result.error().kind == ErrorKind::destination; };
  EXPECT_TRUE(is_destination(archive->read("archive.json")));
  EXPECT_TRUE(is_destination(archive->read_range("archive.json", 0, 1)));
  EXPECT_TRUE(is_destination(archive->sha256_of("archive.json")));
  EXPECT_TRUE(is_destination(archive->size_of("archive.json")));
  EXPECT_TRUE(is_destination(archive->list("raw")));
  EXPECT_TRUE(is_destination(archive->below("brand")->open_ledger(LedgerPart::whole)));
  EXPECT_TRUE(is_destination(archive->below("archive.json")->folders()));
  EXPECT_TRUE(is_destination(AccountArchive::open(*archive, "brand", false)));
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "archive.json")) << "written over";
}

TEST(Crash, AFileThatCannotBeLookedAtIsNotLeftOutOfAList) {
  const TemporaryFolder folder;
  const auto archive = folder_tree(folder.path());
  std::filesystem::create_directory(folder / "files");
  ASSERT_TRUE(write_file(folder / "files/a", "a"));
  std::filesystem::create_symlink("gone", folder / "files/b");
  EXPECT_EQ(archive->list("files").value().size(), 1U) << "what a link to nothing leads to is not there";
  std::filesystem::create_symlink("c", folder / "files/c");
  const auto listed = archive->list("files");
  ASSERT_FALSE(listed);
  EXPECT_EQ(listed.error().kind, ErrorKind::destination);
}

}  // namespace
}  // namespace chimplift
