#include "cli/file_limit.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace chimplift {
namespace {

TEST(FileLimit, IsAllThatTheSystemLetsTheProcessHave) {
  const pid_t child = fork();
  if (child == 0) {
    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    before.rlim_cur = 32;
    setrlimit(RLIMIT_NOFILE, &before);
    raise_file_limit();
    rlimit after{};
    getrlimit(RLIMIT_NOFILE, &after);
    _exit(after.rlim_cur == before.rlim_max && after.rlim_max == before.rlim_max ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

}  // namespace
}  // namespace chimplift
