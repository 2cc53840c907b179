// Files, with the durability that the archive's promises stand on. All paths that chimplift makes are the owner's alone: files 0600,
// folders 0700, under any umask. Errors are of kind destination and name the path and what to do.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/types.hpp"

namespace chimplift {

/// The error for a failed call on a path, from errno: "cannot write /x/y: No space left on device" with advice. Of "read" and "look at" it
/// is about reading, of all else about writing.
Error file_error(std::string_view what, const std::filesystem::path& path, int error_number);

/// An open file; closed when it goes. Not thread-safe.
class File {
 public:
  File() = default;
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File();

  /// Opens for reading.
  static Result<File> open(const std::filesystem::path& path);
  /// Opens for writing at the end, and reading; makes the file where it is missing.
  static Result<File> open_append(const std::filesystem::path& path);
  /// Makes an empty file for writing; an existing one is emptied.
  static Result<File> create(const std::filesystem::path& path);

  Result<void> append(std::string_view bytes);
  /// Returns when the bytes are on the disk.
  Result<void> sync();
  Result<void> truncate(i64 size);
  [[nodiscard]] Result<i64> size() const;
  /// Reads `size` bytes at `offset`; fewer only at the end of the file.
  [[nodiscard]] Result<std::string> read(i64 offset, i64 size) const;
  /// Takes the lock that goes with the process; false where another process has it.
  Result<bool> try_lock();
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }

 private:
  static Result<File> open_with(const std::filesystem::path& path, int flags);
  int descriptor_ = -1;
  std::filesystem::path path_;
};

Result<std::string> read_file(const std::filesystem::path& path);

/// The file has the new bytes or the old, whatever happens, and the new ones are durable on return.
Result<void> write_file(const std::filesystem::path& path, std::string_view bytes);

/// Gives a complete, synced file its name, durably.
Result<void> move_file(const std::filesystem::path& from, const std::filesystem::path& to);

/// Makes the folder and those above it, durably.
Result<void> make_folders(const std::filesystem::path& folder);

/// Makes the names in a folder durable.
Result<void> sync_folder(const std::filesystem::path& folder);

}  // namespace chimplift
