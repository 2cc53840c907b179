#include "client/hidden_account.hpp"

#include <fmt/format.h>

#include "inventory/account_identity.hpp"
#include "run/account_run.hpp"

namespace chimplift {

Error hidden_account(const std::string& account_name, const std::string& had) {
  return {ErrorKind::permission,
          fmt::format("the key of account \"{}\" does not say whose it is: its role may not see the account, and the archive is of {}",
                      account_name, had),
          "Use a key of a user whose role may see the account (Admin or Owner), or begin a new archive."};
}

Result<void> check_hidden_account(const Settings& settings, const std::string& account_name) {
  const Result<std::unique_ptr<AccountArchive>> opened = open_to_read(settings, account_name);
  if (!opened || ((*opened)->about().test && !settings.test)) return {};
  const Result<std::string> had = account_id_of(**opened);
  if (!had || had->empty()) return {};
  return tl::unexpected(hidden_account(account_name, *had));
}

}  // namespace chimplift
