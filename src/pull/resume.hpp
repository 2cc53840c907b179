// Where a run goes on: what follows from the ledger and from the pages in the archive. Units come from the catalogue (streams without a
// parent) and from the pages of parent streams, be they fresh or in the archive from an earlier run.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "archive/account_archive.hpp"
#include "inventory/discovery.hpp"
#include "inventory/mentions.hpp"
#include "pull/freshness.hpp"
#include "pull/known_units.hpp"
#include "pull/page_task.hpp"
#include "pull/parent_records.hpp"
#include "pull/unit_history.hpp"

namespace chimplift {

/// A unit with pages in the archive that no end stands behind.
struct BegunUnit {
  std::unique_ptr<Unit> unit;
  i64 records = 0;                           // that its pages have
  std::optional<Collection::Ending> ending;  // an earlier run came to its end, and was stopped before it said so
};

struct Resumed {
  Freshness freshness;
  KnownFiles known_files;
  KnownUnits units;
  ParentRecords records;
  Mentions mentions;
  std::set<UnitId> damaged = {};       // collections with a page that was to be read and cannot be
  std::vector<BegunUnit> begun = {};   // to go on with
  std::vector<UnitId> waiting = {};    // to begin
  std::vector<WantedFile> files = {};  // that pages in the archive speak of

  /// True where nothing is left to read.
  [[nodiscard]] bool is_done() const;
};

/// Reads the ledger, and of the archive's pages those that lead somewhere or are of a unit that has not ended. A collection with a damaged
/// page among them is to be read anew, as the ledger then says; but where all was finished, `damaged` has it: then a refresh of all is
/// next. `is_test`: what pages mention is not looked for. Errors: of the archive.
Result<Resumed> take_up(const Selection& selection, AccountArchive& archive, const Discoverers& discoverers, bool is_test);

}  // namespace chimplift
