// Did anything come in since the account was read? Asks Mailchimp for each collection's total again and compares it with what it said on
// the last page when the collection was read to its end. What hangs below single people is not asked: that would be a request for each of
// them.
#pragma once

#include <vector>

#include "archive/account_archive.hpp"
#include "certificate/certificate.hpp"
#include "run/settings.hpp"

namespace chimplift {

struct SourceResult {
  SourceCheck check;
  std::vector<Finding> gaps;        // collections that grew, and such as would not say
  std::vector<RefreshEvent> grown;  // the collections that grew, to be read anew
};

/// Errors: what keeps the account from being asked at all (permission, temporary, blocked, …); usage, where the key, or the one that takes
/// its place meanwhile, opens another account than the archive's; interrupted.
Result<SourceResult> check_source(const Settings& settings, const Account& account, const AccountArchive& archive,
                                  AccountProgress& progress);

/// Puts the result into the certificate; a gap makes it not safe.
void add_source(SourceResult result, Certificate& certificate);

}  // namespace chimplift
