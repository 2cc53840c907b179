// What the archive's files are and where they are used, as rows: the table `assets`, and the storage columns of records that are files.
// The last step of a load, because only the whole archive says what became of a file. A pure function of the archive and of where it lies.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "archive/account_archive.hpp"
#include "inventory/discovery.hpp"
#include "inventory/file_ledger.hpp"
#include "mailchimp/assets.hpp"
#include "run/settings.hpp"
#include "warehouse/warehouse.hpp"

namespace chimplift {

/// The checkpoint under which it stands what a stream's files were loaded from. Whoever loads rows of such a stream, or finds some of its
/// files lacking, sets it back to 0 in the same transaction.
std::string assets_checkpoint(const Stream& stream);

/// The files that a page names as `assets` has them: these, and the local versions that were made of bodies among them.
std::vector<WantedFile> assets_of(std::vector<WantedFile> files, const FileRecords& records);

/// The row of a file. `named_at`: when the page that names it came; used where the file was neither fetched nor given up yet.
Row asset_row(const std::string& account_name, const Tree& account, const Stream& stream, const WantedFile& file, const FileRecord* record,
              const std::string& named_at);

/// A page that cannot be read, and why.
struct DamagedPage {
  PageRecord page;
  Error why;
};

struct LoadedAssets {
  std::vector<DamagedPage> damaged = {};            // left out
  std::map<std::string, Checkpoint> withheld = {};  // by its name: to be written where what was left out lacks nothing
};

/// Loads what has changed since the last load, of these tables' streams. `table_named` hands out the loader's own tables.
Result<LoadedAssets> load_assets(Warehouse& warehouse, const AccountArchive& archive, const Settings& settings,
                                 const std::function<Table&(std::string_view)>& table_named, const std::set<std::string_view>& tables,
                                 const std::map<std::string, Checkpoint>& checkpoints);

/// The checkpoints of streams whose files a load would pass over, because it loaded them from the archive as it is.
Result<std::vector<std::string>> assets_taken_for_loaded(const AccountArchive& archive,
                                                         const std::map<std::string, Checkpoint>& checkpoints);

}  // namespace chimplift
