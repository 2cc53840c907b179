// Where the accounts and their keys come from: a file, a secret in AWS, the environment, or one key alone.
#pragma once

#include <string>
#include <vector>

#include "cli/config.hpp"
#include "mailchimp/account.hpp"

namespace chimplift {

/// --api-base. Errors: usage, naming where it was given.
Result<void> check_api_base(const Values& values);

/// The list that `given` names, for --accounts: a file, "aws:NAME" ("aws:" alone is kDefaultSecret), or the list itself where the
/// environment or the settings file holds it. Keys of a file or a secret can be read again from there. Errors: usage; those of read_secret.
Result<std::vector<Account>> read_account_list(const std::string& given, const Values& values, const Environment& environment,
                                               const std::string& api_base);
inline constexpr const char* kDefaultSecret = "chimplift/accounts";

/// --api-key-override and --server-override: one account in place of the configured ones.
Result<std::vector<Account>> account_of_override(const Values& values);

}  // namespace chimplift
