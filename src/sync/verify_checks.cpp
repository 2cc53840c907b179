// The part of verification that compares what Mailchimp says in one place with what was read in another.
#include <algorithm>
#include <iterator>

#include "sync/closing_command.hpp"
#include "sync/verify.hpp"

namespace chimplift {

void Verifier::judge_cross_checks() {
  const std::string command = closing_command(*settings_, "sync", {{"account", certificate_.account_name}});
  const std::string why_none = archive_->about().test ? "a test run reads only a part"
                               : settings_->subset    ? "only a part was verified"
                                                      : "";
  const auto finish = [&](const CrossChecker* ever) {
    return cross_checker_->finish(certificate_.streams, expected_units_, command, why_none, ever);
  };
  CrossChecker::Findings found = finish(nullptr);
  if (!found.gaps.empty()) {
    const std::unique_ptr<CrossChecker> ever = check_what_ever_was(found.lines);
    found = finish(ever.get());
  }
  certificate_.cross_checks = std::move(found.lines);
  doubts_.merge(found.doubts);
  std::move(found.gaps.begin(), found.gaps.end(), std::back_inserter(certificate_.gaps));
}

/// What was read once and has gone since is in the archive: Mailchimp's numbers, which lag, may still count it. So where there is too
/// little now, all that ever was read is counted. That reads pages a second time, and only of what failed.
std::unique_ptr<CrossChecker> Verifier::check_what_ever_was(const std::vector<CrossCheckLine>& lines) {
  std::set<std::string, std::less<>> tables;
  for (const CrossCheckLine& line : lines) {
    if (line.outcome == "fails") tables.insert(line.streams.begin(), line.streams.end());
  }
  auto ever = std::make_unique<CrossChecker>(cross_checks(), catalogue(), ledger_, CrossChecker::Reads::ever);
  for (const Stream& stream : catalogue()) {
    if (!tables.contains(stream.table)) continue;
    const UnitSet& units = expected_units_[std::string(stream.table)];
    const PageList& pages = pages_of(stream.table);
    for (std::size_t at = pages.size(); at-- > 0;) {
      const PageRecord page = pages[at];
      if (!units.contains(page.unit)) continue;
      // One that cannot be read was named before, and its collection is not compared.
      if (const Result<std::string> body = archive_->read_body(page)) ever->take(stream, page, *body);
    }
  }
  return ever;
}

}  // namespace chimplift
