// Files that hold keys: the accounts file, a key or a passphrase of its own.
#pragma once

#include <string>

#include "base/error.hpp"

namespace chimplift {

/// Refuses a file that is this user's and that others may read or change: whoever could has the keys, or could put others in their place.
/// Not so a file of somebody else's (a secret that Kubernetes mounts is root's, and shared with this user by its group), nor one on a
/// read-only mount: who made these decides who reads them, and no command of this user's could mend it. Errors: usage, with the command
/// that mends it.
Result<void> expect_private(const std::string& name);

}  // namespace chimplift
