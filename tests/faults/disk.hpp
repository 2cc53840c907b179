// The disk after a loss of power: what was in a folder, what the shim wrote down of what was done to it, and what of that had been made
// durable. A file's bytes are durable when the file was synced behind them; a name (of a file that was made, moved or removed) when its
// folder was. Of all else any part may be lost.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sync/e2e.hpp"

namespace chimplift::faults {

class Disk {
 public:
  /// What is in the folder now is durable.
  explicit Disk(const std::filesystem::path& folder);

  /// What was done to it since. Throws std::runtime_error where the log does not fit the folder.
  void replay(const std::filesystem::path& log);

  enum class Kept {
    all,   // as after a kill
    none,  // nothing that was not made durable
    some,  // of each file any of its writes, one of them torn; of each folder its first changes
  };
  /// Puts in the folder's place what is left.
  void leave(const std::filesystem::path& folder, Kept kept, e2e::Chance& chance) const;

 private:
  /// A write, or (without bytes) a cut.
  struct Change {
    i64 at = 0;
    std::optional<std::string> bytes;
  };
  struct Bytes {
    std::string durable, now;
    std::vector<Change> pending;
  };
  struct Folder;
  struct Thing {
    std::shared_ptr<Bytes> file;
    std::shared_ptr<Folder> folder;
  };
  struct Folder {
    std::map<std::string, Thing> durable, now;
    std::vector<std::pair<std::string, std::optional<Thing>>> pending;
  };

  static std::shared_ptr<Folder> read(const std::filesystem::path& folder);
  static void apply(std::string& bytes, const Change& change);
  static void set(Folder& folder, const std::string& name, std::optional<Thing> thing);
  static std::string left_of(const Bytes& file, Kept kept, e2e::Chance& chance);
  static void leave(const Folder& folder, const std::filesystem::path& at, Kept kept, e2e::Chance& chance);
  [[nodiscard]] std::shared_ptr<Folder> folder_at(const std::string& path) const;
  [[nodiscard]] Thing thing_at(const std::string& path) const;
  void place(const std::string& path, std::optional<Thing> thing);
  void change(i64 number, Change change);

  std::shared_ptr<Folder> root_;
  std::map<i64, std::shared_ptr<Bytes>> files_;  // by the shim's numbers
};

}  // namespace chimplift::faults
