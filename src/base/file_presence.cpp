#include "base/file_presence.hpp"

#include <sys/stat.h>

#include <cerrno>

#include "base/files.hpp"

namespace chimplift {

Result<bool> is_file_there(const std::filesystem::path& path) {
  struct stat facts{};
  if (stat(path.c_str(), &facts) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  return tl::unexpected(file_error("look at", path, errno));
}

}  // namespace chimplift
