#include "archive/temporary_place.hpp"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <utility>

namespace chimplift {
namespace {

constexpr std::string_view kName = "chimplift-s3-";
constexpr const char* kLock = "lock";

bool is_ours(const std::filesystem::path& folder) {
  struct stat facts{};
  return lstat(folder.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode) && facts.st_uid == geteuid();
}

/// Folders whose lock nobody holds. One without a lock is being made, or is empty.
void remove_leftovers(const std::filesystem::path& all) {
  std::error_code failed;
  for (std::filesystem::directory_iterator at(all, failed); !failed && at != std::filesystem::directory_iterator(); at.increment(failed)) {
    const std::filesystem::path& folder = at->path();
    if (!folder.filename().string().starts_with(kName) || !is_ours(folder)) continue;
    Result<File> lock = File::open(folder / kLock);
    if (!lock || !lock->try_lock().value_or(false)) continue;
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
}

Error with_advice(Error error) {
  error.advice = "An archive on S3 needs a place for downloads that are under way: name a folder that can be written with TMPDIR.";
  return error;
}

}  // namespace

Result<TemporaryPlace> TemporaryPlace::make() {
  std::error_code failed;
  const std::filesystem::path all = std::filesystem::temp_directory_path(failed);
  if (!failed) remove_leftovers(all);
  std::string name = (all / kName).string() + "XXXXXX";
  if (failed || mkdtemp(name.data()) == nullptr)
    return tl::unexpected(with_advice(file_error("make a folder", name, failed ? failed.value() : errno)));
  TemporaryPlace place(name);
  // Locked before it has its name: whoever finds it free finds what a killed process left.
  Result<File> lock = File::create(place.path_ / "lock.new");
  if (!lock) return tl::unexpected(with_advice(std::move(lock).error()));
  if (Result<bool> locked = lock->try_lock(); !locked) return tl::unexpected(with_advice(std::move(locked).error()));
  std::filesystem::rename(lock->path(), place.path_ / kLock, failed);
  if (failed) return tl::unexpected(with_advice(file_error("rename", lock->path(), failed.value())));
  place.lock_ = std::move(*lock);
  return place;
}

TemporaryPlace& TemporaryPlace::operator=(TemporaryPlace&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(lock_, other.lock_);
  return *this;
}

TemporaryPlace::~TemporaryPlace() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace chimplift
