// Which accounts to read, and with what keys.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/secret.hpp"

namespace chimplift {

struct Account {
  std::string name;
  Secret key;
  std::string server;    // "us12"
  std::string api_base;  // "https://us12.api.mailchimp.com/3.0", or what --api-base says
};

/// The server in a key's suffix ("us12" of "…-us12"), or "" where it has none.
std::string server_of_key(std::string_view key);

/// Reads `[{"account_name": …, "api_key": …, "server": …}]`; the server may be left out where the key has a suffix. `where` names the
/// source in errors. `api_base` stands in for every account's address where it is not empty. Errors: usage.
Result<std::vector<Account>> parse_accounts(std::string_view json, std::string_view where, const std::string& api_base);

/// One account from its parts, checked as those of a file are.
Result<Account> make_account(const std::string& name, const std::string& key, const std::string& server, const std::string& api_base);

}  // namespace chimplift
