#include "sync/content.hpp"

#include <algorithm>
#include <array>

#include "base/files.hpp"
#include "base/hash.hpp"

namespace chimplift {
namespace {

constexpr std::array<const char*, 3> kFolders = {"raw", "files", "ledger"};

/// True for a name that chimplift may have written (safe_name): none that a list in sha256sum's form would have to escape.
bool is_ours(const std::string& name) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.%~";
  return !name.starts_with('.') && name.find_first_not_of(kPlain) == std::string::npos;
}

/// Size by path below the account's folder, in the order of the paths' bytes.
Result<std::map<std::string, i64>> files_of(const AccountLayout& layout) {
  std::map<std::string, i64> files;
  for (const char* folder : kFolders) {
    std::error_code failed;
    if (!std::filesystem::exists(layout.root / folder, failed)) continue;
    for (std::filesystem::recursive_directory_iterator it(layout.root / folder, failed), end; !failed && it != end; it.increment(failed)) {
      if (!is_ours(it->path().filename().string())) {
        it.disable_recursion_pending();
        continue;
      }
      if (!it->is_regular_file(failed)) continue;
      files[it->path().lexically_relative(layout.root).generic_string()] = static_cast<i64>(it->file_size(failed));
    }
    if (failed) return tl::unexpected(file_error("cannot read", layout.root / folder, failed.value()));
  }
  return files;
}

}  // namespace

Result<std::string> sha256_of_file(const std::filesystem::path& path) {
  constexpr i64 kPiece = 1 << 20;
  TRY_ASSIGN(const File file, File::open(path));
  TRY_ASSIGN(const i64 size, file.size());
  Sha256 hash;
  for (i64 at = 0; at < size; at += kPiece) {
    TRY_ASSIGN(const std::string bytes, file.read(at, kPiece));
    hash.update(bytes);
  }
  return hash.hex();
}

Result<ContentList> list_content(const AccountLayout& layout, const KnownSums& known) {
  ContentList list;
  TRY_ASSIGN(const auto files, files_of(layout));
  for (const auto& [path, size] : files) {
    const auto found = known.find(path);
    std::string sum;
    if (found != known.end()) {
      sum = found->second;
    } else {
      TRY_ASSIGN(sum, sha256_of_file(layout.root / path));
    }
    list.text.append(sum).append("  ").append(path).append("\n");
    ++list.sum.files;
    list.sum.bytes += size;
  }
  list.sum.sha256 = sha256_hex(list.text);
  return list;
}

}  // namespace chimplift
