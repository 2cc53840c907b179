// Which key opens which account: those of the world, until one is replaced.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "simulator/world.hpp"

namespace mailchimp_sim {

/// A key that takes the place of an account's own, after so many more requests. From then on the old one is refused.
struct KeyChange {
  std::size_t account = 0;
  std::string key;
  i64 after = 0;
  std::function<void()> first = {};  // called just before, while a request waits for its answer
};

class Keys {
 public:
  explicit Keys(const World& world);
  /// The account of a request's key; nullptr: no account has it.
  const Account* account_of(const std::string& key);
  void plan(KeyChange change);

 private:
  std::mutex mutex_;
  const World& world_;
  std::map<std::string, const Account*> accounts_;
  std::vector<KeyChange> planned_;
};

}  // namespace mailchimp_sim
