// How the pages of a stream become rows: what a table was loaded with, so that a version that does it in another way loads it anew.
#pragma once

#include <string>

#include "mailchimp/stream.hpp"

namespace chimplift {

/// 16 hex digits that change with the stream's table as the catalogue has it, with where its records stand in a page, and with kMapping in
/// mapping.cpp, which says how records become rows.
const std::string& mapping_of(const Stream& stream);

}  // namespace chimplift
