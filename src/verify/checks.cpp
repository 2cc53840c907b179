#include "verify/checks.hpp"

#include <algorithm>
#include <limits>
#include <set>

#include "rows/convert.hpp"

namespace chimplift {
namespace {

// Chosen: Mailchimp's numbers lag by minutes (docs/mailchimp.md, "Statistics that lag"). What has gone for longer than a day is in none of
// them, and is not to pay for what is lacking now.
constexpr i64 kLongestLagMicros = 86'400'000'000;

/// 0 where the page does not say it.
i64 time_of(const PageRecord& page) {
  const std::optional<Timestamp> at = parse_timestamp(page.received_at);
  return at ? at->micros : 0;
}

/// When the first page was read of what stands there now. Pages of collections that are no more do not count: they may be years old.
i64 beginning_of(const Evidence& evidence, const std::set<std::string, std::less<>>& tables, const Expectations& expectations) {
  i64 first = std::numeric_limits<i64>::max();
  for (const std::string& table : tables) {
    for (const PageRecord page : evidence.pages_of(table)) {
      if (expectations.units_of(table).contains(page.unit) && evidence.is_of_last_pass(page)) first = std::min(first, time_of(page));
    }
  }
  return first;
}

/// What was read once and has gone since is in the archive: Mailchimp's numbers, which lag, may still count it. So where there is too
/// little now, what was read shortly before is counted as well. That reads pages a second time, and only of what failed.
Result<void> take_what_was_before(const Evidence& evidence, const std::vector<CrossCheckLine>& lines, const Expectations& expectations,
                                  CrossChecker& ever) {
  std::set<std::string, std::less<>> tables;
  for (const CrossCheckLine& line : lines) {
    if (line.outcome == CheckOutcome::fails) tables.insert(line.streams.begin(), line.streams.end());
  }
  const i64 beginning = beginning_of(evidence, tables, expectations);
  for (const Stream& stream : catalogue()) {
    if (!tables.contains(stream.table)) continue;
    const UnitSet& units = expectations.units_of(stream.table);
    const PageList& pages = evidence.pages_of(stream.table);
    for (std::size_t at = pages.size(); at-- > 0;) {
      const PageRecord page = pages[at];
      if (!units.contains(page.unit) || time_of(page) < beginning - kLongestLagMicros) continue;
      TRY(evidence.settings->go_on());
      // One that cannot be read is of a collection that is not compared.
      TRY_ASSIGN(const std::optional<std::string> body, evidence.body_once_more(page));
      if (body) ever.take(stream, page, *body);
    }
  }
  return {};
}

}  // namespace

Result<CrossChecker::Findings> judge_cross_checks(const Evidence& evidence, const CrossChecker& checker,
                                                  const std::vector<StreamLine>& lines, const Expectations& expectations,
                                                  const std::string& command) {
  const std::string why_none = evidence.is_test()          ? "a test run reads only a part"
                               : evidence.settings->subset ? "only a part was verified"
                                                           : "";
  CrossChecker::Findings found = checker.finish(lines, expectations.units(), command, why_none);
  if (found.gaps.empty()) return found;
  CrossChecker ever(cross_checks(), catalogue(), *evidence.ledger, CrossChecker::Reads::ever);
  TRY(take_what_was_before(evidence, found.lines, expectations, ever));
  return checker.finish(lines, expectations.units(), command, why_none, &ever);
}

}  // namespace chimplift
