// Whose pages they are: an archive is of one Mailchimp account, and each answer of that account about itself says its id.
#pragma once

#include <string>

#include "verify/evidence.hpp"
#include "verify/findings.hpp"

namespace chimplift {

/// Names it, and says true, where `stream` is the account's own and has a page of another account than `account_id`; "": that is not known,
/// and nothing is compared. Pages that cannot be read are named elsewhere. Error: nobody can look now.
Result<bool> name_another_account(const Evidence& evidence, const Stream& stream, const std::string& account_id, Findings& findings);

}  // namespace chimplift
