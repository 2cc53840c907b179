#include "archive/folder_tree.hpp"

#include <fmt/format.h>
#include <sys/statvfs.h>

#include <algorithm>

#include "archive/folder_journal.hpp"
#include "archive/layout.hpp"
#include "base/file_presence.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"

namespace chimplift {
namespace {

namespace fs = std::filesystem;

class FolderTree final : public Tree {
 public:
  explicit FolderTree(fs::path root) : root_(std::move(root)) {}

  [[nodiscard]] std::string name_of(std::string_view path) const override { return place(path).string(); }

  [[nodiscard]] std::string uri_of(std::string_view path) const override {
    std::error_code ignored;
    const fs::path whole = fs::absolute(place(path), ignored).lexically_normal();
    std::string uri = "file://";
    for (const fs::path& part : whole.relative_path()) uri.append("/").append(percent_encode(part.native()));
    return uri;
  }

  [[nodiscard]] std::unique_ptr<Tree> below(std::string_view folder) const override { return std::make_unique<FolderTree>(place(folder)); }

  Result<std::optional<std::string>> read(const std::string& path) override {
    TRY_ASSIGN(const bool is_there, is_file_there(place(path)));
    if (!is_there) return std::optional<std::string>();
    TRY_ASSIGN(std::string bytes, read_file(place(path)));
    return std::optional(std::move(bytes));
  }

  Result<std::optional<std::string>> read_range(const std::string& path, i64 at, i64 size) override {
    TRY_ASSIGN(const bool is_there, is_file_there(place(path)));
    if (!is_there) return std::optional<std::string>();
    TRY_ASSIGN(const File file, File::open(place(path)));
    TRY_ASSIGN(std::string bytes, file.read(at, size));
    return std::optional(std::move(bytes));
  }

  Result<std::optional<i64>> size_of(const std::string& path) override {
    TRY_ASSIGN(const bool is_there, is_file_there(place(path)));
    std::error_code failed;
    if (!is_there || fs::is_directory(place(path), failed)) return std::optional<i64>();
    const std::uintmax_t size = fs::file_size(place(path), failed);
    if (failed) return tl::unexpected(file_error("look at", place(path), failed.value()));
    return std::optional(static_cast<i64>(size));
  }

  Result<std::optional<std::string>> sha256_of(const std::string& path) override {
    TRY_ASSIGN(const bool is_there, is_file_there(place(path)));
    if (!is_there) return std::optional<std::string>();
    constexpr i64 kPiece = 1 << 20;
    TRY_ASSIGN(const File file, File::open(place(path)));
    TRY_ASSIGN(const i64 size, file.size());
    Sha256 hash;
    for (i64 at = 0; at < size; at += kPiece) {
      TRY_ASSIGN(const std::string bytes, file.read(at, kPiece));
      hash.update(bytes);
    }
    return std::optional(hash.hex());
  }

  Result<std::map<std::string, i64>> list(const std::string& folder) override {
    std::map<std::string, i64> files;
    TRY_ASSIGN(const bool is_there, is_file_there(root_ / folder));
    if (!is_there) return files;
    std::error_code failed;
    for (fs::recursive_directory_iterator it(root_ / folder, failed), end; !failed && it != end; it.increment(failed)) {
      if (!is_plain_name(it->path().filename().string())) {
        it.disable_recursion_pending();
        continue;
      }
      const bool is_file = it->is_regular_file(failed);
      if (!failed && is_file) files[it->path().lexically_relative(root_).generic_string()] = static_cast<i64>(it->file_size(failed));
      if (failed == std::errc::no_such_file_or_directory) failed.clear();  // somebody removed it, or it is a link to nothing
      if (failed) break;                                                   // before the next step forgets it
    }
    if (failed) return tl::unexpected(file_error("read", root_ / folder, failed.value()));
    return files;
  }

  Result<std::vector<std::string>> folders() override {
    std::vector<std::string> names;
    TRY_ASSIGN(const bool is_there, is_file_there(root_));
    if (!is_there) return names;
    std::error_code failed;
    for (fs::directory_iterator it(root_, failed), end; !failed && it != end; it.increment(failed)) {
      std::error_code unknown;
      if (it->is_directory(unknown)) names.push_back(it->path().filename().string());
      if (unknown && unknown != std::errc::no_such_file_or_directory)
        return tl::unexpected(file_error("look at", it->path(), unknown.value()));
    }
    if (failed) return tl::unexpected(file_error("read", root_, failed.value()));
    std::sort(names.begin(), names.end());
    return names;
  }

  Result<void> write(const std::string& path, std::string_view bytes) override {
    TRY(make_folders(place(path).parent_path()));
    return write_file(place(path), bytes);
  }

  Result<std::unique_ptr<LedgerCopy>> open_ledger(LedgerPart) override { return open_folder_ledger(root_); }
  Result<std::unique_ptr<Journal>> open_journal(std::string_view account_name) override { return open_folder_journal(root_, account_name); }
  Result<std::shared_ptr<void>> lock(std::string_view account_name) override {
    TRY_ASSIGN(File lock, lock_folder(root_, account_name));
    return std::make_shared<File>(std::move(lock));
  }
  Result<void> rename_to(const std::string& name) override { return move_file(root_, root_.parent_path() / name); }

  Result<std::string> try_writing() override {
    const fs::path trial = root_ / "doctor.trial";
    TRY(write_file(trial, "chimplift doctor\n"));
    std::error_code ignored;
    fs::remove(trial, ignored);
    struct statvfs space{};
    if (statvfs(root_.c_str(), &space) != 0) return std::string();
    return format_bytes(static_cast<i64>(space.f_bavail) * static_cast<i64>(space.f_frsize)) + " free";
  }

 private:
  [[nodiscard]] fs::path place(std::string_view path) const { return path.empty() ? root_ : root_ / path; }

  fs::path root_;
};

}  // namespace

std::shared_ptr<Tree> folder_tree(const std::filesystem::path& root) { return std::make_shared<FolderTree>(root); }

}  // namespace chimplift
