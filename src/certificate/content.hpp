// One sum over all bytes of an account's archive, so that it can be proven later that an archive is the one that a certificate speaks of.
//
// It is the sha256 of a list in the form of sha256sum: a line "<sha256>  <path>\n" for every file below raw/, files/ and ledger/ of the
// account's folder, in the order of their paths' bytes. The list itself is kept as content.sha256, so that `sha256sum --check` says which
// file is no longer as it was. Files that chimplift never writes (hidden ones, odd names) are not the archive's and not in it.
#pragma once

#include <map>
#include <string>

#include "archive/tree.hpp"
#include "base/error.hpp"
#include "certificate/certificate.hpp"
#include "run/settings.hpp"

namespace chimplift {

/// sha256 of files that were read and hashed anyway, by their path below the account's folder: "files/templates/12.png". "": of a file that
/// was read in part.
using KnownSums = std::map<std::string, std::string>;

struct ContentList {
  ContentSum sum;
  std::string text;  // what content.sha256 holds
};

/// Adds the sums of all pages and files that are not known yet, which takes as long as reading them. Errors: those of list_content.
Result<void> sum_up(const Settings& settings, Tree& account, KnownSums& known);

/// Reads every file whose sum is not known yet. Errors: destination or temporary, for a file that cannot be read, or was read before and is
/// not there any more.
Result<ContentList> list_content(const Settings& settings, Tree& account, const KnownSums& known);

}  // namespace chimplift
