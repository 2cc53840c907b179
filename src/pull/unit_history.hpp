// What the ledger says of each unit. It is read from the ledger alone: no page is opened.
#pragma once

#include <map>
#include <vector>

#include "archive/account_archive.hpp"
#include "inventory/discovery.hpp"
#include "inventory/file_ledger.hpp"
#include "pull/freshness.hpp"

namespace chimplift {

/// Of the streams that a run reads, as lists and as single records (by_id() in the catalogue).
using Discoverers = std::map<const Stream*, Discoverer>;

struct UnitHistory {
  bool is_final = false;  // ended complete or gone
  bool is_gone = false;
  bool has_records = false;       // ended incomplete, with some
  i64 begun_at = 0;               // the number of the first page of the attempt that counts; of the next one, where it ended without a page
  i64 ended_behind = 0;           // the number of the last page, of whatever unit, before it ended
  std::vector<PageRecord> pages;  // of the attempt that has not ended yet
  std::vector<PageRecord> leading;  // of all that has, where its pages lead to children or files
  std::vector<PageRecord> earlier;  // of what was read before it was read anew

  /// True where it was read to its end and has not been begun again since.
  [[nodiscard]] bool is_settled() const { return is_final && pages.empty(); }
  void note(PageRecord page);
  void note(const EndRecord& end, bool leads_anywhere, i64 last_page);
  /// What was read of it counts no more: it is read anew.
  void take_back();
};

struct LedgerHistory {
  std::map<UnitId, UnitHistory> units;
  Freshness freshness;
  KnownFiles files;

  /// The units that the refresh is about are to be read anew.
  void take_back(const RefreshEvent& refresh);
  /// Sweeps that were read before the ones that come first were at their end: what went over from there to here meanwhile is in neither.
  [[nodiscard]] std::vector<UnitId> sweeps_read_too_early() const;
};

/// Error: archive, where it has pages of a stream that this program does not know.
Result<LedgerHistory> read_history(const AccountArchive& archive, const Selection& selection, const Discoverers& discoverers);

}  // namespace chimplift
