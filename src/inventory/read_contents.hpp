// A page of the archive as what it is: an answer that was taken for whole when it came. One that cannot be parsed is damaged as much as one
// whose bytes are others, and trying again does not mend it.
#pragma once

#include <string_view>

#include "archive/account_archive.hpp"
#include "rows/page.hpp"

namespace chimplift {

/// As read_page(), of a page's body. Errors: archive.
Result<PageContents> read_contents(const AccountArchive& archive, const PageRecord& page, std::string_view body, const PageShape& shape);

/// The error of whatever could not parse a page, as one of the archive.
Error as_damage(const AccountArchive& archive, const PageRecord& page, const Error& error);

}  // namespace chimplift
