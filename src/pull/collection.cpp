#include "pull/collection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <numeric>
#include <utility>

namespace chimplift {
namespace {

// Below this a page is not what makes the server slow.
constexpr i64 kSmallestPage = 25;

// What a server gives that does not look at `count` (docs/mailchimp.md, "Page size").
constexpr i64 kDefaultPage = 10;

// So many empty pages with nothing behind them are the end, whatever the total says.
constexpr int kMostEmptyPages = 20;

// A later pass has pages of 6/7, 5/7, 4/7 of the first one's length: hardly a page ends where one of an earlier pass did.
constexpr i64 kPageParts = 7;

i64 count_distinct(std::vector<u64> keys) {
  std::sort(keys.begin(), keys.end());
  return std::unique(keys.begin(), keys.end()) - keys.begin();
}

/// Of sorted keys: each as often as it came once too often.
std::vector<u64> that_came_twice(const std::vector<u64>& sorted) {
  std::vector<u64> twice;
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    if (sorted[i] == sorted[i - 1]) twice.push_back(sorted[i]);
  }
  return twice;
}

}  // namespace

Collection::Collection(const Stream& stream)
    : stream_(&stream), has_keys_(!shape_of(stream).key.empty() && stream.paging != Paging::object), page_size_(stream.page_size) {}

/// Where pages go by offset they are shorter in later passes: what lay at the end of a page lies within one then.
i64 Collection::pass_page_size() const {
  if (!has_offsets()) return page_size_;
  return std::max<i64>(page_size_ - page_size_ * (pass_number_ - 1) / kPageParts, std::min<i64>(page_size_, 2));
}

/// A total may be a billion times too high, and cursors may lead on and on: empty pages are not asked for without end.
bool Collection::is_beyond_the_end() const { return pass_.empty_pages >= kMostEmptyPages; }

std::optional<Stretch> Collection::next(i64 most) {
  const auto go = [this](Stretch stretch) {
    ++pass_.under_way;
    pass_.asked = true;
    return stretch;
  };
  if (capped_ || pass_.offset_ignored || most <= 0) return std::nullopt;
  if (stream_->paging == Paging::object) return pass_.asked ? std::nullopt : std::optional(go({0, 0}));
  if (stream_->paging == Paging::count) return pass_.asked ? std::nullopt : std::optional(go({0, std::min(page_size_, most)}));
  if (stream_->paging == Paging::cursor) {
    if (pass_.under_way > 0 || (pass_.asked && pass_.cursor.empty())) return std::nullopt;
    return go({pass_.frontier, std::min(page_size_, most), pass_.cursor});
  }
  if (!pass_.left.empty()) {
    Stretch stretch = pass_.left.front();
    pass_.left.pop_front();
    if (stretch.count > most) {
      const i64 overlap = overlap_at(stretch.offset + most);
      pass_.left.push_front({stretch.offset + most - overlap, stretch.count - most + overlap});
      stretch.count = most;
    }
    return go(stretch);
  }
  const bool more_is_known = pass_.answered && pass_.frontier < pass_.total_most.value_or(0) && !is_beyond_the_end();
  const bool more_is_likely = pass_.answered && pass_.under_way == 0 && pass_.full_to_frontier;
  if (pass_.asked && !more_is_known && !more_is_likely) return std::nullopt;
  const i64 overlap = overlap_at(pass_.frontier);
  const Stretch stretch{pass_.frontier - overlap, std::max(std::min(pass_page_size(), most), 1 + overlap)};
  pass_.frontier += stretch.count - overlap;
  pass_.full_to_frontier = false;
  return go(stretch);
}

bool Collection::repeats(const Stretch& stretch, const PageContents& contents) const {
  // A page with nothing but the record of the seam says nothing about offsets.
  if (contents.records <= overlap_at(stretch.offset) || stream_->paging == Paging::object) return false;
  const auto found = pass_.offset_of_digest.find(contents.digest);
  return found != pass_.offset_of_digest.end() && found->second != stretch.offset;
}

void Collection::take(const Stretch& stretch, const PageContents& contents) {
  --pass_.under_way;
  pass_.answered = true;
  if (contents.total_items && stream_->total != Total::absent && stream_->paging != Paging::object) {
    if (!pass_.total_first) pass_.total_first = contents.total_items;
    if (stretch.offset + contents.records >= pass_.end) pass_.total_last = contents.total_items;
    pass_.total_most = std::max(pass_.total_most.value_or(0), *contents.total_items);
    pass_.total_least = std::min(pass_.total_least.value_or(*pass_.total_most), *contents.total_items);
  }
  if (stretch.offset + contents.records > pass_.end) pass_.empty_pages = contents.records > 0 ? 0 : pass_.empty_pages + 1;
  if (contents.records > 0) pass_.end = std::max(pass_.end, stretch.offset + contents.records);
  if (repeats(stretch, contents)) {
    pass_.offset_ignored = true;
    pass_.may_be_cut = stream_->paging == Paging::cursor || is_full(contents.records);
    return;
  }
  if (contents.records > overlap_at(stretch.offset)) pass_.offset_of_digest.emplace(contents.digest, stretch.offset);
  const i64 overlap = contents.records > 0 ? overlap_at(stretch.offset) : 0;
  pass_.records += contents.records - overlap;
  if (stream_->paging != Paging::object) {
    note_seams(stretch, contents);
    pass_.keys.insert(pass_.keys.end(), contents.key_hashes.begin() + overlap, contents.key_hashes.end());
  }
  if (stream_->paging == Paging::cursor) take_cursor(stretch, contents);
  if (stream_->paging == Paging::count) pass_.may_be_cut = is_full(contents.records);
  if (!has_offsets()) return;

  const i64 end = stretch.offset + contents.records;
  if (contents.records >= stretch.count) {
    pass_.frontier = std::max(pass_.frontier, end);
    if (end >= pass_.frontier) pass_.full_to_frontier = true;
    return;
  }
  // With no more than the record of a seam there is no way on: the pass ends short, and the next one may fare better.
  if (contents.records > overlap_at(end)) {
    leave_rest(end, stretch.offset + stretch.count);
  } else if (contents.records > 0 && stretch.offset > 0 && stream_->total == Total::at_least) {
    // Nothing but this page says that it ends here.
    if (pass_.likely_ends.insert(end).second) pass_.left.push_back(stretch);
  }
}

/// The only page that there is holds as many records as one can: there may be more that no offset leads to.
bool Collection::is_full(i64 records) const {
  return (records == pass_page_size() || records == page_size_ || records == kDefaultPage) && !has_all();
}

/// A short page is the end, or a gateway's doing. Only an empty page, or as many records as Mailchimp says there are (where it can be
/// believed), ends a collection.
void Collection::leave_rest(i64 end, i64 asked_to) {
  if (stream_->total == Total::exact && pass_.total_most && end == *pass_.total_most) return;
  const i64 seam = overlap_at(end);
  pass_.left.push_back({end - seam, asked_to - end + seam});
}

/// The way on is the answer's to say. A cursor that was used already leads in a circle: the pass ends there, and is not clean. But where a
/// cursor points to the last record of its page, the last page has one as well: behind it nothing comes, and the empty answer may repeat
/// it. Not so behind a full page, where nothing tells the end from a server that is stuck. Nor does a new cursor from each of many empty
/// pages lead anywhere.
void Collection::take_cursor(const Stretch& stretch, const PageContents& contents) {
  pass_.frontier += contents.records;
  const bool is_behind_the_last = contents.records == 0 && contents.next_cursor == pass_.cursor && !pass_.were_last_full;
  pass_.was_full = contents.records >= stretch.count || contents.records == kDefaultPage;
  if (contents.records > 0) {
    pass_.were_last_full = pass_.was_full;
  } else {
    ++pass_.empty_pages;
  }
  pass_.cursor = is_behind_the_last || is_beyond_the_end() ? std::string() : contents.next_cursor;
  // The end is a cursor that is null or "" (docs/mailchimp.md, "Paging"). A full page that says nothing of a next one may go on elsewhere.
  if (!contents.names_next_cursor) pass_.may_be_cut = pass_.was_full;
  if (is_beyond_the_end()) pass_.may_be_cut = pass_.were_last_full;
  if (!pass_.cursor.empty() && !pass_.used_cursors.insert(pass_.cursor).second) pass_.offset_ignored = pass_.may_be_cut = true;
}

bool Collection::split(const Stretch& stretch) {
  if (stretch.count <= kSmallestPage || !(has_offsets() || stream_->paging == Paging::cursor)) return false;
  --pass_.under_way;
  const i64 half = stretch.count / 2;
  page_size_ = std::max(std::min(page_size_, half), kSmallestPage);
  if (stream_->paging == Paging::cursor) {
    pass_.asked = !stretch.cursor.empty();  // the same place again, with less
    return true;
  }
  // In front of what is left: where even the smallest page is too much, that is known after a few requests and not after hundreds.
  const i64 overlap = overlap_at(stretch.offset + half);
  pass_.left.push_front({stretch.offset + half - overlap, stretch.count - half + overlap});
  pass_.left.push_front({stretch.offset, half});
  // Whether there is more behind the frontier is now the second half's to say.
  return true;
}

void Collection::note_seams(const Stretch& stretch, const PageContents& contents) {
  if (overlap_at(stretch.offset) > 0) {
    if (contents.records == 0) {
      pass_.empty_from = std::min(pass_.empty_from, stretch.offset);
    } else {
      pass_.first_keys.emplace_back(stretch.offset, contents.key_hashes.front());
    }
  }
  // A page with nothing but the record of its own seam must not vouch for it.
  if (contents.records > overlap_at(stretch.offset)) pass_.last_key_at[stretch.offset + contents.records - 1] = contents.key_hashes.back();
}

bool Collection::seams_hold() const {
  // An empty page is the end, unless another page had a record there.
  return pass_.end <= pass_.empty_from &&
         std::all_of(pass_.first_keys.begin(), pass_.first_keys.end(), [this](const std::pair<i64, u64>& first) {
           const auto last = pass_.last_key_at.find(first.first);
           return last != pass_.last_key_at.end() && last->second == first.second;
         });
}

bool Collection::pass_done() const {
  if (pass_.under_way > 0) return false;
  if (capped_ || pass_.offset_ignored) return true;
  if (stream_->paging == Paging::cursor) return pass_.answered && pass_.asked && pass_.cursor.empty();
  if (!pass_.answered || !pass_.left.empty()) return false;
  if (stream_->paging == Paging::object || stream_->paging == Paging::count) return true;
  return (pass_.frontier >= pass_.total_most.value_or(0) || is_beyond_the_end()) && !pass_.full_to_frontier;
}

i64 Collection::distinct() const { return has_keys_ ? count_distinct(pass_.keys) : pass_.records; }

bool Collection::is_enough(i64 records) const { return !pass_.total_most || records >= *pass_.total_most; }

bool Collection::is_clean() const {
  if (!pass_.used_cursors.empty()) return false;  // one pass over several pages with cursors proves nothing
  if (pass_.may_be_cut) return false;
  // Nor does one without the total that Mailchimp documents: something in between has answered.
  if ((stream_->is_read_twice || stream_->total != Total::absent) && !pass_.total_most) return false;
  // Where a total counts less than is listed, it does not say that a record was lost before there was a seam.
  if (stream_->total == Total::at_least && pass_.records <= 1) return false;
  // A page that was taken before another one was seen to be the same must fit to the first one, too.
  if (pass_.offset_ignored) return is_enough(pass_.records) && distinct() == pass_.records && seams_hold();
  const bool can_be_counted = stream_->total == Total::exact && pass_.total_last;
  // Where every seam holds, what was there throughout is there: records that came or went meanwhile did so behind the reading or before it.
  // The last page says whether it was the end.
  const bool is_whole = pass_.records == pass_.end && distinct() == pass_.records && seams_hold();
  // In an order that nobody promises a record may also move: from where nothing was read yet to where all was, while another goes from
  // there. The seams hold then, but the total tells.
  const bool is_steady = !stream_->sort.empty() || pass_.total_least == pass_.total_most;
  return is_whole && is_steady && (can_be_counted ? pass_.end == *pass_.total_last : is_enough(pass_.records));
}

Collection::Ending Collection::end_pass() {
  if (capped_ || stream_->paging == Paging::object || (pass_number_ == 1 && is_clean())) return {Outcome::complete, {}};
  if (is_clean()) return {Outcome::complete, fmt::format("it changed while it was read; pass {} was whole", pass_number_)};
  const bool is_same = note_pass();
  if (union_is_whole()) {
    return {Outcome::complete,
            fmt::format("its order differs from page to page; all {} records came in {} passes", union_.size(), pass_number_)};
  }
  const bool is_settled = stream_->paging == Paging::cursor ? settles_by_cursor() : is_same && !is_doubtful();
  if (!is_settled && pass_number_ < kMostPasses) {
    ++pass_number_;
    pass_ = {};
    return {Outcome::again, {}};
  }
  if (!is_enough(pass_.records)) {
    return {Outcome::incomplete, fmt::format("Mailchimp says {} records and gave {}{}", *pass_.total_most, pass_.records,
                                             pass_.offset_ignored ? ": it answers every offset with the same page" : "")};
  }
  if (pass_.may_be_cut || (pass_.offset_ignored && !seams_hold())) {
    if (stream_->paging == Paging::cursor && !pass_.offset_ignored)
      return {Outcome::incomplete, "its last page came full and does not say whether there is a next one: there may be more behind it"};
    return {Outcome::incomplete, stream_->paging == Paging::count
                                     ? "its only page came full, without a total: there may be more behind it"
                                     : "it answers every offset with the same full page: there may be more behind it"};
  }
  if (is_settled) return {Outcome::complete, remark()};
  const i64 twice = has_keys_ ? pass_.records - distinct() : 0;
  if (twice > 0 && total_is_steady_) {
    return {Outcome::incomplete,
            fmt::format("its order differs from page to page: {} records came more than once, and as many others may be missing", twice)};
  }
  return {Outcome::incomplete, fmt::format("it changed in each of {} passes: what moved between pages may be missing", pass_number_)};
}

/// Why a collection is taken for whole whose passes were not clean and yet the same.
std::string Collection::remark() const {
  if (pass_.records > distinct())
    return fmt::format("{} records came more than once, in pages of whatever length", pass_.records - distinct());
  if (stream_->paging == Paging::cursor) return "read twice: its pages have no seams that would show a skipped record";
  const std::string said = pass_.total_last ? fmt::format("says {}", *pass_.total_last) : "gives no total";
  return fmt::format("Mailchimp gave {} records in each of two passes and {}", pass_.records, said);
}

/// A cursor may be no more than an offset: then a record that goes pulls another one over the edge of a page, and nothing tells. The next
/// pass does, by a record between two that the pass before had side by side. What comes in meanwhile stands at the ends. A record
/// that came twice was there twice before, too.
bool Collection::settles_by_cursor() {
  std::vector<u64> now = pass_.keys;
  std::sort(now.begin(), now.end());
  const std::optional<std::vector<u64>> earlier = std::exchange(cursor_keys_, std::move(now));
  if (!earlier) return false;
  // What lost records itself cannot vouch for the first pass; where they were deleted, the next one says so.
  if (pass_number_ == 2 && cursor_keys_->size() < earlier->size()) return false;
  const std::vector<u64> twice = that_came_twice(*cursor_keys_);
  const std::vector<u64> twice_before = that_came_twice(*earlier);
  if (!std::includes(twice_before.begin(), twice_before.end(), twice.begin(), twice.end())) return false;
  const auto was_there = [&earlier](u64 key) { return std::binary_search(earlier->begin(), earlier->end(), key); };
  const auto first = std::find_if(pass_.keys.begin(), pass_.keys.end(), was_there);
  if (first == pass_.keys.end()) return pass_.keys.empty();
  return std::all_of(first, std::find_if(pass_.keys.rbegin(), pass_.keys.rend(), was_there).base(), was_there);
}

bool Collection::Earlier::agrees_with(const Earlier& other) const {
  return seams_held && other.seams_held && records == other.records && digest == other.digest &&
         total_most.has_value() == other.total_most.has_value();
}

/// Remembers the pass that is done. True where it agrees with one before it, and none between them brought more.
bool Collection::note_pass() {
  const Earlier now{pass_.records, std::accumulate(pass_.keys.begin(), pass_.keys.end(), u64{0}), seams_hold(), pass_.total_least,
                    pass_.total_most};
  total_is_steady_ = total_is_steady_ && now.total() && (earlier_.empty() || earlier_.back().total() == now.total());
  if (has_keys_) {
    // What came at a seam in the place of another record has come all the same.
    std::vector<u64> fresh = pass_.keys;
    for (const std::pair<i64, u64>& first : pass_.first_keys) fresh.push_back(first.second);
    std::sort(fresh.begin(), fresh.end());
    std::vector<u64> both;
    both.reserve(union_.size() + fresh.size());
    std::set_union(union_.begin(), union_.end(), fresh.begin(), fresh.end(), std::back_inserter(both));
    both.erase(std::unique(both.begin(), both.end()), both.end());
    union_ = std::move(both);
  }
  const auto decides = [&now](const Earlier& before) { return before.agrees_with(now) || before.records > now.records; };
  const auto before = std::find_if(earlier_.rbegin(), earlier_.rend(), decides);
  const bool is_same = before != earlier_.rend() && before->agrees_with(now);
  earlier_.push_back(now);
  return is_same;
}

/// True where passes agree in their records, and yet something speaks for more: then further passes may tell. A server in trouble gives too
/// little, or nothing, with or without the total.
bool Collection::is_doubtful() const {
  if (!pass_.total_most)
    return std::ranges::any_of(earlier_, [this](const Earlier& pass) { return pass.total_most.value_or(0) > pass_.records; });
  return !is_enough(pass_.records) && (pass_.records == 0 || !total_is_steady_);
}

/// One pass alone proves nothing: what went while it was read may make up for what did not come. And where the total moved, it may have
/// gone between two passes.
bool Collection::union_is_whole() const {
  return pass_number_ > 1 && has_keys_ && stream_->total == Total::exact && total_is_steady_ && !pass_.may_be_cut &&
         is_enough(pass_.records) && static_cast<i64>(union_.size()) == *pass_.total_most;
}

void Collection::restore(const std::vector<DurablePage>& pages) {
  for (auto page = pages.begin(); page != pages.end();) {
    if (page != pages.begin()) {
      note_pass();
      if (stream_->paging == Paging::cursor) settles_by_cursor();
      pass_ = {};
    }
    pass_number_ = page->pass;
    const auto next = std::find_if(page, pages.end(), [this](const DurablePage& other) { return other.pass != pass_number_; });
    restore_pass({page, next});
    page = next;
  }
}

void Collection::restore_pass(std::span<const DurablePage> pages) {
  pass_.asked = true;
  std::vector<Stretch> covered;
  i64 asked_to = 0;
  i64 known_end = -1;  // where a page had no more than the record of its seam
  for (const DurablePage& page : pages) {
    ++pass_.under_way;
    const i64 end = page.stretch.offset + page.contents.records;
    const bool can_be_believed = stream_->total != Total::at_least || pass_.likely_ends.contains(end);
    if (page.contents.records > 0 && page.contents.records <= overlap_at(end) && can_be_believed) known_end = std::max(known_end, end);
    take(page.stretch, page.contents);
    covered.push_back({page.stretch.offset, page.contents.records > 0 ? page.contents.records : page.stretch.count});
    asked_to = std::max(asked_to, page.stretch.offset + std::max(page.stretch.count, page.contents.records));
  }
  if (!has_offsets()) return;
  // What was under way when the run ended left holes between the pages that became durable.
  pass_.left.clear();
  std::sort(covered.begin(), covered.end(), [](const Stretch& a, const Stretch& b) { return a.offset < b.offset; });
  i64 reached = 0;
  for (const Stretch& stretch : covered) {
    const i64 end = stretch.offset + overlap_at(stretch.offset);  // up to its first record, for the seam
    while (reached < end) {
      const i64 overlap = overlap_at(reached);
      const i64 count = std::min(pass_page_size(), end - reached + overlap);
      pass_.left.push_back({reached - overlap, count});
      reached += count - overlap;
    }
    reached = std::max(reached, stretch.offset + stretch.count);
  }
  pass_.full_to_frontier = pass_.end >= asked_to;
  if (reached < asked_to && reached != known_end) leave_rest(reached, asked_to);
  pass_.frontier = std::max(reached, asked_to);
}

}  // namespace chimplift
