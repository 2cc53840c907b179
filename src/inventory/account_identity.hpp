// Which Mailchimp account an archive is of: a key of another one must not put its pages there, however the two came to have one name.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "archive/account_archive.hpp"
#include "base/error.hpp"
#include "inventory/page_list.hpp"

namespace chimplift {

/// What an account is asked for about itself: the path, and the field of the answer that no other account has.
inline constexpr std::string_view kAccountPath = "/";
inline constexpr std::string_view kAccountQuestion = "/?exclude_fields=_links";
inline constexpr std::string_view kAccountIdField = "account_id";
/// Fields of the same answer by which people know the account.
inline constexpr std::string_view kAccountNameField = "account_name";
inline constexpr std::string_view kAccountLoginField = "email";

/// The account by what Mailchimp, and whoever cancels it there, calls it; "" for what is not known.
struct MailchimpAccount {
  std::string id;
  std::string name;
  std::string login;  // the e-mail address
};

/// The id in the account's own answer; "" where it has none.
std::string account_id_in(std::string_view body);

/// The id that the archive goes by; for one that was begun before the ledger said so, that of the last answer to kAccountPath. "" where it
/// has neither. Error: archive, where the ledger cannot be read.
Result<std::string> account_id_of(const AccountArchive& archive);

/// The key must open the account that the archive is of, where there is one; `id`: what it opens, "" where it did not say. What a test run
/// left makes room for a real run, and is no reason to refuse one. Errors: usage, where they differ; archive, where it cannot be read.
Result<void> check_identity(Tree& archive, const std::string& account_name, bool is_test, const std::string& id);

/// The account as it describes itself in its last answer that can be read; its id is known without one. `pages`: by stream. Error:
/// nobody can look now.
Result<MailchimpAccount> described_account(const AccountArchive& archive, const std::map<std::string, PageList>& pages);

/// The key of the account with this name opens `id`, and the archive is of `had`.
Error wrong_account(const std::string& account_name, const std::string& had, const std::string& id);

/// The key that took a refused one's place in the middle of a run opens another account than that did.
Error wrong_new_key(const std::string& account_name);

}  // namespace chimplift
