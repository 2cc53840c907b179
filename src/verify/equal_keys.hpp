// Records that share a key: a table can hold only one of them, the archive holds all.
#pragma once

#include <map>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "rows/table.hpp"
#include "verify/evidence.hpp"
#include "verify/findings.hpp"

namespace chimplift {

/// Names the collections, of those given, that have records which share a key and differ. Reads their pages again. A page that
/// cannot be parsed is a gap. Error: interrupted.
Result<void> judge_equal_keys(const Evidence& evidence, const Stream& stream, const std::vector<UnitId>& units, Findings& findings);

/// Names keys that differ as they were sent and not in the table, such as 5 and "5" in a column of text: it holds one of their records.
void judge_keys_of_table(const Evidence& evidence, const Stream& stream, const StreamLine& line, Findings& findings);

/// Counts the records that came inside their parents', page by page.
class EmbeddedRecords {
 public:
  /// Takes what a page of the parents holds. What differs and has one key is looked for within a page, and only where `looks_at_keys`: the
  /// same parent on a page of another time may hold other records rightly.
  void take(const PageRecord& page, const Table& table, std::span<const Row> rows, bool looks_at_keys);
  /// Names collections with records that share a key and differ, and gives the number of different keys. Call once.
  i64 finish(const Stream& stream, Findings& findings);

 private:
  std::vector<u64> keys_;                                      // 8 bytes a record
  std::map<UnitId, std::set<std::pair<u64, u64>>> differing_;  // key and record; a parent at a seam comes on two pages
};

}  // namespace chimplift
