#include "verify/cross_checker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "inventory/unit_stream.hpp"
#include "rows/convert.hpp"
#include "rows/page.hpp"

namespace chimplift {
namespace {

// As many as a person looks at; the numbers of all are in the line's sums.
constexpr std::size_t kMostExamples = 5;

const Stream* find_in(std::span<const Stream> streams, std::string_view table) {
  const auto found = std::find_if(streams.begin(), streams.end(), [table](const Stream& stream) { return stream.table == table; });
  return found == streams.end() ? nullptr : &*found;
}

bool agrees(CrossCheck::Relation relation, i64 said, i64 read) {
  return relation == CrossCheck::Relation::at_least ? read >= said : read == said;
}

bool fails(CrossCheck::Relation relation, i64 said, i64 read) {
  return read < said && (relation == CrossCheck::Relation::exact || relation == CrossCheck::Relation::at_least);
}

/// A sum that would overflow stays where it is: only absurd numbers get there.
void add_to(i64& sum, i64 number) {
  if (i64 result = 0; !__builtin_add_overflow(sum, number, &result)) sum = result;
}

std::vector<std::pair<std::string, std::string>> named(const std::vector<std::string>& names, const std::vector<std::string>& group) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (std::size_t i = 0; i < names.size(); ++i) pairs.emplace_back(names[i], group[i]);
  return pairs;
}

std::string state_of(const std::vector<StreamLine>& streams, std::string_view table) {
  const auto found = std::find_if(streams.begin(), streams.end(), [table](const StreamLine& line) { return line.table == table; });
  return std::string(name_of(found == streams.end() ? StreamState::excluded : found->state));
}

/// Of all sweeps together.
UnitId collection_of(const UnitId& unit) { return {unit.stream, unit.parents, 0}; }

CheckOutcome outcome_of(const CrossCheckLine& line, bool has_failed) {
  if (line.compared == 0) return CheckOutcome::not_made;
  if (has_failed) return CheckOutcome::fails;
  return line.differing > 0 ? CheckOutcome::differs_explained : CheckOutcome::holds;
}

CrossChecker::Doubt doubt_of(const Stream& stream, const CrossSide& side, const std::vector<std::string>& group) {
  return {std::string(stream.table), side.names() == parent_columns(stream) ? group : std::vector<std::string>()};
}

}  // namespace

CrossChecker::CrossChecker(std::span<const CrossCheck> checks, std::span<const Stream> streams, const LedgerView& ledger, Reads reads)
    : reads_(reads), ledger_(&ledger) {
  for (const CrossCheck& check : checks) {
    const Stream* said = find_in(streams, check.said.stream);
    const Stream* read = find_in(streams, check.read.stream);
    if (said == nullptr || read == nullptr) continue;  // a test holds every entry to the catalogue
    checks_.push_back({&check, said, read, CrossSide(check.said, *said), CrossSide(check.read, *read)});
  }
  for (Check& check : checks_) {
    by_stream_[check.said_stream->table].push_back(&check);
    if (check.read_stream != check.said_stream) by_stream_[check.read_stream->table].push_back(&check);
  }
}

// ---- pages

void CrossChecker::take(const Stream& stream, const PageRecord& page, std::string_view body) {
  const auto checks = by_stream_.find(stream.table);
  if (checks == by_stream_.end()) return;
  const LedgerView::Pass* reading = ledger_->last_pass_of(page.unit);
  if (ledger_->end_of(page.unit) == nullptr) return;
  const bool is_now = reading != nullptr && reading->has(page);
  if (!is_now && reads_ == Reads::now) return;
  const Result<JsonDocument> document = JsonDocument::parse(body);
  if (!document) return;  // its unit is not whole then
  const Result<std::vector<const JsonNode*>> records = records_of(*document, reading_of(stream, page.unit).items);
  if (!records) return;
  if (is_now) note_when_said(checks->second, stream, page);
  take_records(checks->second, stream, page, *records, is_now);
  if (!is_now) return;
  take_what_the_page_says(checks->second, stream, page, document->root());
  note_taken(stream, page, reading->pages);
}

void CrossChecker::note_when_said(const std::vector<Check*>& checks, const Stream& stream, const PageRecord& page) {
  const std::optional<Timestamp> at = parse_timestamp(page.received_at);
  if (!at) return;
  for (Check* check : checks) {
    if (check->said_stream == &stream) check->said_at = std::min(check->said_at.value_or(at->micros), at->micros);
  }
}

void CrossChecker::take_records(const std::vector<Check*>& checks, const Stream& stream, const PageRecord& page,
                                const std::vector<const JsonNode*>& records, bool is_now) {
  const std::vector<std::string>& parents = page.unit.parents;
  const std::vector<std::string> key = shape_of(stream).key;
  const LedgerView::Pass* reading = ledger_->last_pass_of(page.unit);
  const bool may_repeat = reads_ == Reads::ever || (!key.empty() && (reading->pages > 1 || stream.sweeps.size() > 1));
  UnderWay& under_way = under_way_[collection_of(page.unit)];
  for (const JsonNode* record : records) {
    if (may_repeat && !under_way.keys.insert(hash_of_key(*record, key)).second) continue;
    for (Check* check : checks) {
      if (check->said_stream == &stream && !check->said.is_of_page() && is_now) add(*check, true, parents, *record);
      if (check->read_stream == &stream && !check->read.is_of_page()) add(*check, false, parents, *record);
    }
  }
}

void CrossChecker::take_what_the_page_says(const std::vector<Check*>& checks, const Stream& stream, const PageRecord& page,
                                           const JsonNode& root) {
  for (Check* check : checks) {
    if (check->said_stream == &stream && check->said.is_of_page()) set(*check, true, page, root);
    if (check->read_stream == &stream && check->read.is_of_page()) set(*check, false, page, root);
  }
}

/// `pages`: of the unit's last pass. What is known of a collection's keys is let go with the last page of its last sweep.
void CrossChecker::note_taken(const Stream& stream, const PageRecord& page, i64 pages) {
  const UnitId collection = collection_of(page.unit);
  UnderWay& under_way = under_way_[collection];
  if (++under_way.pages[page.unit] < pages) return;
  whole_.insert(page.unit);
  if (++under_way.whole == stream.sweeps.size() && reads_ == Reads::now) under_way_.erase(collection);
}

void CrossChecker::add(Check& check, bool is_said, const std::vector<std::string>& parents, const JsonNode& record) {
  const CrossSide& side = is_said ? check.said : check.read;
  if (!side.takes(record, check.said_at)) return;
  Numbers& numbers = check.groups[side.group_of(parents, record)];
  const std::optional<i64> value = side.value_of(record);
  numbers.is_said = numbers.is_said || is_said;
  numbers.is_unknown = numbers.is_unknown || !value;
  add_to(is_said ? numbers.said : numbers.read, value.value_or(0));
}

/// The pages of a collection say the same number again and again: the last one counts.
void CrossChecker::set(Check& check, bool is_said, const PageRecord& record, const JsonNode& page) {
  const CrossSide& side = is_said ? check.said : check.read;
  const std::optional<i64> value = side.value_of(page);
  if (!value) return;
  Numbers& numbers = check.groups[side.group_of(record.unit.parents, page)];
  numbers.is_said = numbers.is_said || is_said;
  if (record.number < numbers.page) return;
  numbers.page = record.number;
  (is_said ? numbers.said : numbers.read) = *value;
}

// ---- the end

/// "" where the unit was read to its end and each of its pages was taken here.
std::string CrossChecker::why_not_read(const UnitId& unit) const {
  const LedgerView::End* end = ledger_->end_of(unit);
  if (end == nullptr) return "not read to its end yet";
  if (end->state != UnitState::complete) return std::string(name_of(end->state));
  const bool has_pages = ledger_->last_pass_of(unit) != nullptr;  // a record that Mailchimp does not have has none
  return !has_pages || whole_.contains(unit) ? "" : "a page of it cannot be read";
}

CrossChecker::Obstacles CrossChecker::obstacles_of(const Check& check, const std::vector<StreamLine>& streams,
                                                   const std::map<std::string, UnitSet>& units) const {
  Obstacles obstacles;
  obstacles.is_by_parents = check.read.is_by_parents();
  const std::string said_state = state_of(streams, check.check->said.stream);
  const std::string read_state = state_of(streams, check.check->read.stream);
  if (said_state != "complete") {
    obstacles.whole = fmt::format("{}: {}", check.check->said.stream, said_state);
  } else if (read_state == "excluded") {
    obstacles.whole = fmt::format("{}: {}", check.check->read.stream, read_state);
  }
  const auto found = units.find(std::string(check.check->read.stream));
  if (!obstacles.whole.empty() || found == units.end()) return obstacles;
  for (const UnitId& unit : found->second) {
    const std::string why_not = why_not_read(unit);
    if (obstacles.is_by_parents) {
      std::string& known = obstacles.units[check.read.group_of(unit.parents)];
      if (known.empty() && !why_not.empty()) known = fmt::format("{}: {}", check.check->read.stream, why_not);
    } else if (!why_not.empty()) {
      obstacles.whole = fmt::format("{}: {}", check.check->read.stream, why_not);
      break;
    }
  }
  return obstacles;
}

CrossChecker::Findings CrossChecker::finish(const std::vector<StreamLine>& streams, const std::map<std::string, UnitSet>& units,
                                            const std::string& command, const std::string& why_none, const CrossChecker* ever) const {
  Findings findings;
  for (const Check& check : checks_) {
    Obstacles obstacles;
    if (why_none.empty()) {
      obstacles = obstacles_of(check, streams, units);
    } else {
      obstacles.whole = why_none;
    }
    const Check* all = nullptr;
    if (ever != nullptr) {
      const auto found =
          std::find_if(ever->checks_.begin(), ever->checks_.end(), [&check](const Check& c) { return c.check->name == check.check->name; });
      if (found != ever->checks_.end()) all = &*found;
    }
    judge(check, obstacles, command, all, findings);
  }
  return findings;
}

CrossCheckLine CrossChecker::head_of(const CrossCheck& about, const Obstacles& obstacles) {
  CrossCheckLine line;
  line.name = about.name;
  line.streams = {std::string(about.said.stream)};
  if (about.read.stream != about.said.stream) line.streams.emplace_back(about.read.stream);
  line.relation = name_of(about.relation);
  line.explanation = about.explanation;
  line.reason = obstacles.whole;
  return line;
}

/// "" where the group can be compared.
std::string CrossChecker::why_not_compared(const CrossCheck& about, const Obstacles& obstacles, const Group& group,
                                           const Numbers& numbers) {
  const auto unit = obstacles.units.find(group);
  if (unit != obstacles.units.end() && !unit->second.empty()) return unit->second;
  if (unit == obstacles.units.end() && obstacles.is_by_parents) return fmt::format("{}: there was nothing to ask for", about.read.stream);
  return numbers.is_unknown ? "a record lacks the number" : "";
}

/// True where all that was ever read of the group is enough.
bool CrossChecker::has_gone_since(const CrossCheck& about, const Check* ever, const Group& group, i64 said) {
  if (ever == nullptr) return false;
  const auto all = ever->groups.find(group);
  return all != ever->groups.end() && !fails(about.relation, said, all->second.read);
}

void CrossChecker::note_failure(const Check& check, const Group& group, const Numbers& numbers, const std::string& command,
                                Findings& findings) {
  const CrossCheck& about = *check.check;
  findings.doubts.insert(doubt_of(*check.said_stream, check.said, group));
  findings.doubts.insert(doubt_of(*check.read_stream, check.read, group));
  findings.gaps.push_back({std::string(about.read.stream), named(check.read.names(), group), "",
                           fmt::format("{}: {} says {}, and {} were read: something is missing that no total shows", about.name,
                                       about.said.stream, numbers.said, numbers.read),
                           command});
}

void CrossChecker::note_owed(const Check& check, const Group& group, Findings& findings) {
  const CrossCheck& about = *check.check;
  findings.exceptions.push_back(
      {std::string(about.read.stream), named(check.read.names(), group), "", fmt::format("{}: {}", about.name, about.explanation), ""});
}

/// The first kMostExamples, the largest difference first.
std::vector<CrossCheckLine::Example> CrossChecker::largest_of(const Check& check, std::vector<Differing> differing) {
  const CrossCheck::Relation relation = check.check->relation;
  const auto weight = [relation](const Differing& item) {
    const i64 lacking = item.second->said - item.second->read;
    return relation == CrossCheck::Relation::about ? std::abs(lacking) : lacking;
  };
  std::sort(differing.begin(), differing.end(), [&weight](const Differing& a, const Differing& b) {
    return weight(a) != weight(b) ? weight(a) > weight(b) : *a.first < *b.first;
  });
  if (differing.size() > kMostExamples) differing.resize(kMostExamples);
  std::vector<CrossCheckLine::Example> examples;
  for (const auto& [group, numbers] : differing) examples.push_back({named(check.read.names(), *group), numbers->said, numbers->read});
  return examples;
}

void CrossChecker::judge(const Check& check, const Obstacles& obstacles, const std::string& command, const Check* ever,
                         Findings& findings) {
  const CrossCheck& about = *check.check;
  CrossCheckLine line = head_of(about, obstacles);
  bool has_failed = false;
  bool has_gone = false;
  std::vector<Differing> differing;
  for (const auto& [group, numbers] : check.groups) {
    if (!numbers.is_said || !obstacles.whole.empty()) continue;
    if (const std::string why_not = why_not_compared(about, obstacles, group, numbers); !why_not.empty()) {
      ++line.not_made;
      if (line.reason.empty()) line.reason = why_not;
      continue;
    }
    ++line.compared;
    add_to(line.said, numbers.said);
    add_to(line.read, numbers.read);
    if (agrees(about.relation, numbers.said, numbers.read)) {
      ++line.equal;
      continue;
    }
    ++line.differing;
    differing.emplace_back(&group, &numbers);
    if (about.relation == CrossCheck::Relation::owed && numbers.read < numbers.said) note_owed(check, group, findings);
    if (!fails(about.relation, numbers.said, numbers.read)) continue;
    if (has_gone_since(about, ever, group, numbers.said)) {
      has_gone = true;
    } else {
      has_failed = true;
      note_failure(check, group, numbers, command, findings);
    }
  }
  line.examples = largest_of(check, std::move(differing));
  if (has_gone) line.explanation += " Records that were read before and are no more make up for what is less.";
  if (line.compared == 0 && line.reason.empty()) line.reason = kNothingToCompare;
  line.outcome = outcome_of(line, has_failed);
  findings.lines.push_back(std::move(line));
}

}  // namespace chimplift
