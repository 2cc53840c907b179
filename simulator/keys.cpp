// See keys.hpp.
#include "simulator/keys.hpp"

namespace mailchimp_sim {

Keys::Keys(const World& world) : world_(world) {
  for (const auto& account : world.accounts()) accounts_[account->key] = account.get();
}

const Account* Keys::account_of(const std::string& key) {
  const std::lock_guard lock(mutex_);
  auto found = accounts_.find(key);
  if (found == accounts_.end()) return nullptr;
  const Account* account = found->second;
  for (auto change = planned_.begin(); change != planned_.end(); ++change) {
    if (world_.accounts().at(change->account).get() != account || change->after-- > 0) continue;
    if (change->first) change->first();
    accounts_.erase(found);
    accounts_[change->key] = account;
    planned_.erase(change);
    return accounts_.contains(key) ? account : nullptr;
  }
  return account;
}

void Keys::plan(KeyChange change) {
  const std::lock_guard lock(mutex_);
  planned_.push_back(std::move(change));
}

}  // namespace mailchimp_sim
