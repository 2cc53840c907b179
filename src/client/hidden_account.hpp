// A key whose role may not see the account does not say whose it is. Where the archive says which account it is of, that is not enough: the
// key of another one would put its pages there, or be counted and compared as if it were this one.
#pragma once

#include <string>

#include "base/error.hpp"
#include "run/settings.hpp"

namespace chimplift {

/// The archive is of `had`, and the key does not say whose it is.
Error hidden_account(const std::string& account_name, const std::string& had);

/// For such a key: the archive must not say which account it is of. What a test run left makes room for a real run, and what cannot be read
/// says nothing. Error: permission.
Result<void> check_hidden_account(const Settings& settings, const std::string& account_name);

}  // namespace chimplift
