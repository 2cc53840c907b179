// Pulling all accounts side by side, each with its own ten slots.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "archive/account_archive.hpp"
#include "sync/settings.hpp"

namespace chimplift {

/// An account of this run, its archive once that is open, and what stopped it.
struct AccountRun {
  const Account* account = nullptr;
  AccountProgress* progress = nullptr;
  std::unique_ptr<AccountArchive> archive;
  std::optional<Error> error;
  std::vector<EventRecord> doubts = {};                                // what is to be read once more, as the ledger will say
  std::vector<std::pair<FileRecord, std::string>> damaged_files = {};  // and how
  bool is_settled = false;                                             // verified, and nothing is
  std::optional<bool> was_refresh = {};                                // before it was read once more
};

/// Opens something for each account; one that cannot be opened gets its error, and the others go on.
std::vector<AccountRun> open_each(const Settings& settings,
                                  const std::function<Result<std::unique_ptr<AccountArchive>>(const Account&)>& open);

/// Opens each account's archive for writing. An account whose archive cannot be opened gets its error; the others go on.
std::vector<AccountRun> open_archives(const Settings& settings);

/// Pulls every account that has no error yet and is not settled, until each is done or the run is interrupted; on return all that came is
/// durable. `on_durable` is called from the archives' threads whenever there is more to load.
void pull(const Settings& settings, std::vector<AccountRun>& runs, const std::function<void()>& on_durable);

}  // namespace chimplift
