// Whether a key opens the account of an archive that does not say whose it is: the key's role may not see the account, or that of the key
// before might not. Another account's key would go on reading where the first one's stopped, and what the other account does not have
// would look like deleted. So it has to open one record that was read before.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "client/probe.hpp"
#include "client/refusals.hpp"
#include "client/tries.hpp"
#include "inventory/known_records.hpp"
#include "mailchimp/account.hpp"
#include "mailchimp/answer.hpp"
#include "net/http.hpp"
#include "run/settings.hpp"

namespace chimplift {

/// The same for a few requests one after another. Errors: usage or permission, where it is not proven; those of Probe::get().
Result<void> prove_key(Probe& probe, const Settings& settings, const Account& account);

class KeyProof {
 public:
  struct Hooks {
    std::function<void(HttpRequest, std::function<void(const HttpResponse&)>)> send;  // as soon as a slot is free
    std::function<void(int failures, const HttpResponse&, std::function<void()>)> after_failure;
    std::function<void(const std::string& reason)> trouble;
    std::function<void(const Secret& key, const Answer&)> key_refused;  // begin() again with another one
    std::function<void(const Answer&)> failed;                          // no answer: the run cannot go on
    std::function<void(Error)> not_proven;                              // usage or permission
  };

  KeyProof(const Account& account, Pace pace, Hooks hooks);

  /// Calls `proven` where the key opens one of the records; at once where there are none. A record that is not there may have been deleted.
  void begin(std::vector<KnownRecord> records, std::function<void()> proven);

 private:
  void ask_next();
  void ask(const std::string& url);
  void take(const HttpResponse& response, const std::string& url, const Secret& key);

  const Account* account_;
  Pace pace_;
  Hooks hooks_;
  std::string origin_;
  std::vector<KnownRecord> records_;
  std::size_t at_ = 0;       // the record that is asked for
  bool is_missing_ = false;  // Mailchimp said of one that it is not there
  std::function<void()> proven_;
  Tries tries_;
  Refusals refusals_;
};

}  // namespace chimplift
