// An account's journal in a bucket. Objects are not appended to, so a commit makes one object of the pages that came of each stream
// (raw/<stream>/000017.ndjson.zst) and then, when all of these and the files are there, one of the ledger's lines
// (ledger/00000042.ndjson). All pieces of the ledger, one behind the other, are the ledger. Each is written only where none of its number
// is: of two runs that both believe that the account is theirs, the ledger takes the lines of one, and the other finds out and stops.
// Only s3_tree.cpp includes this.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "archive/journal.hpp"
#include "archive/s3_bucket.hpp"
#include "archive/tree.hpp"

namespace chimplift {

struct S3JournalSettings {
  std::string root;  // what the account's keys begin with: "" or with a slash at its end
  i64 lease_millis = 0;
  Gathering gathering = {};
  std::string account_name;
  std::function<void(const std::string& path, i64 size)> on_file;  // of each file that was written, below the account's part
};

/// A local copy of the ledger; nullptr where there is none.
Result<std::unique_ptr<LedgerCopy>> open_s3_ledger(const std::shared_ptr<S3Bucket>& bucket, const std::string& root, LedgerPart part);
Result<std::unique_ptr<Journal>> open_s3_journal(const std::shared_ptr<S3Bucket>& bucket, S3JournalSettings settings);

}  // namespace chimplift
