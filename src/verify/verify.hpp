// Verification: what Mailchimp said there is, what the archive holds, what the tables hold. It reads every page and every file of the
// archive again and works out anew, from the pages themselves, which collections and files there must be; it trusts nothing that the pull
// remembers.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "archive/account_archive.hpp"
#include "certificate/certificate.hpp"
#include "certificate/content.hpp"
#include "run/settings.hpp"
#include "verify/cross_checker.hpp"
#include "warehouse/warehouse.hpp"

namespace chimplift {

struct Verification {
  Certificate certificate;
  KnownSums known_sums;  // of what was read and is as it was, for whoever sums up the content next
  // What a failed cross-check compared, and collections with a damaged page: read once more, they may be right.
  std::set<CrossChecker::Doubt> doubts;
  std::vector<std::pair<FileRecord, std::string>> damaged_files;  // that are not as they were, and how
};

/// `warehouse`: nullptr for the archive alone. Error: archive or destination where something could not be read at all; interrupted.
Result<Verification> verify_archive(const AccountArchive& archive, const Settings& settings, Warehouse* warehouse);

}  // namespace chimplift
