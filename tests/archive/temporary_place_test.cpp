// The folder that an archive on S3 needs on this machine, and what a killed process leaves of it.
#include "archive/temporary_place.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <iterator>

#include "support/temporary_folder.hpp"

namespace chimplift {
namespace {

class TemporaryPlaceTest : public testing::Test {
 protected:
  TemporaryPlaceTest() {
    if (const char* set = getenv("TMPDIR")) before = set;
    setenv("TMPDIR", folder.path().c_str(), 1);
  }
  ~TemporaryPlaceTest() override { before.empty() ? unsetenv("TMPDIR") : setenv("TMPDIR", before.c_str(), 1); }
  TemporaryPlaceTest(const TemporaryPlaceTest&) = delete;
  TemporaryPlaceTest& operator=(const TemporaryPlaceTest&) = delete;

  [[nodiscard]] i64 folders() const { return std::distance(std::filesystem::directory_iterator(folder.path()), {}); }

  std::string before;
  TemporaryFolder folder;
};

TEST_F(TemporaryPlaceTest, GoesWithItsContent) {
  {
    const TemporaryPlace one = *TemporaryPlace::make();
    const TemporaryPlace two = *TemporaryPlace::make();
    EXPECT_TRUE(write_file(two.path() / "page", "bytes"));
    EXPECT_EQ(folders(), 2) << "the second leaves the first alone";
  }
  EXPECT_EQ(folders(), 0);
}

TEST_F(TemporaryPlaceTest, OfAKilledProcessIsRemovedByTheNext) {
  const TemporaryPlace living = *TemporaryPlace::make();
  const pid_t child = fork();
  if (child == 0) {
    const Result<TemporaryPlace> place = TemporaryPlace::make();
    if (place && write_file(place->path() / "ledger.ndjson", "lines")) raise(SIGKILL);
    _exit(1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  ASSERT_EQ(folders(), 2);
  std::filesystem::create_directory(folder / "chimplift-s3-strange");  // without a lock: being made, or nobody knows
  const TemporaryPlace next = *TemporaryPlace::make();
  EXPECT_EQ(folders(), 3);
  EXPECT_TRUE(std::filesystem::exists(living.path()));
}

TEST_F(TemporaryPlaceTest, SaysWhatToDoWhereItCannotBe) {
  setenv("TMPDIR", (folder / "none").c_str(), 1);
  const Result<TemporaryPlace> place = TemporaryPlace::make();
  ASSERT_FALSE(place);
  EXPECT_NE(place.error().advice.find("TMPDIR"), std::string::npos);
  EXPECT_TRUE(place.error().message.starts_with("cannot make a folder ")) << place.error().message;
}

}  // namespace
}  // namespace chimplift
