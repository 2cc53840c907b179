// Where things are in an archive (docs/archive-format.md): names below the archive's root, and below an account's part of it.
#pragma once

#include <string>
#include <string_view>

#include "archive/tree.hpp"
#include "base/error.hpp"
#include "base/types.hpp"

namespace chimplift {

/// The version of the archive's format that this program writes; it reads this one and all before it.
inline constexpr int kArchiveVersion = 1;

/// A name from outside as a name in a folder: letters, digits, '.', '_' and '-' as they are, all else as %XX; never "." or "..", never
/// hidden, never longer than a file system takes. Different names stay different.
std::string safe_name(std::string_view name);

/// True for a name that chimplift may have given (safe_name): none that a list in sha256sum's form would have to escape.
bool is_plain_name(std::string_view name);

/// "png" from "photo.PNG" or from the path of an address: up to 8 letters and digits behind the last dot, lower case; "" where there is
/// none.
std::string extension_of(std::string_view name);

// Below an account's part of the archive.
inline constexpr std::string_view kRaw = "raw";
inline constexpr std::string_view kFiles = "files";
inline constexpr std::string_view kLedger = "ledger";
inline constexpr std::string_view kCertificate = "certificate.json";
inline constexpr std::string_view kCertificatePage = "certificate.html";
inline constexpr std::string_view kContentList = "content.sha256";
std::string raw_path(std::string_view stream, std::string_view segment);
/// Of a piece of the ledger, as it is on S3: "00000001.ndjson".
std::string ledger_piece_name(i64 number);
/// The number in such a name; 0 where it is none.
i64 ledger_piece_number(std::string_view name);
/// Of a file whose path below files/ is given.
std::string file_path(std::string_view path);

/// Makes the archive's archive.json, or checks the one that is there. Errors: archive for a newer version, a file that is not ours, or one
/// that is gone from accounts with pages; destination where there is no archive and none is to be made.
Result<void> open_archive_root(Tree& archive, bool may_create);

/// For an account whose ledger is gone or has no whole line. `ledger`: its name in messages. Error: archive, where there are pages: the
/// ledger was lost then. A new one would have them written over, and whoever reads would take the account for one that has nothing.
Result<void> check_ledger_is_not_lost(Tree& account, const std::string& ledger);

}  // namespace chimplift
