// Reading one collection to its end over pages that may be short, repeated, cut in two, or shifted by what happens in the account
// meanwhile. Pure bookkeeping: no network, no time. It says which stretch to ask for next and, when nothing is left to ask, whether what
// came is the whole.
//
// A collection is read in passes. A pass is clean when every seam holds, no key came twice, the last page ended where Mailchimp said that
// the collection ends, and, where no order is promised, every page gave the same total. Otherwise rows may have moved between pages and one
// of them may have been skipped: the collection is read again, in smaller pages, until
// - a pass is clean, or
// - two passes bring the same records, with a total both or both without, and every seam of both holds: records that come twice in pages
//   of whatever length stand there twice, or
// - as many different records as Mailchimp says there are have come in the passes together: a server whose order differs from page to page
//   gives some twice and others not at all, and others again in pages of another length.
// Where that takes more than kMostPasses, it is a gap: read it again when the account is quiet. Pages with cursors have no seams and no
// total: they are read until a pass brings nothing new but at its ends. Without a total that should be there, one pass proves nothing
// either; and where a total counts less than is listed, the last page is asked for twice.
#pragma once

#include <deque>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/types.hpp"
#include "mailchimp/stream.hpp"
#include "rows/page.hpp"

namespace chimplift {

/// A stretch of a collection: `count` records from `offset` on; where pages have cursors, the one that leads there. For an object: offset
/// 0, count 0.
struct Stretch {
  i64 offset = 0;
  i64 count = 0;
  std::string cursor = {};
  bool operator==(const Stretch&) const = default;
};

class Collection {
 public:
  static constexpr int kMostPasses = 4;

  explicit Collection(const Stream& stream);

  /// The next stretch to ask for, at most `most` records long; nullopt where answers have to come first, or nothing is left.
  std::optional<Stretch> next(i64 most);

  /// A page that is durable, and the pass that it came in.
  struct DurablePage {
    Stretch stretch;
    PageContents contents;
    int pass = 1;
  };
  /// Goes on where an earlier run ended: takes its durable pages, in the order in which they came.
  void restore(const std::vector<DurablePage>& pages);

  /// True where this answer has the very records of another stretch: the server ignores offsets, or made a mistake.
  [[nodiscard]] bool repeats(const Stretch& stretch, const PageContents& contents) const;

  /// True where as many records have come as Mailchimp says there are, and what it says can be believed.
  [[nodiscard]] bool has_all() const { return stream_->total == Total::exact && pass_.total_most && distinct() >= *pass_.total_most; }

  /// Takes the answer to a stretch. Where it still repeats another one the server ignores offsets: it is not counted, and the pass ends.
  void take(const Stretch& stretch, const PageContents& contents);

  /// The stretch is to be asked for in two halves. False where it is too short for that already.
  bool split(const Stretch& stretch);

  /// A test run's limit is reached: nothing more is asked for.
  void cap() { capped_ = true; }

  /// True where nothing is under way and nothing is left to ask for in this pass.
  [[nodiscard]] bool pass_done() const;

  enum class Outcome { complete, again, incomplete };
  struct Ending {
    Outcome outcome = Outcome::complete;
    std::string reason;  // for incomplete; a remark for complete
  };
  /// Judges the pass that is done; for `again` the next pass begins.
  Ending end_pass();

  [[nodiscard]] int pass() const { return pass_number_; }
  [[nodiscard]] i64 records() const { return pass_.records; }
  [[nodiscard]] i64 distinct() const;
  [[nodiscard]] std::optional<i64> total_first() const { return pass_.total_first; }
  [[nodiscard]] std::optional<i64> total_last() const { return pass_.total_last; }
  [[nodiscard]] bool capped() const { return capped_; }

 private:
  [[nodiscard]] bool has_offsets() const { return pages_by_offset(*stream_); }
  [[nodiscard]] i64 overlap_at(i64 offset) const { return has_offsets() && offset > 0 ? 1 : 0; }
  void take_cursor(const Stretch& stretch, const PageContents& contents);
  void note_seams(const Stretch& stretch, const PageContents& contents);
  [[nodiscard]] bool seams_hold() const;
  [[nodiscard]] bool is_clean() const;
  [[nodiscard]] bool is_enough(i64 records) const;
  [[nodiscard]] std::string remark() const;
  bool settles_by_cursor();
  [[nodiscard]] i64 pass_page_size() const;
  [[nodiscard]] bool is_beyond_the_end() const;
  [[nodiscard]] bool is_full(i64 records) const;
  void leave_rest(i64 end, i64 asked_to);
  void restore_pass(std::span<const DurablePage> pages);
  bool note_pass();
  [[nodiscard]] bool union_is_whole() const;
  [[nodiscard]] bool is_doubtful() const;

  /// The pass under way.
  struct Pass {
    bool asked = false;
    bool answered = false;
    i64 under_way = 0;
    i64 frontier = 0;               // all stretches below it were planned
    bool full_to_frontier = false;  // the last planned stretch came full: there may be more behind it
    bool offset_ignored = false;
    bool may_be_cut = false;   // a full page says nothing of more, or comes for every offset: there may be more behind it
    std::deque<Stretch> left;  // rests and halves of stretches
    std::string cursor;        // of the page behind the frontier
    std::unordered_set<std::string> used_cursors;
    bool was_full = false;        // the last page by cursor had as many records as were asked for
    bool were_last_full = false;  // the last one of them that had records had as many
    std::unordered_map<u64, i64> offset_of_digest;
    i64 records = 0;
    i64 end = 0;  // the place behind the last record that came
    std::optional<i64> total_first, total_last;
    std::optional<i64> total_least;
    std::optional<i64> total_most;                     // a total that shrinks on the way must not end the reading early
    std::vector<u64> keys;                             // 8 bytes a record
    std::unordered_map<i64, u64> last_key_at;          // of each page, by its place in the collection
    std::vector<std::pair<i64, u64>> first_keys;       // of each page that overlaps, and its place
    i64 empty_from = std::numeric_limits<i64>::max();  // the first place where a page that should have overlapped came empty
    int empty_pages = 0;                               // that came since the last record did
    std::unordered_set<i64> likely_ends;               // places behind which nothing came, once
  };

  const Stream* stream_;
  bool has_keys_;  // of their own; otherwise records are told apart by all that they hold, and two may be equal
  i64 page_size_;
  int pass_number_ = 1;
  bool capped_ = false;
  Pass pass_;

  // Of the passes before.
  struct Earlier {
    i64 records = 0;
    u64 digest = 0;  // of the keys, whatever their order
    bool seams_held = false;
    std::optional<i64> total_least, total_most;
    [[nodiscard]] std::optional<i64> total() const { return total_least == total_most ? total_most : std::nullopt; }
    [[nodiscard]] bool agrees_with(const Earlier& other) const;
  };
  std::vector<Earlier> earlier_;
  bool total_is_steady_ = true;                  // over all passes
  std::vector<u64> union_;                       // keys that came in any of them, each once, sorted
  std::optional<std::vector<u64>> cursor_keys_;  // of the last one, sorted; where pages have cursors
};

}  // namespace chimplift
