// --ca-file: the certificate authorities that are trusted in place of the system's.
#pragma once

#include <string>

#include "base/error.hpp"
#include "cli/config.hpp"

namespace chimplift {

/// The file's name, or "" where none is given. Error: usage, where it cannot be read or holds no certificate: otherwise whoever is asked
/// over TLS would seem to be the one that is not to be trusted, and a run without TLS would not notice at all.
Result<std::string> ca_file_of(const Values& values);

}  // namespace chimplift
