#include "verify/checks.hpp"

#include <set>

namespace chimplift {
namespace {

/// What was read once and has gone since is in the archive: Mailchimp's numbers, which lag, may still count it. So where there is too
/// little now, all that ever was read is counted. That reads pages a second time, and only of what failed.
Result<void> take_what_ever_was(const Evidence& evidence, const std::vector<CrossCheckLine>& lines, const Expectations& expectations,
                                CrossChecker& ever) {
  std::set<std::string, std::less<>> tables;
  for (const CrossCheckLine& line : lines) {
    if (line.outcome == CheckOutcome::fails) tables.insert(line.streams.begin(), line.streams.end());
  }
  for (const Stream& stream : catalogue()) {
    if (!tables.contains(stream.table)) continue;
    const UnitSet& units = expectations.units_of(stream.table);
    const PageList& pages = evidence.pages_of(stream.table);
    for (std::size_t at = pages.size(); at-- > 0;) {
      const PageRecord page = pages[at];
      if (!units.contains(page.unit)) continue;
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
  TRY(take_what_ever_was(evidence, found.lines, expectations, ever));
  return checker.finish(lines, expectations.units(), command, why_none, &ever);
}

}  // namespace chimplift
