#include "base/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

namespace chimplift {
namespace {

constexpr mode_t kFileMode = 0600;
constexpr mode_t kFolderMode = 0700;

std::string advice_for(std::string_view what, int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return "Free some space, or name another place; then run the same command again: it goes on where it was.";
    case EACCES:
    case EPERM:
    case EROFS:
      return what == "read" || what == "look at" ? "Give this user the right to read there, or name another place."
                                                 : "Give this user the right to write there, or name another place.";
    case ENOENT:
      return "Check the path.";
    case ENOTDIR:
      return "That is a file, or lies below one: name another place.";
    case EISDIR:
      return "That is a folder and not a file: name another place.";
    case EBUSY:
      return "That is a folder, or in use: name another place.";
    default:
      return "";
  }
}

}  // namespace

Error file_error(std::string_view what, const std::filesystem::path& path, int error_number) {
  return Error{ErrorKind::destination, fmt::format("cannot {} {}: {}", what, path.string(), std::strerror(error_number)),
               advice_for(what, error_number)};
}

File::File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

File& File::operator=(File&& other) noexcept {
  if (this != &other) {
    if (descriptor_ >= 0) close(descriptor_);
    descriptor_ = std::exchange(other.descriptor_, -1);
    path_ = std::move(other.path_);
  }
  return *this;
}

File::~File() {
  if (descriptor_ >= 0) close(descriptor_);
}

Result<File> File::open_with(const std::filesystem::path& path, int flags) {
  File file;
  file.path_ = path;
  file.descriptor_ = ::open(path.c_str(), flags | O_CLOEXEC, kFileMode);
  if (file.descriptor_ < 0) return tl::unexpected(file_error(flags == O_RDONLY ? "read" : "open", path, errno));
  return file;
}

Result<File> File::open(const std::filesystem::path& path) { return open_with(path, O_RDONLY); }
Result<File> File::open_append(const std::filesystem::path& path) { return open_with(path, O_RDWR | O_CREAT | O_APPEND); }
Result<File> File::create(const std::filesystem::path& path) { return open_with(path, O_RDWR | O_CREAT | O_TRUNC); }

Result<void> File::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return tl::unexpected(file_error("write to", path_, errno));
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> File::sync() {
  if (fdatasync(descriptor_) != 0) return tl::unexpected(file_error("make durable", path_, errno));
  return {};
}

Result<void> File::truncate(i64 size) {
  if (ftruncate(descriptor_, size) != 0) return tl::unexpected(file_error("cut", path_, errno));
  return {};
}

Result<i64> File::size() const {
  struct stat facts{};
  if (fstat(descriptor_, &facts) != 0) return tl::unexpected(file_error("look at", path_, errno));
  return static_cast<i64>(facts.st_size);
}

Result<std::string> File::read(i64 offset, i64 size) const {
  std::string bytes(static_cast<std::size_t>(size), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = pread(descriptor_, bytes.data() + done, bytes.size() - done, offset + static_cast<i64>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return tl::unexpected(file_error("read", path_, errno));
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

Result<bool> File::try_lock() {
  if (flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return true;
  if (errno == EWOULDBLOCK) return false;
  return tl::unexpected(file_error("lock", path_, errno));
}

Result<std::string> read_file(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return tl::unexpected(file_error("read", path, errno));
  struct stat facts{};
  std::string bytes;
  std::size_t done = 0;
  // What has no size of its own (a pipe, all of /proc) says 0: the end is where nothing comes any more.
  ssize_t got = fstat(descriptor, &facts);
  if (got == 0) bytes.resize(static_cast<std::size_t>(facts.st_size) + 1);
  while (got >= 0) {
    if (done == bytes.size()) bytes.resize(bytes.size() + std::max<std::size_t>(bytes.size(), 4096));
    got = ::read(descriptor, bytes.data() + done, bytes.size() - done);
    if (got == 0) break;
    if (got > 0) done += static_cast<std::size_t>(got);
    if (got < 0 && errno == EINTR) got = 0;
  }
  const int error_number = errno;
  ::close(descriptor);
  if (got < 0) return tl::unexpected(file_error("read", path, error_number));
  bytes.resize(done);
  return bytes;
}

Result<void> write_file(const std::filesystem::path& path, std::string_view bytes) {
  const std::filesystem::path part = path.string() + ".part";
  const auto write = [&]() -> Result<void> {
    TRY_ASSIGN(File file, File::create(part));
    TRY(file.append(bytes));
    TRY(file.sync());
    return move_file(part, path);
  };
  Result<void> written = write();
  // What did not fit on the disk leaves its room to what is smaller.
  std::error_code ignored;
  if (!written) std::filesystem::remove(part, ignored);
  return written;
}

Result<void> move_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return tl::unexpected(file_error("move a file to", to, errno));
  return sync_folder(to.parent_path());
}

Result<void> make_folders(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> missing;
  for (std::filesystem::path at = folder; !at.empty(); at = at.parent_path()) {
    struct stat facts{};
    if (stat(at.c_str(), &facts) == 0) {
      if (!S_ISDIR(facts.st_mode)) return tl::unexpected(file_error("make the folder", at, ENOTDIR));
      break;
    }
    missing.push_back(at);
    if (at == at.parent_path()) break;
  }
  for (; !missing.empty(); missing.pop_back()) {
    const std::filesystem::path& next = missing.back();
    if (mkdir(next.c_str(), kFolderMode) != 0 && errno != EEXIST) return tl::unexpected(file_error("make the folder", next, errno));
    TRY(sync_folder(next.has_parent_path() ? next.parent_path() : "."));
  }
  return {};
}

Result<void> sync_folder(const std::filesystem::path& folder) {
  const std::filesystem::path named = folder.empty() ? "." : folder;
  const int descriptor = ::open(named.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return tl::unexpected(file_error("open the folder", named, errno));
  const int failed = fsync(descriptor);
  const int error_number = errno;
  close(descriptor);
  if (failed != 0 && error_number != EINVAL) return tl::unexpected(file_error("make durable the folder", named, error_number));
  return {};
}

}  // namespace chimplift
