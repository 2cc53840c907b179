#include "base/files.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <random>
#include <thread>

#include "support/chance.hpp"
#include "support/child_process.hpp"
#include "support/temporary_folder.hpp"

namespace chimplift {
namespace {

using testing::HasSubstr;

mode_t mode_of(const std::filesystem::path& path) {
  struct stat facts{};
  EXPECT_EQ(stat(path.c_str(), &facts), 0) << path;
  return facts.st_mode & 07777U;
}

/// `--accounts <(pass show mailchimp)` names a pipe.
TEST(Files, AreReadToTheirEndWhateverSizeTheySayTheyHave) {
  EXPECT_THAT(read_file("/proc/self/stat").value_or(""), HasSubstr(std::to_string(getpid())));
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const std::string text(60'000, 'x');  // no more than a pipe holds
  ASSERT_EQ(write(ends[1], text.data(), text.size()), 60'000);
  close(ends[1]);
  EXPECT_EQ(read_file("/dev/fd/" + std::to_string(ends[0])).value_or(""), text);
  close(ends[0]);
  const TemporaryFolder folder;
  for (const std::size_t size : {0U, 1U, 4096U, 100'000U}) {
    ASSERT_TRUE(write_file(folder / "a", std::string(size, 'y')));
    EXPECT_EQ(read_file(folder / "a").value_or("none"), std::string(size, 'y'));
  }
}

TEST(Files, AreTheOwnersAloneUnderAnyUmask) {
  const TemporaryFolder folder;
  for (const mode_t mask : {0U, 022U, 077U}) {
    const mode_t before = umask(mask);
    const std::filesystem::path deep = folder / std::to_string(mask) / "b" / "c";
    ASSERT_TRUE(make_folders(deep));
    ASSERT_TRUE(write_file(deep / "written", "x"));
    ASSERT_TRUE(File::create(deep / "created"));
    ASSERT_TRUE(File::open_append(deep / "appended"));
    umask(before);
    for (const char* name : {"written", "created", "appended"}) EXPECT_EQ(mode_of(deep / name), 0600U) << name;
    for (std::filesystem::path at = deep; at != folder.path(); at = at.parent_path()) EXPECT_EQ(mode_of(at), 0700U) << at;
  }
}

TEST(Files, AppendReadTruncateAndSize) {
  const TemporaryFolder folder;
  Result<File> file = File::open_append(folder / "a");
  ASSERT_TRUE(file);
  const std::string bytes("one\0two\n", 8);
  ASSERT_TRUE(file->append(bytes));
  ASSERT_TRUE(file->append(""));
  ASSERT_TRUE(file->sync());
  EXPECT_EQ(file->size(), 8);
  EXPECT_EQ(file->read(4, 3), "two");
  EXPECT_EQ(file->read(6, 100), "o\n");
  EXPECT_EQ(file->read(100, 5), "");
  ASSERT_TRUE(file->truncate(3));
  ASSERT_TRUE(file->append("!"));
  EXPECT_EQ(read_file(folder / "a"), "one!");
  const File moved = std::move(*file);
  EXPECT_TRUE(moved.is_open());
  EXPECT_EQ(moved.read(0, 3), "one");
}

TEST(Files, ErrorsAreOfTheDestinationAndNameThePath) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder / "file", "x"));
  const auto expect = [](const auto& result, const std::string& path, const std::string& why) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::destination);
    EXPECT_THAT(result.error().message, HasSubstr(path));
    EXPECT_THAT(result.error().message, HasSubstr(why));
  };
  expect(read_file(folder / "none"), (folder / "none").string(), "No such file");
  expect(write_file(folder / "none" / "x", "x"), (folder / "none" / "x").string(), "No such file");
  expect(make_folders(folder / "file" / "x"), (folder / "file").string(), "Not a directory");
  expect(move_file(folder / "none", folder / "to"), (folder / "to").string(), "No such file");
  expect(sync_folder(folder / "none"), (folder / "none").string(), "No such file");
  expect(read_file(folder.path()), folder.path().string(), "Is a directory");
}

TEST(Files, MakeFoldersIsFineWithWhatIsThere) {
  const TemporaryFolder folder;
  EXPECT_TRUE(make_folders(folder / "a/b/"));
  EXPECT_TRUE(make_folders(folder / "a/b"));
  EXPECT_TRUE(std::filesystem::is_directory(folder / "a/b"));
}

// A full disk, as far as write(2) can tell: part of the bytes, then none.
TEST(Files, AFullDiskIsAnErrorAndLeavesTheOldFile) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder / "file";
  ASSERT_TRUE(write_file(path, "old"));
  ChildProcess child([&path] {
    limit_file_size(1000);
    const Result<void> written = write_file(path, std::string(5000, 'x'));
    if (written) return 1;
    if (written.error().kind != ErrorKind::destination) return 2;
    return written.error().message.find(path.string()) == std::string::npos ? 3 : 0;
  });
  EXPECT_EQ(child.wait(), 0);
  EXPECT_EQ(read_file(path), "old");
}

TEST(Files, AFullDiskComesWithAdvice) {
  const Error error = file_error("write to", "/x/y", ENOSPC);
  EXPECT_EQ(error.message, "cannot write to /x/y: No space left on device");
  EXPECT_THAT(error.advice, HasSubstr("Free some space"));
}

TEST(Files, AFileInAFoldersPlaceAndTheReverseComeWithAdvice) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder / "file", "x"));
  for (const std::filesystem::path& place : {folder / "file", folder / "file" / "below"}) {
    const Result<void> made = make_folders(place);
    ASSERT_FALSE(made);
    EXPECT_THAT(made.error().advice, HasSubstr("That is a file"));
  }
  ASSERT_TRUE(make_folders(folder / "folder"));
  const Result<void> written = write_file(folder / "folder", "x");
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().advice, HasSubstr("That is a folder"));
  EXPECT_THAT(file_error("move a file to", ".", EBUSY).advice, HasSubstr("name another place"));
}

TEST(Files, WhatCannotBeReadComesWithAdviceAboutReading) {
  for (const char* what : {"read", "look at"}) EXPECT_THAT(file_error(what, "/x/y", EACCES).advice, HasSubstr("right to read there"));
  for (const char* what : {"open", "write to", "make the folder"})
    EXPECT_THAT(file_error(what, "/x/y", EACCES).advice, HasSubstr("right to write there"));
  // Opened for reading, it is read that fails.
  const TemporaryFolder folder;
  for (const Result<void>& failed :
       {File::open(folder / "none").map([](const File&) {}), read_file(folder / "none").map([](const std::string&) {})}) {
    ASSERT_FALSE(failed);
    EXPECT_THAT(failed.error().message, HasSubstr("cannot read"));
  }
}

TEST(Files, WriteFileGivesTheOldOrTheNewBytesHoweverItIsKilled) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder / "file";
  const std::string old_bytes(200'000, 'o');
  const std::string new_bytes(300'000, 'n');
  ASSERT_TRUE(write_file(path, old_bytes));
  const u64 seed = chosen_seed();
  SCOPED_TRACE("CHIMPLIFT_TEST_SEED=" + std::to_string(seed));
  std::mt19937 random(static_cast<unsigned>(seed));
  for (int i = 0; i < 30; ++i) {
    const Signpost started;
    ChildProcess child([&] {
      started.reached();
      while (write_file(path, new_bytes) && write_file(path, old_bytes)) {
      }
      return 1;
    });
    started.await();
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 5000));
    child.kill_it();
    const Result<std::string> bytes = read_file(path);
    ASSERT_TRUE(bytes);
    ASSERT_TRUE(*bytes == old_bytes || *bytes == new_bytes) << bytes->size() << " bytes";
  }
}

TEST(Files, ALockKeepsOtherProcessesOutUntilItsHolderDies) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder / "lock";
  const auto can_lock = [&path] {
    Result<File> file = File::open_append(path);
    return file && file->try_lock() == true;
  };
  const Signpost locked;
  ChildProcess holder([&] {
    Result<File> file = File::open_append(path);
    if (!file || file->try_lock() != true) return 1;
    locked.reached();
    pause();
    return 0;
  });
  locked.await();
  EXPECT_FALSE(can_lock());
  holder.kill_it();
  EXPECT_TRUE(can_lock());
  EXPECT_TRUE(can_lock()) << "the value that held it is gone";
}

}  // namespace
}  // namespace chimplift
