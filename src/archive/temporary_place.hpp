// A folder of this process's own in the system's place for such (TMPDIR), for what an archive on S3 needs on this machine.
#pragma once

#include <filesystem>
#include <utility>

#include "base/files.hpp"

namespace chimplift {

/// Removed with its contents when this object is destroyed. What a killed process left is removed when the next one makes its own.
class TemporaryPlace {
 public:
  /// Error: the folder's, with what to do about it.
  static Result<TemporaryPlace> make();
  TemporaryPlace(TemporaryPlace&& other) noexcept : path_(std::exchange(other.path_, {})), lock_(std::move(other.lock_)) {}
  TemporaryPlace& operator=(TemporaryPlace&& other) noexcept;
  TemporaryPlace(const TemporaryPlace&) = delete;
  TemporaryPlace& operator=(const TemporaryPlace&) = delete;
  ~TemporaryPlace();
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  explicit TemporaryPlace(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
  File lock_;  // held as long as the process lives
};

}  // namespace chimplift
