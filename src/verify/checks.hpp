// What Mailchimp says in one place against what was read in another: the end of the cross-checks that were fed with each page.
#pragma once

#include <string>
#include <vector>

#include "verify/cross_checker.hpp"
#include "verify/evidence.hpp"
#include "verify/expectations.hpp"

namespace chimplift {

/// `checker` has taken all pages, `lines` are judged. `command`: what closes a gap. Where something is lacking it reads pages again.
/// Errors: interrupted, or nobody can look now.
Result<CrossChecker::Findings> judge_cross_checks(const Evidence& evidence, const CrossChecker& checker,
                                                  const std::vector<StreamLine>& lines, const Expectations& expectations,
                                                  const std::string& command);

}  // namespace chimplift
