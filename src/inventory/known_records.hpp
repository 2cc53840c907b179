// Records of an archive that its account alone has. Where a key's role may not see the account, nobody says whose archive it is: another
// key must open such a record then.
#pragma once

#include <string>
#include <vector>

#include "archive/account_archive.hpp"
#include "base/error.hpp"

namespace chimplift {

struct KnownRecord {
  std::string table;           // that has it
  std::string id;              // in it
  std::string id_field;        // of the answer
  std::string path_and_query;  // of the record alone
};

/// Some of the newest records that have others below them, and with them a path of their own; of different tables first, three of each at
/// most: some may have been deleted since. Those with an id that another account may have as well only where there are no others. Empty
/// where the archive has none. Error: archive, where the ledger cannot be read.
Result<std::vector<KnownRecord>> known_records(const AccountArchive& archive);

/// True where this is the record.
bool is_record(const KnownRecord& record, std::string_view body);

}  // namespace chimplift
