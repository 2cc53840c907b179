// The whole ledger of an account in one view, for whoever judges it: verify and status. About 0.4 kB of memory a page.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "archive/account_archive.hpp"

namespace chimplift {

struct LedgerView {
  std::map<std::string, std::vector<PageRecord>> pages;  // by stream, in the ledger's order
  std::map<UnitId, EndRecord> ends;                      // the last word on each unit; a refresh takes back what was said before it
  std::map<UnitId, i64> open;                            // units with pages and no end: how many pages
  struct Pass {
    int pass = 1;
    i64 records = 0;
    i64 seams = 0;  // pages with records that are not the first
    i64 pages = 0;
    i64 first = 0;  // the number of its first page
    [[nodiscard]] bool has(const PageRecord& page) const { return page.pass == pass && page.number >= first; }
  };
  std::map<UnitId, Pass> last_pass;                                 // what the pages of each unit's last pass have
  std::map<std::pair<std::string, std::string>, FileRecord> files;  // by kind and id: the last word
  i64 page_count = 0;
  i64 page_bytes = 0;
  std::string first_page_at, last_page_at;
  std::map<std::string, i64> refreshed;                                             // by stream: the last page before it was read anew
  std::map<std::pair<std::string, std::vector<std::string>>, i64> refreshed_below;  // the same for the collections of one parent

  /// False where the page's collection was read anew since: its rows stay, but what it led to may be gone.
  [[nodiscard]] bool is_current(const PageRecord& page) const;
};

Result<LedgerView> view_ledger(const AccountArchive& archive);

}  // namespace chimplift
