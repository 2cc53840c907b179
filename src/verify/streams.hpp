// The collections of each stream against what the ledger says came of them, and the state of the stream that follows.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "verify/evidence.hpp"
#include "verify/expectations.hpp"
#include "verify/findings.hpp"

namespace chimplift {

class StreamJudge {
 public:
  /// When every page was taken. All of these outlive this.
  StreamJudge(const Evidence& evidence, const Expectations& expectations, Findings& findings)
      : evidence_(&evidence), expectations_(&expectations), findings_(&findings) {}

  /// Fills in the line; parents are judged before their children. Error: interrupted.
  Result<void> judge(const Stream& stream, StreamLine& line);
  /// When all are judged: what a stream that stands later in the catalogue lacks, and nobody chose, reaches those before it too.
  void judge_again(std::vector<StreamLine>& lines);

 private:
  /// What became of a stream's collections.
  struct Counts {
    i64 not_permitted = 0;
    i64 gone = 0;
    i64 missing = 0;
    i64 expected = 0;    // records
    i64 own_pulled = 0;  // records, beside those that came inside the parents'
    bool has_total = false;
    std::string forbidden = {};        // why the last one was
    std::vector<UnitId> doubled = {};  // with records that share a key
  };

  Result<void> judge_units(const Stream& stream, StreamLine& line);
  [[nodiscard]] bool has_no_end(const UnitSet& units) const;
  void count(const Stream& stream, const UnitId& unit, StreamLine& line, Counts& counts);
  void judge_whole(const Stream& stream, const UnitId& unit, const LedgerView::End& end, Counts& counts);
  void name_forbidden(const Stream& stream, const Counts& counts);
  [[nodiscard]] i64 records_named(const UnitId& unit) const;
  [[nodiscard]] bool lacks_ids(const Stream& stream) const;

  const Evidence* evidence_;
  const Expectations* expectations_;
  Findings* findings_;
  // By table, of those that are pulled though nobody chose them too: these are shown as excluded, and what hangs below them is not.
  std::map<std::string_view, StreamState> states_;
};

}  // namespace chimplift
