// Where things are in an archive (docs/archive-format.md), and what keeps two runs and two versions apart.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/files.hpp"

namespace chimplift {

/// The version of the archive's format that this program writes; it reads this one and all before it.
inline constexpr int kArchiveVersion = 1;

/// A name from outside as a name in a folder: letters, digits, '.', '_' and '-' as they are, all else as %XX; never "." or "..", never
/// hidden, never longer than a file system takes. Different names stay different.
std::string safe_name(std::string_view name);

/// "png" from "photo.PNG" or from the path of an address: up to 8 letters and digits behind the last dot, lower case; "" where there is
/// none.
std::string extension_of(std::string_view name);

struct AccountLayout {
  std::filesystem::path root;  // <archive>/<account>

  AccountLayout(const std::filesystem::path& archive, std::string_view account_name) : root(archive / safe_name(account_name)) {}

  [[nodiscard]] std::filesystem::path raw(std::string_view stream) const { return root / "raw" / safe_name(stream); }
  [[nodiscard]] std::filesystem::path files() const { return root / "files"; }
  /// Where a file (its path below files()) can be read: "file:///…", percent-encoded. "" for the folder.
  [[nodiscard]] std::string uri_of(std::string_view file) const;
  [[nodiscard]] std::filesystem::path ledger() const { return root / "ledger" / "ledger.ndjson"; }
  [[nodiscard]] std::filesystem::path certificate() const { return root / "certificate.json"; }
  [[nodiscard]] std::filesystem::path certificate_page() const { return root / "certificate.html"; }
  [[nodiscard]] std::filesystem::path content_list() const { return root / "content.sha256"; }
  [[nodiscard]] std::filesystem::path lock() const { return root / "lock"; }
};

/// Makes the archive's folder and its archive.json, or checks the one that is there. Errors: archive for a newer version or a file that is
/// not ours.
Result<void> open_archive_folder(const std::filesystem::path& archive, bool may_create);

/// Held as long as the value lives; the system lets go of it when the process dies, however it dies. Error: busy.
Result<File> lock_account(const AccountLayout& layout, std::string_view account_name);

}  // namespace chimplift
