#include "client/key_renewal.hpp"

#include <chrono>
#include <exception>
#include <utility>

#include "base/log.hpp"

namespace chimplift {
namespace {

constexpr std::chrono::milliseconds kPostAgainAfter{100};  // chosen: how often the loop looks around by itself is 200

}  // namespace

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
  answer_ = answer;
  thread_ = std::thread([this, refused] { tell(renew(refused)); });
}

/// An exception is a bug, or memory that is lacking: the refusal stands then.
bool KeyRenewal::renew(const Secret& refused) const noexcept {
  try {
    return renew_key(*account_, refused);
  } catch (const std::exception& problem) {
    log_exception("Mailchimp refused the key, and it could not be read again.", problem);
  } catch (...) {  // the same
  }
  return false;
}

/// The loop would wait for this for ever: what fails, for lack of memory, is tried again.
void KeyRenewal::tell(bool renewed) noexcept {
  while (true) {
    try {
      loop_->post([this, renewed] {
        is_under_way_ = false;
        renewed ? hooks_.renewed() : hooks_.unchanged(answer_);
      });
      return;
    } catch (...) {
      std::this_thread::sleep_for(kPostAgainAfter);
    }
  }
}

}  // namespace chimplift
