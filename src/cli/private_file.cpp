#include "cli/private_file.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace chimplift {

Result<void> expect_private(const std::string& name) {
  struct stat info{};
  if (::stat(name.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return {};  // reading it says what is wrong; a pipe is nobody else's
  constexpr mode_t kOthers = S_IRWXG | S_IRWXO;
  if (info.st_uid != geteuid() || (info.st_mode & kOthers) == 0) return {};
  struct statvfs mounted{};
  if (::statvfs(name.c_str(), &mounted) == 0 && (mounted.f_flag & ST_RDONLY) != 0) return {};
  return fail(ErrorKind::usage, fmt::format("{} holds keys, and other users of this machine may read or change it", name),
              fmt::format("Make it yours alone: chmod 600 {}", name));
}

}  // namespace chimplift
