#include "sync/collection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace chimplift {
namespace {

// Below this a page is not what makes the server slow.
constexpr i64 kSmallestPage = 25;

i64 count_distinct(std::vector<u64> keys) {
  std::sort(keys.begin(), keys.end());
  return std::unique(keys.begin(), keys.end()) - keys.begin();
}

}  // namespace

Collection::Collection(const Stream& stream)
    : stream_(&stream), has_keys_(!shape_of(stream).key.empty() && stream.paging != Paging::object), page_size_(stream.page_size) {}

std::optional<Stretch> Collection::next(i64 most) {
  const auto go = [this](Stretch stretch) {
    ++under_way_;
    asked_ = true;
    return stretch;
  };
  if (capped_ || offset_ignored_ || most <= 0) return std::nullopt;
  if (stream_->paging == Paging::object) return asked_ ? std::nullopt : std::optional(go({0, 0}));
  if (!left_.empty()) {
    Stretch stretch = left_.front();
    left_.pop_front();
    if (stretch.count > most) {
      left_.push_front({stretch.offset + most, stretch.count - most});
      stretch.count = most;
    }
    return go(stretch);
  }
  const bool more_is_known = answered_ && frontier_ < total_most_.value_or(0);
  const bool more_is_likely = answered_ && under_way_ == 0 && full_to_frontier_;
  if (asked_ && !more_is_known && !more_is_likely) return std::nullopt;
  const Stretch stretch{frontier_, std::min(page_size_, most)};
  frontier_ += stretch.count;
  full_to_frontier_ = false;
  return go(stretch);
}

bool Collection::repeats(const Stretch& stretch, const PageContents& contents) const {
  if (contents.records == 0 || stream_->paging == Paging::object) return false;
  const auto found = offset_of_digest_.find(contents.digest);
  return found != offset_of_digest_.end() && found->second != stretch.offset;
}

void Collection::take(const Stretch& stretch, const PageContents& contents) {
  --under_way_;
  answered_ = true;
  if (contents.total_items && stream_->total != Total::absent && stream_->paging != Paging::object) {
    if (!total_first_) total_first_ = contents.total_items;
    total_last_ = contents.total_items;
    total_most_ = std::max(total_most_.value_or(0), *contents.total_items);
  }
  if (repeats(stretch, contents)) {
    offset_ignored_ = true;
    return;
  }
  if (contents.records > 0) offset_of_digest_.emplace(contents.digest, stretch.offset);
  records_ += contents.records;
  if (has_keys_) keys_.insert(keys_.end(), contents.key_hashes.begin(), contents.key_hashes.end());
  if (stream_->paging == Paging::object) return;

  const i64 end = stretch.offset + contents.records;
  if (contents.records >= stretch.count) {
    frontier_ = std::max(frontier_, end);
    if (end >= frontier_) full_to_frontier_ = true;
    return;
  }
  // Short: the end, or a gateway's doing. Only an empty page, or as many records as Mailchimp says there are (where it can be believed),
  // ends a collection.
  const bool may_have_more = stream_->total != Total::exact || !total_most_ || end != *total_most_;
  if (contents.records > 0 && may_have_more) left_.push_back({end, stretch.offset + stretch.count - end});
}

bool Collection::split(const Stretch& stretch) {
  if (stretch.count <= kSmallestPage) return false;
  --under_way_;
  const i64 half = stretch.count / 2;
  page_size_ = std::max(std::min(page_size_, half), kSmallestPage);
  left_.push_back({stretch.offset, half});
  left_.push_back({stretch.offset + half, stretch.count - half});
  // Whether there is more behind the frontier is now the second half's to say.
  return true;
}

bool Collection::pass_done() const {
  if (under_way_ > 0) return false;
  if (capped_ || offset_ignored_) return true;
  if (!answered_ || !left_.empty()) return false;
  if (stream_->paging == Paging::object) return true;
  return frontier_ >= total_most_.value_or(0) && !full_to_frontier_;
}

i64 Collection::distinct() const { return has_keys_ ? count_distinct(keys_) : records_; }

bool Collection::is_enough(i64 records) const { return !total_most_ || records >= *total_most_; }

bool Collection::is_clean() const {
  if (offset_ignored_) return is_enough(records_);
  if (total_first_ != total_last_ || (has_keys_ && distinct() != records_)) return false;
  return stream_->total == Total::exact && total_last_ ? records_ == *total_last_ : is_enough(records_);
}

Collection::Ending Collection::end_pass() {
  if (capped_ || stream_->paging == Paging::object || (pass_ == 1 && is_clean())) return {Outcome::complete, {}};
  const std::pair<i64, u64> now{records_, std::accumulate(keys_.begin(), keys_.end(), u64{0})};
  all_keys_.insert(all_keys_.end(), keys_.begin(), keys_.end());
  if (is_clean()) return {Outcome::complete, fmt::format("it changed while it was read; pass {} was whole", pass_)};
  const bool is_settled = earlier_ == now;
  if (!is_settled && pass_ < kMostPasses) {
    earlier_ = now;
    ++pass_;
    begin_pass();
    return {Outcome::again, {}};
  }
  const i64 had = has_keys_ ? std::max(is_settled ? records_ : 0, count_distinct(all_keys_)) : records_;
  if (is_enough(had)) return {Outcome::complete, remark(is_settled)};
  return {Outcome::incomplete, fmt::format("Mailchimp says {} records and gave {}{}", *total_most_, had,
                                           offset_ignored_ ? ": it answers every offset with the same page" : "")};
}

std::string Collection::remark(bool is_settled) const {
  if (!is_settled) return fmt::format("it changed in each of {} passes; together they have all", pass_);
  if (records_ > distinct()) return fmt::format("{} records came more than once, in the same places in each pass", records_ - distinct());
  return fmt::format("Mailchimp gave {} records and says {}", records_, total_last_.value_or(0));
}

void Collection::restore(int pass, const std::vector<std::pair<Stretch, PageContents>>& pages) {
  pass_ = pass;
  asked_ = true;
  std::vector<Stretch> covered;
  for (const auto& [stretch, contents] : pages) {
    ++under_way_;
    take(stretch, contents);
    covered.push_back({stretch.offset, contents.records > 0 ? contents.records : stretch.count});
  }
  if (stream_->paging == Paging::object) return;
  // What was under way when the run ended left holes between the pages that became durable.
  left_.clear();
  std::sort(covered.begin(), covered.end(), [](const Stretch& a, const Stretch& b) { return a.offset < b.offset; });
  i64 reached = 0;
  for (const Stretch& stretch : covered) {
    for (i64 at = reached; at < stretch.offset; at += page_size_) left_.push_back({at, std::min(page_size_, stretch.offset - at)});
    reached = std::max(reached, stretch.offset + stretch.count);
  }
  full_to_frontier_ = full_to_frontier_ && reached >= frontier_;
  frontier_ = reached;
}

void Collection::begin_pass() {
  asked_ = answered_ = full_to_frontier_ = offset_ignored_ = false;
  under_way_ = frontier_ = records_ = 0;
  left_.clear();
  offset_of_digest_.clear();
  keys_.clear();
  total_first_.reset();
  total_last_.reset();
  total_most_.reset();
}

}  // namespace chimplift
