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
  std::map<std::string, std::size_t> current_from;       // by stream: how many of its pages are from before it was read anew
  std::map<UnitId, EndRecord> ends;                      // the last word on each unit; a refresh takes back what was said before it
  std::map<UnitId, i64> open;                            // units with pages and no end: how many pages
  struct Pass {
    int pass = 1;
    i64 records = 0;
    i64 seams = 0;  // pages with records that are not the first
  };
  std::map<UnitId, Pass> last_pass;                                 // what the pages of each unit's last pass have
  std::map<std::pair<std::string, std::string>, FileRecord> files;  // by kind and id: the last word
  i64 page_count = 0;
  i64 page_bytes = 0;
  std::string first_page_at, last_page_at;
};

Result<LedgerView> view_ledger(const AccountArchive& archive);

}  // namespace chimplift
