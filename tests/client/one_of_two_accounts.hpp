// What the tests of this folder ask: a simulator with two accounts, and the first of them.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sync/in_process.hpp"

namespace chimplift::e2e {

inline const std::string kNewKey = "fedcba9876543210fedcba9876543210-us12";

class OneOfTwoAccounts : public ::testing::Test {
 protected:
  explicit OneOfTwoAccounts(int latency_ms = 0) : scene(two_accounts(latency_ms)) {}
  static SimulatorOptions two_accounts(int latency_ms) {
    SimulatorOptions options = Scene::small();
    options.accounts = 2;
    options.latency_ms = latency_ms;
    return options;
  }
  void SetUp() override {
    Result<std::vector<Account>> accounts = parse_accounts(scene.simulator.accounts_json(), "the test", scene.simulator.api_base());
    ASSERT_TRUE(accounts) << accounts.error().message;
    account = accounts->at(0);
    settings.pace = hurried();
  }
  /// From its next request on, the account's key is refused; read again it is `key`.
  void replace_key(const std::string& key) {
    account.key.read_again_by([key]() -> Result<Secret> { return Secret(key); });
    scene.simulator.plan({.key = kNewKey, .after = 0});
  }

  Scene scene;
  Settings settings;
  Account account;
};

}  // namespace chimplift::e2e
