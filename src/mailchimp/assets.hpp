// What the tables say of files: one table of every file and each place where it is used, and columns beside the records that are files.
#pragma once

#include <span>

#include "mailchimp/stream.hpp"

namespace chimplift {

/// `assets`: a row for each file and record that uses it.
const Table& assets_table();

/// What a record's own row says of its file (FileRule::in_row): storage_uri, sha256, bytes, content_type.
std::span<const Column> storage_columns();

/// True where the stream's rows have these columns.
bool has_storage_columns(const Stream& stream);

}  // namespace chimplift
