// What the ledger says of an account's files, and the pages that name them: for whoever looks at files alone. Bounded by the files and by
// the pages of the streams that have some.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "archive/account_archive.hpp"

namespace chimplift {

/// By kind and id.
using FileRecords = std::map<std::pair<std::string, std::string>, FileRecord>;

/// What the ledger's lines say of files, taken in their order.
struct KnownFiles {
  FileRecords records;       // what each is: the last word on it, but that bytes which the archive has are what it is until others come
  FileRecords failed_since;  // what came of asking for one with bytes once more, at another address perhaps, where that brought none
  FileRecords lost;          // what was had once of those without bytes

  void note(FileRecord record);
};

struct FileLedger {
  std::map<std::string, std::vector<PageRecord>, std::less<>> pages;  // of streams with file rules, in the ledger's order
  FileRecords files;                                                  // what each is
  i64 file_lines = 0;
};

Result<FileLedger> read_file_ledger(const AccountArchive& archive);

/// Nothing, or a web page or JSON in the place of something else: a gateway's doing, or all that there is.
bool is_doubtful(std::string_view path, i64 bytes, std::string_view content_type);

}  // namespace chimplift
