// Which accounts to read, and with what keys.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/secret.hpp"

namespace chimplift {

/// The key of an account, which may be replaced while a run goes on. Copies share it. Thread-safe.
class AccountKey {
 public:
  AccountKey(Secret key = Secret());  // NOLINT(google-explicit-constructor): a key is where it begins

  /// The one to use for the next request.
  [[nodiscard]] Secret now() const;
  /// How the key is read from where it came. Call it before anybody else has the account.
  void read_again_by(std::function<Result<Secret>()> read);
  /// Mailchimp has refused `refused`: is there another one to go on with? Reads the key again, once in its life and where it can be; waits
  /// for that. False: the refusal stands. Errors: those of the reading; the refusal stands.
  Result<bool> renew(const Secret& refused) const;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

struct Account {
  std::string name;
  AccountKey key;
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
