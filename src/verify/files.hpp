// Files: what the pages name, what the ledger says came of it, and what is there.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "certificate/content.hpp"
#include "verify/evidence.hpp"
#include "verify/expectations.hpp"
#include "verify/findings.hpp"

namespace chimplift {

struct FilesJudged {
  std::vector<FileLine> lines;                              // by kind
  KnownSums known_sums;                                     // of those that were read and are as they were
  std::vector<std::pair<FileRecord, std::string>> damaged;  // not as they were, and how
};

/// Reads every file that is expected, and those that only a page of `unread` (streams with a page that cannot be read) may name. `part`
/// counts what was read where that is a part. Error: interrupted, or nobody can look now.
Result<FilesJudged> judge_files(const Evidence& evidence, const Expectations& expectations, const std::set<const Stream*>& unread,
                                Findings& findings, PartialReading& part);

}  // namespace chimplift
