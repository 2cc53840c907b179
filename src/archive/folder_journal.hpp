// An account's journal in a folder: segments and the ledger are files that grow, and are cut back to what the ledger vouches for after a
// crash. A few segments are open at a time, however many streams there are. Only folder_tree.cpp includes this.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "archive/journal.hpp"
#include "base/files.hpp"

namespace chimplift {

/// nullptr where the account's folder has no ledger.
Result<std::unique_ptr<LedgerCopy>> open_folder_ledger(const std::filesystem::path& account);
/// The lock goes with the process, however it dies. Error: busy.
Result<File> lock_folder(const std::filesystem::path& account, std::string_view account_name);
Result<std::unique_ptr<Journal>> open_folder_journal(const std::filesystem::path& account, std::string_view account_name);

}  // namespace chimplift
