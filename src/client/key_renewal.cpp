#include "client/key_renewal.hpp"

#include <utility>

#include "base/log.hpp"

namespace chimplift {

bool renew_key(const Account& account, const Secret& refused) {
  const Result<bool> renewed = account.key.renew(refused);
  if (!renewed) {
    if (renewed.error().kind == ErrorKind::interrupted) return false;
    log_warning("Mailchimp refused the key, and it could not be read again.",
                {{"account", account.name}, {"reason", renewed.error().message}});
    return false;
  }
  if (*renewed)
    log_warning("Mailchimp refused the key. Where it came from there is another one now: the run goes on with it.",
                {{"account", account.name}});
  return *renewed;
}

KeyRenewal::KeyRenewal(HttpLoop& loop, const Account& account, Hooks hooks) : loop_(&loop), account_(&account), hooks_(std::move(hooks)) {}

KeyRenewal::~KeyRenewal() {
  if (thread_.joinable()) thread_.join();
}

void KeyRenewal::begin(const Secret& refused, const Answer& answer) {
  if (is_under_way_ || !(account_->key.now() == refused)) return;
  is_under_way_ = true;
  if (thread_.joinable()) thread_.join();  // an earlier one has nothing left to do
  thread_ = std::thread([this, refused, answer] {
    const bool renewed = renew_key(*account_, refused);
    loop_->post([this, renewed, answer] {
      is_under_way_ = false;
      renewed ? hooks_.renewed() : hooks_.unchanged(answer);
    });
  });
}

}  // namespace chimplift
