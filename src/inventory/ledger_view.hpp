// The whole ledger of an account in one view, for whoever judges it: verify, status and source. It is what their memory grows with: 140
// bytes a page and 260 bytes a unit.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "archive/account_archive.hpp"
#include "inventory/file_ledger.hpp"
#include "inventory/page_list.hpp"
#include "inventory/unit_set.hpp"

namespace chimplift {

struct LedgerView {
  /// What the pages of a unit's last pass have.
  struct Pass {
    int pass = 1;
    i64 records = 0;
    i64 seams = 0;  // pages with records that are not the first
    i64 pages = 0;
    i64 first = 0;  // the number of its first page
    [[nodiscard]] bool has(const PageRecord& page) const { return page.pass == pass && page.number >= first; }
  };
  /// The last word on a unit; a refresh takes back what was said before it.
  struct End {
    UnitState state = UnitState::complete;
    std::string reason = {};
    i64 records = 0;
    i64 distinct = 0;
    std::optional<i64> total_last = {};
    i64 behind = 0;  // the number of the last page before it, of whatever stream
  };
  struct Unit {
    std::optional<End> end = {};
    std::optional<Pass> last_pass = {};
    i64 open = 0;  // pages that no end stands behind
  };

  std::map<std::string, PageList> pages;  // by stream, in the ledger's order
  KnownFiles files;
  i64 page_count = 0;
  i64 page_bytes = 0;
  std::string first_page_at, last_page_at;
  std::map<std::string, i64> refreshed;                                             // by stream: the last page before it was read anew
  std::map<std::pair<std::string, std::vector<std::string>>, i64> refreshed_below;  // the same for the collections of one parent

  Unit& unit(const UnitId& id) { return units_[key_of(id)]; }
  /// nullptr where the ledger has none.
  [[nodiscard]] const Unit* find(const UnitId& id) const;
  [[nodiscard]] const End* end_of(const UnitId& id) const;
  [[nodiscard]] const Pass* last_pass_of(const UnitId& id) const;
  /// Calls take(id, unit) for each unit of the stream, in their order.
  template <typename Take>
  void each(std::string_view stream, Take take) const {
    const std::string prefix = key_prefix(stream);
    for (auto it = units_.lower_bound(prefix); it != units_.end() && it->first.starts_with(prefix); ++it)
      take(unit_of(it->first), it->second);
  }
  /// What was said of the units that the refresh is about is taken back.
  void take_back(const RefreshEvent& refresh);

  /// False where the page's collection was read anew since: its rows stay, but what it led to may be gone.
  [[nodiscard]] bool is_current(const PageRecord& page) const;

 private:
  std::map<std::string, Unit> units_;  // by key_of()
};

/// Error: archive, where it has pages of a stream that this program does not know.
Result<LedgerView> view_ledger(const AccountArchive& archive);

/// nullopt where the catalogue has the stream; else why the archive cannot be read: a later version wrote it.
std::optional<Error> unknown_stream(const std::string& table);

}  // namespace chimplift
