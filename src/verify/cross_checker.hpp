// Makes the cross-checks while verify reads the pages: takes each page once, keeps a few numbers for each group, and judges at the end. It
// knows no stream: what is compared with what is data (mailchimp/cross_checks.hpp).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "certificate/certificate.hpp"
#include "inventory/ledger_view.hpp"
#include "verify/cross_side.hpp"

namespace chimplift {

class CrossChecker {
 public:
  /// What is read: what there is now, or all that ever was; then the last word on each record counts, so pages are taken the newest first.
  enum class Reads { now, ever };

  /// `streams` are those that the checks name; they, the checks and the ledger are to outlive this.
  CrossChecker(std::span<const CrossCheck> checks, std::span<const Stream> streams, const LedgerView& ledger, Reads reads = Reads::now);
  CrossChecker(const CrossChecker&) = delete;
  CrossChecker& operator=(const CrossChecker&) = delete;

  /// Takes a page. What it says counts only where it is part of its unit's last pass, and that came to an end; so does what was read of it,
  /// unless all that ever was is read.
  void take(const Stream& stream, const PageRecord& page, std::string_view body);

  /// The collections of one parent; without parents, all of the table.
  struct Doubt {
    std::string table;
    std::vector<std::string> parents;
    friend auto operator<=>(const Doubt&, const Doubt&) = default;
  };
  struct Findings {
    std::vector<CrossCheckLine> lines;
    std::vector<Finding> gaps;
    std::vector<Finding> exceptions = {};
    std::set<Doubt> doubts = {};  // both sides of what failed
  };
  /// Judges. `streams` and `units` are what verification made of the streams and of the collections that there must be. `why_none`: no
  /// check is made, for that reason; "" where they are. `command`: what closes a gap. `ever`: has read all that ever was; where that is
  /// enough nothing is missing, and what differs was read before it went.
  [[nodiscard]] Findings finish(const std::vector<StreamLine>& streams, const std::map<std::string, UnitSet>& units,
                                const std::string& command, const std::string& why_none, const CrossChecker* ever = nullptr) const;

 private:
  using Group = CrossSide::Group;
  struct Numbers {
    i64 said = 0;
    i64 read = 0;
    i64 page = 0;  // that said it, where pages do
    bool is_said = false;
    bool is_unknown = false;  // a record lacked the number
  };
  struct Check {
    const CrossCheck* check = nullptr;
    const Stream* said_stream = nullptr;
    const Stream* read_stream = nullptr;
    CrossSide said, read;
    std::optional<i64> said_at = {};  // when its first page came
    std::map<Group, Numbers> groups = {};
  };
  /// A collection whose pages are being taken.
  struct UnderWay {
    std::map<UnitId, i64> pages = {};   // of each sweep
    std::unordered_set<u64> keys = {};  // of its records: pages overlap and may repeat each other, and a record may move to another sweep
    std::size_t whole = 0;              // sweeps
  };
  using Differing = std::pair<const Group*, const Numbers*>;
  /// Why groups cannot be compared, besides what Mailchimp itself did not say.
  struct Obstacles {
    std::string whole;                   // the check as such; "": it can be made
    bool is_by_parents = false;          // then a group is read where it stands in `units`
    std::map<Group, std::string> units;  // "" for those that were read
  };

  static void note_when_said(const std::vector<Check*>& checks, const Stream& stream, const PageRecord& page);
  void take_records(const std::vector<Check*>& checks, const Stream& stream, const PageRecord& page,
                    const std::vector<const JsonNode*>& records, bool is_now);
  static void take_what_the_page_says(const std::vector<Check*>& checks, const Stream& stream, const PageRecord& page,
                                      const JsonNode& root);
  void note_taken(const Stream& stream, const PageRecord& page, i64 pages);
  static void add(Check& check, bool is_said, const std::vector<std::string>& parents, const JsonNode& record);
  static void set(Check& check, bool is_said, const PageRecord& record, const JsonNode& page);
  [[nodiscard]] std::string why_not_read(const UnitId& unit) const;
  [[nodiscard]] Obstacles obstacles_of(const Check& check, const std::vector<StreamLine>& streams,
                                       const std::map<std::string, UnitSet>& units) const;
  static CrossCheckLine head_of(const CrossCheck& about, const Obstacles& obstacles);
  static std::string why_not_compared(const CrossCheck& about, const Obstacles& obstacles, const Group& group, const Numbers& numbers);
  static bool has_gone_since(const CrossCheck& about, const Check* ever, const Group& group, i64 said);
  static void note_failure(const Check& check, const Group& group, const Numbers& numbers, const std::string& command, Findings& findings);
  static void note_owed(const Check& check, const Group& group, Findings& findings);
  static std::vector<CrossCheckLine::Example> largest_of(const Check& check, std::vector<Differing> differing);
  static void judge(const Check& check, const Obstacles& obstacles, const std::string& command, const Check* ever, Findings& findings);

  Reads reads_;
  const LedgerView* ledger_;
  std::vector<Check> checks_;
  std::map<std::string_view, std::vector<Check*>> by_stream_;  // a check stands twice where both sides are of one stream
  std::map<UnitId, UnderWay> under_way_;                       // by the first sweep
  UnitSet whole_;                                              // units of which every page was taken
};

}  // namespace chimplift
