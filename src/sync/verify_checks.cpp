// The part of verification that compares what Mailchimp says in one place with what was read in another.
#include <algorithm>
#include <iterator>

#include "sync/closing_command.hpp"
#include "sync/verify.hpp"

namespace chimplift {

void Verifier::judge_cross_checks() {
  const auto command_of = [this](const std::string& steps) {
    return closing_command(*settings_, "sync", {{"account", certificate_.account_name}, {"only-steps", steps}, {"excluded-steps", ""}});
  };
  const std::string why_none = archive_->about().test ? "a test run reads only a part"
                               : settings_->subset    ? "only a part was verified"
                                                      : "";
  CrossChecker::Findings found = cross_checker_->finish(certificate_.streams, expected_units_, command_of, why_none);
  certificate_.cross_checks = std::move(found.lines);
  doubts_ = std::move(found.doubts);
  std::move(found.gaps.begin(), found.gaps.end(), std::back_inserter(certificate_.gaps));
}

}  // namespace chimplift
