#include "archive/s3_lease.hpp"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "archive/place.hpp"
#include "archive/samples.hpp"
#include "base/log.hpp"

namespace chimplift {
namespace {

constexpr const char* kLock = "brand/lock";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << text;
  return text.replace(at, from.size(), to);
}

constexpr i64 kShortLease = 300;

void glance() { std::this_thread::sleep_for(std::chrono::milliseconds(10)); }

/// What a flush says once the lock is lost.
Error loss_of_the_lock(AccountArchive& archive) {
  while (true) {
    archive.keep(sample_page("members", 0, "{\"a\":1}"));
    if (const Result<void> flushed = archive.flush(); !flushed) return flushed.error();
    glance();
  }
}

/// The answer to a renewal may be lost, though the lock was written.
TEST(S3Lease, ALockThatThisRunWroteIsNotLostWhenTheAnswerWas) {
  S3TestPlace place(kShortLease);
  const auto archive = value_of_result(AccountArchive::open(*place.tree(), "brand", false));
  for (int times = 0; times < 3; ++times) {
    const std::string renewed = replaced(place.bytes(kLock).value(), "\"renewals\": ", "\"renewals\": 9");
    place.put(kLock, renewed);
    while (place.bytes(kLock) == renewed) glance();
  }
  archive->keep(sample_page("members", 0, "{\"a\":1}"));
  EXPECT_TRUE(archive->flush());
}

TEST(S3Lease, ALockThatAnotherRunTookIsLost) {
  S3TestPlace place(kShortLease);
  const auto archive = value_of_result(AccountArchive::open(*place.tree(), "brand", false));
  const std::string taken = replaced(place.bytes(kLock).value(), "\"run\": \"", "\"run\": \"another");
  place.put(kLock, taken);
  EXPECT_EQ(loss_of_the_lock(*archive).kind, ErrorKind::busy);
  EXPECT_EQ(place.bytes(kLock), taken);
}

FileToKeep picture(const std::string& bytes) {
  FileRecord record;
  record.kind = "stored_files";
  record.id = "1";
  record.path = "stored_files/1.png";
  record.outcome = FileOutcome::fetched;
  return {record, bytes, {}};
}

// A run that was stopped for longer than its lease goes on without knowing: what the other wrote and vouches for is not to be replaced.
TEST(S3Lease, ARunThatWasStoppedDoesNotWriteOverTheFilesOfTheOneThatTookOver) {
  S3TestPlace place;  // a lease so long that nothing but the write itself finds out
  const auto archive = value_of_result(AccountArchive::open(*place.tree(), "brand", false));
  archive->keep(picture("old"));
  ASSERT_TRUE(archive->flush());
  archive->keep(picture("changed"));
  ASSERT_TRUE(archive->flush()) << "its own it may replace";
  ASSERT_EQ(place.bytes("brand/files/stored_files/1.png"), "changed");
  place.put(kLock, replaced(place.bytes(kLock).value(), "\"run\": \"", "\"run\": \"another"));
  place.put("brand/files/stored_files/1.png", "the other's");
  archive->keep(picture("late"));
  const Result<void> flushed = archive->flush();
  ASSERT_FALSE(flushed);
  EXPECT_EQ(flushed.error().kind, ErrorKind::busy);
  EXPECT_EQ(place.bytes("brand/files/stored_files/1.png"), "the other's");
}

/// Where this cannot be read, nobody is to be taken for dead: all such machines would look the same.
TEST(S3Lease, APlaceThatCannotBeKnownIsNone) {
  EXPECT_NE(place_of_processes(), "");
  const TemporaryFolder folder;
  EXPECT_EQ(place_of_processes(folder.path()), "");
  std::filesystem::create_directories(folder / "self/ns");
  std::filesystem::create_symlink("pid:[4026531836]", folder / "self/ns/pid");
  EXPECT_EQ(place_of_processes(folder.path()), "");
  std::filesystem::create_directories(folder / "sys/kernel/random");
  ASSERT_TRUE(write_file(folder / "sys/kernel/random/boot_id", "f6f0\n"));
  EXPECT_EQ(place_of_processes(folder.path()), "f6f0 pid:[4026531836]");
}

/// The lock of a run that was killed, as the next run on this machine finds it.
Result<std::unique_ptr<AccountArchive>> opened_behind(S3TestPlace& place, i64 process, const std::string& started) {
  set_up_log(LogLevel::info, LogFormat::text);
  value_of_result(AccountArchive::open(*place.tree(), "brand", false)).reset();
  std::string text = replaced(place.bytes(kLock).value(), "\"held\": false", "\"held\": true");
  text = replaced(text, "\"process\": " + std::to_string(getpid()), "\"process\": " + std::to_string(process));
  const std::string field = "\"started\": \"";
  const std::size_t at = text.find(field) + field.size();
  text.replace(at, text.find('"', at) - at, started);
  place.put(kLock, text);
  return AccountArchive::open(*place.tree(), "brand", false);
}

TEST(S3Lease, WhatARunOnThisMachineLeftWhenItWasKilledIsTakenOverAtOnce) {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  waitpid(child, nullptr, 0);
  for (const auto& [process, started] : {std::pair<i64, std::string>{child, "123"}, {getpid(), "123"}}) {
    S3TestPlace place;
    testing::internal::CaptureStderr();
    EXPECT_TRUE(opened_behind(place, process, started));
    // Who waits says so.
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "") << process;
  }
}

/// Nobody renews it, whatever it says: it is waited for once, and not a reason to crash.
TEST(S3Lease, WhatIsNoLockOfOursIsWaitedForAndTakenOver) {
  set_up_log(LogLevel::info, LogFormat::text);
  for (const char* text : {R"({"held":"no","run":7})", R"({"held":false,"process":"1"})", R"({"held":false,"since":{"a":1}})",
                           R"({"held":false,"host":null})", "[]", "\"held\"", "no JSON", ""}) {
    S3TestPlace place(kShortLease);
    value_of_result(AccountArchive::open(*place.tree(), "brand", false)).reset();
    place.put(kLock, text);
    testing::internal::CaptureStderr();
    EXPECT_TRUE(AccountArchive::open(*place.tree(), "brand", false)) << text;
    EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::HasSubstr("is taken over")) << text;
  }
}

/// The thread that renews it finds that.
TEST(S3Lease, ALockThatSomethingElseWroteOverIsLost) {
  S3TestPlace place(kShortLease);
  const auto archive = value_of_result(AccountArchive::open(*place.tree(), "brand", false));
  const std::string foreign = R"({"held":"yes","run":7})";
  place.put(kLock, foreign);
  EXPECT_EQ(loss_of_the_lock(*archive).kind, ErrorKind::busy);
  EXPECT_EQ(place.bytes(kLock), foreign);
}

TEST(S3Lease, WhereNobodyKnowsWhenItsProcessBeganItsHolderIsWaitedFor) {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  waitpid(child, nullptr, 0);
  S3TestPlace place(kShortLease);
  testing::internal::CaptureStderr();
  EXPECT_TRUE(opened_behind(place, child, ""));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::HasSubstr("is taken over"));
}

}  // namespace
}  // namespace chimplift
