// How the pages of a stream become rows: what a table was loaded with, so that a version that does it in another way loads it anew.
#pragma once

#include <string>

#include "mailchimp/stream.hpp"

namespace chimplift {

/// 16 hex digits of a SHA-256 over the stream's table as the catalogue has it, where its records stand in a page, and kMapping in
/// mapping.cpp, a number that is raised with the rules by which records become rows. `stream`: of the catalogue, or as by_id() gives it.
const std::string& mapping_of(const Stream& stream);

}  // namespace chimplift
