#include "verify/streams.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "inventory/unit_stream.hpp"
#include "verify/equal_keys.hpp"

namespace chimplift {
namespace {

// Of a step that was not run, or had only begun, a person looks at so many; of more than these one gap says that none was read.
constexpr i64 kMostCollections = 20;

}  // namespace

Result<void> StreamJudge::judge(const Stream& stream, StreamLine& line) {
  if (evidence_->is_pulled(stream)) {
    TRY(judge_units(stream, line));
    if (line.state == StreamState::complete && lacks_ids(stream)) line.state = StreamState::incomplete;
  }
  states_[stream.table] = line.state;
  judge_keys_of_table(*evidence_, stream, line, *findings_);
  if (evidence_->settings->subset) line.loaded.reset();  // of the pages that were read, which says nothing about the table
  if (!evidence_->selection().has(stream)) {
    line.state = StreamState::excluded;
    line.loaded.reset();
  }
  return {};
}

void StreamJudge::judge_again(std::vector<StreamLine>& lines) {
  for (StreamLine& line : lines) {
    const Stream& stream = *find_stream(line.table);
    StreamState& state = states_[stream.table];
    if (state == StreamState::complete && lacks_ids(stream)) state = StreamState::incomplete;
    if (evidence_->selection().has(stream)) line.state = state;
  }
}

Result<void> StreamJudge::judge_units(const Stream& stream, StreamLine& line) {
  const UnitSet& units = expectations_->units_of(stream.table);
  line.units = static_cast<i64>(units.size());
  const i64 gaps_before = findings_->gap_count();
  Counts counts;
  if (line.units > kMostCollections && !evidence_->is_test() && has_no_end(units)) {
    counts.missing = line.units;
    findings_->gap(stream, {}, fmt::format("none of its {} collections was read to its end yet", format_count(line.units)));
  } else {
    for (const UnitId& unit : units) count(stream, unit, line, counts);
  }
  TRY(judge_equal_keys(*evidence_, stream, counts.doubled, *findings_));
  line.gone = counts.gone;
  // Lists in their parents' records are taken where they are whole: what they hold is what there is.
  const bool is_embedded = !stream.embedded.empty();
  if (counts.has_total || is_embedded || stream.paging == Paging::object)
    line.expected = counts.expected + (is_embedded ? line.pulled - counts.own_pulled : 0);
  if (line.state == StreamState::incomplete || counts.missing > 0 || findings_->gap_count() > gaps_before) {
    line.state = StreamState::incomplete;
  } else if (counts.not_permitted > 0) {
    line.state = StreamState::not_permitted;
  } else {
    line.state = !units.empty() && counts.gone == line.units ? StreamState::gone : StreamState::complete;
  }
  name_forbidden(stream, counts);
  return {};
}

/// True where none of these collections came to an end: the step that they are of was not run, or had only begun.
bool StreamJudge::has_no_end(const UnitSet& units) const {
  return std::none_of(units.begin(), units.end(), [this](const UnitId& unit) { return evidence_->ledger->end_of(unit) != nullptr; });
}

void StreamJudge::count(const Stream& stream, const UnitId& unit, StreamLine& line, Counts& counts) {
  const LedgerView::End* end = evidence_->ledger->end_of(unit);
  if (end == nullptr) {
    if (evidence_->is_test()) return;
    ++counts.missing;
    findings_->gap(stream_of(unit), unit.parents, "not read to its end yet");
    return;
  }
  line.pulled += end->records;
  counts.own_pulled += end->records;
  line.duplicates += end->records - end->distinct;
  counts.has_total = counts.has_total || end->total_last.has_value();
  // Where Mailchimp counts less than it lists, what it listed is what is expected.
  counts.expected += stream.total == Total::exact ? end->total_last.value_or(end->records) : end->records;
  switch (end->state) {
    case UnitState::complete:
      judge_whole(stream, unit, *end, counts);
      break;
    case UnitState::gone:
      if (expectations_->has_returned(unit)) {
        ++counts.missing;
        findings_->gap(stream_of(unit), unit.parents, "taken for deleted, and listed again since");
      } else {
        ++counts.gone;
      }
      break;
    case UnitState::not_permitted:
      ++counts.not_permitted;
      counts.forbidden = end->reason;
      break;
    case UnitState::incomplete:
      ++counts.missing;
      findings_->gap(stream_of(unit), unit.parents, end->reason);
      break;
  }
}

/// A collection that was read to its end has the pages that its end speaks of, and as many records as Mailchimp said.
void StreamJudge::judge_whole(const Stream& stream, const UnitId& unit, const LedgerView::End& end, Counts& counts) {
  if (!evidence_->is_test() && stream.total == Total::exact && end.total_last.value_or(0) > end.records) {
    ++counts.missing;
    findings_->gap(stream_of(unit), unit.parents, fmt::format("Mailchimp says {} records, and {} were read", *end.total_last, end.records));
  }
  if (const i64 named = records_named(unit); named != end.records) {
    ++counts.missing;
    findings_->gap(stream_of(unit), unit.parents,
                   fmt::format("the ledger's pages have {} records, and their end says {}", named, end.records));
  }
  if (end.records > end.distinct) counts.doubled.push_back(unit);
}

/// How many records the pages of a unit's last pass have, as the ledger names them.
i64 StreamJudge::records_named(const UnitId& unit) const {
  const LedgerView::Pass* found = evidence_->ledger->last_pass_of(unit);
  if (found == nullptr) return 0;
  return found->records - (pages_by_offset(stream_of(unit)) ? found->seams : 0);
}

/// One gap where the key may read none of them, else one for each.
void StreamJudge::name_forbidden(const Stream& stream, const Counts& counts) {
  if (counts.not_permitted == 0) return;
  const UnitSet& units = expectations_->units_of(stream.table);
  if (counts.not_permitted == static_cast<i64>(units.size())) {
    findings_->forbidden(stream, {}, counts.forbidden);
    return;
  }
  for (const UnitId& unit : units) {
    const LedgerView::End* end = evidence_->ledger->end_of(unit);
    if (end != nullptr && end->state == UnitState::not_permitted) findings_->forbidden(stream_of(unit), unit.parents, end->reason);
  }
}

/// True where not all ids are known that the stream is asked for with. The gap that says why is the parent's, where somebody chose that.
bool StreamJudge::lacks_ids(const Stream& stream) const {
  if (findings_->is_cut_off(stream.table)) return true;
  const auto parent = states_.find(stream.parent);
  return parent != states_.end() && (parent->second == StreamState::incomplete || parent->second == StreamState::not_permitted);
}

}  // namespace chimplift
