// What a run does when Mailchimp refuses an account's key: perhaps it was replaced while the run went on.
#pragma once

#include <functional>
#include <thread>

#include "mailchimp/account.hpp"
#include "mailchimp/answer.hpp"
#include "net/http.hpp"

namespace chimplift {

/// True where there is another key to go on with. Says so, and never shows one. May take as long as AWS does.
bool renew_key(const Account& account, const Secret& refused);

/// The same beside a loop that must not wait: on a thread of its own.
class KeyRenewal {
 public:
  struct Hooks {
    std::function<void()> renewed;                 // what waits can be asked for again, with account.key.now()
    std::function<void(const Answer&)> unchanged;  // there is no other key: the refusal stands
  };
  KeyRenewal(HttpLoop& loop, const Account& account, Hooks hooks);
  /// Waits for the thread. The loop and what the hooks use must live until then.
  ~KeyRenewal();
  KeyRenewal(const KeyRenewal&) = delete;
  KeyRenewal& operator=(const KeyRenewal&) = delete;

  /// A request with the key `refused` was answered so, and is to be sent again. Nothing else is until a hook was called, on the loop's
  /// thread. Does nothing where it is under way, or there is another key already.
  void begin(const Secret& refused, const Answer& answer);
  [[nodiscard]] bool is_under_way() const { return is_under_way_; }

 private:
  [[nodiscard]] bool renew(const Secret& refused) const noexcept;
  void tell(bool renewed) noexcept;

  HttpLoop* loop_;
  const Account* account_;
  Hooks hooks_;
  bool is_under_way_ = false;
  Answer answer_;  // the refusal
  std::thread thread_;
};

}  // namespace chimplift
