// What a journal in a folder has open, and in which order what it writes becomes durable. This program's own fdatasync() looks on.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <map>
#include <mutex>

#include "archive/folder_tree.hpp"
#include "archive/journal.hpp"
#include "archive/layout.hpp"
#include "archive/samples.hpp"
#include "support/temporary_folder.hpp"

namespace {

/// Of each file, its size when it was last synced.
std::map<std::string, chimplift::i64> synced;  // NOLINT
std::mutex synced_mutex;                       // NOLINT: other tests' archives have threads

std::string path_of_descriptor(int descriptor) {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(descriptor), ignored).string();
}

}  // namespace

extern "C" int fdatasync(int descriptor) {
  struct stat facts{};
  if (fstat(descriptor, &facts) == 0) {
    const std::lock_guard lock(synced_mutex);
    synced[path_of_descriptor(descriptor)] = facts.st_size;
  }
  return static_cast<int>(syscall(SYS_fdatasync, descriptor));
}

namespace chimplift {
namespace {

constexpr int kStreams = 84;
constexpr std::size_t kMostSegments = 16;

class FolderJournalTest : public testing::Test {
 protected:
  static std::string stream(int number) { return "stream_" + std::to_string(number); }
  [[nodiscard]] std::filesystem::path account() const { return std::filesystem::canonical(folder_.path()) / "brand"; }
  [[nodiscard]] std::size_t open_segments() const {
    std::size_t open = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
      std::error_code gone;
      open += std::filesystem::read_symlink(entry.path(), gone).string().starts_with((account() / "raw").string()) ? 1 : 0;
    }
    return open;
  }

  TemporaryFolder folder_;
};

/// Twelve accounts with one for each of their 84 streams had used up the 1,024 that a process may commonly have.
TEST_F(FolderJournalTest, FewSegmentsAreOpenHoweverManyStreamsThereAre) {
  const std::shared_ptr<Tree> tree = folder_tree(folder_.path());
  const auto body_of = [](int number, int round) { return R"({"page":)" + std::to_string(1000 * round + number) + "}"; };
  {
    const std::unique_ptr<AccountArchive> archive = *AccountArchive::open(*tree, "brand", false);
    for (int round = 0; round < 3; ++round) {
      for (int number = 0; number < kStreams; ++number) {
        archive->keep(sample_page(stream(number), round, body_of(number, round)));
        if (number % 3 != round) continue;
        ASSERT_TRUE(archive->flush());  // while nothing is written: what closes and opens meanwhile would count twice
        EXPECT_LE(open_segments(), kMostSegments);
      }
    }
    ASSERT_TRUE(archive->flush());
    EXPECT_EQ(open_segments(), kMostSegments);
  }
  const std::unique_ptr<AccountArchive> archive = *AccountArchive::open_to_read(*tree, "brand");
  const std::vector<PageRecord> pages = pages_in(*archive);
  ASSERT_EQ(pages.size(), 3U * kStreams);
  for (std::size_t i = 0; i < pages.size(); ++i) {
    EXPECT_EQ(pages[i].segment, segment_name(1));
    EXPECT_EQ(archive->read_body(pages[i]).value_or(""), body_of(static_cast<int>(i) % kStreams, static_cast<int>(i) / kStreams));
  }
}

/// A segment that was closed before the commit is one that the commit does not reach any more.
TEST_F(FolderJournalTest, WhatACommitNamesIsDurableWithTheSegmentsThatWereClosedBefore) {
  const std::unique_ptr<Journal> journal = *folder_tree(folder_.path())->below("brand")->open_journal("brand");
  ASSERT_TRUE(journal->begin({}));
  for (int commit = 0; commit < 3; ++commit) {
    for (int number = 0; number < kStreams; ++number) ASSERT_TRUE(journal->put_frame(stream(number), "frame " + std::to_string(number)));
    ASSERT_TRUE(journal->commit("{}\n"));
    const std::lock_guard lock(synced_mutex);
    for (int number = 0; number < kStreams; ++number) {
      const std::filesystem::path segment = account() / raw_path(stream(number), segment_name(1));
      EXPECT_EQ(synced[segment.string()], static_cast<i64>(std::filesystem::file_size(segment))) << segment;
    }
  }
}

}  // namespace
}  // namespace chimplift
