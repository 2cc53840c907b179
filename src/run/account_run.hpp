// The accounts of a run, each with its archive.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "archive/account_archive.hpp"
#include "run/settings.hpp"

namespace chimplift {

/// A certificate that gave way to a doubt, byte for byte: it is put back where a second look finds nothing.
struct SetAside {
  std::string json;
  std::string page;
  std::string instead;  // certificate.json as it was written in its place
};

/// An account of this run, its archive once that is open, and what stopped it.
struct AccountRun {
  const Account* account = nullptr;
  AccountProgress* progress = nullptr;
  std::unique_ptr<AccountArchive> archive;
  i64 ledger_before = 0;  // bytes of the ledger when this run opened it
  std::optional<Error> error;
  std::vector<RefreshEvent> doubts = {};                               // what is to be read once more, as the ledger will say
  std::vector<std::pair<FileRecord, std::string>> damaged_files = {};  // each with what is wrong with it
  std::optional<SetAside> set_aside = {};
  bool is_settled = false;               // it has an error, or nothing of it is to be read once more
  std::optional<bool> was_refresh = {};  // whether it was one before something was read once more
};

/// Opens each account's archive. One that cannot be opened gets its error, and the others go on.
std::vector<AccountRun> open_archives_to_pull(const Settings& settings);
std::vector<AccountRun> open_archives_to_read(const Settings& settings);
/// One account's archive, to be read. Error: usage, where the settings are a test run's and the archive is not.
Result<std::unique_ptr<AccountArchive>> open_to_read(const Settings& settings, const std::string& account_name);
/// As to read; where the source is asked, for this run alone: no other run has the account's ten requests meanwhile, and what is found goes
/// into the ledger.
std::vector<AccountRun> open_archives_to_verify(const Settings& settings);

}  // namespace chimplift
