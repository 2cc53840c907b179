// A key that is replaced in the middle by one of another account: no command mixes the two.
#include <gmock/gmock.h>

#include "e2e_compare.hpp"

namespace chimplift::e2e {
namespace {

using testing::HasSubstr;

const std::string kNewKey = "fedcba9876543210fedcba9876543210-us12";

SimulatorOptions two_accounts() {
  SimulatorOptions options = Scene::small();
  options.accounts = 2;
  return options;
}

/// Gives the first account the key of the second in the list, and the other way round.
void exchange_keys(const Scene& scene) {
  Json accounts = Json::parse(scene.simulator.accounts_json());
  accounts[0]["api_key"] = scene.account(1).key;
  accounts[0]["server"] = scene.account(0).server;
  accounts[1]["api_key"] = scene.account(0).key;
  write_text(scene.accounts_file(), accounts.dump());
}

/// After so many requests the first account's key is refused, and the list has the second's in its place.
void exchange_keys_after(Scene& scene, i64 requests) {
  scene.simulator.plan({.key = kNewKey, .after = requests, .first = [&scene] { exchange_keys(scene); }});
}

/// `words`: of verify --source. It ends with what pull ends with, compares nothing, and leaves everything as it was.
void expect_refused(const Scene& scene, const Words& words, const std::string& message) {
  const std::string ledger = read_text(scene.account_folder() / "ledger/ledger.ndjson");
  const std::string certificate = read_text(scene.account_folder() / "certificate.json");
  const Ended ended = scene.run("verify", words);
  EXPECT_EQ(ended.code, 2) << ended.all();
  EXPECT_THAT(ended.all(), HasSubstr(message));
  EXPECT_EQ(scene.stats(1).requests, 1) << "only whose key it is";
  EXPECT_EQ(read_text(scene.account_folder() / "ledger/ledger.ndjson"), ledger);
  EXPECT_EQ(read_text(scene.account_folder() / "certificate.json"), certificate);
}

/// Two accounts, of which the first is read.
class NewKey : public ::testing::Test {
 protected:
  [[nodiscard]] Words words(const Words& more = {}) const {
    Words all = {"--account", scene.account(0).name, "--only-steps", "account,lists,templates"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  Scene scene{two_accounts()};
};

TEST_F(NewKey, OfAnotherAccountEndsVerifySourceInTheMiddle) {
  ASSERT_EQ(scene.sync(words()).code, 0);
  exchange_keys_after(scene, 5);
  expect_refused(scene, words({"--source"}), "the new key of account");
}

TEST_F(NewKey, OfAnotherAccountEndsVerifySourceAtItsBeginning) {
  ASSERT_EQ(scene.sync(words()).code, 0);
  exchange_keys_after(scene, 0);
  expect_refused(scene, words({"--source"}), "its archive is of");
}

/// A gateway's answer in place of the account's own kept it from being asked whose key it is.
TEST_F(NewKey, OfAnotherAccountIsFoundThoughTheFirstAnswerIsAGateways) {
  ASSERT_EQ(scene.sync(words()).code, 0);
  exchange_keys(scene);
  for (const char* kind : {"status_401", "html_200"}) {
    scene.simulator.reset_stats();
    scene.simulator.plant({.kind = kind, .path_contains = "/$", .times = 1});
    const Ended ended = scene.run("verify", words({"--source"}));
    EXPECT_EQ(ended.code, 2) << kind << "\n" << ended.all();
    EXPECT_THAT(ended.all(), HasSubstr("its archive is of")) << kind;
    EXPECT_EQ(scene.stats(1).requests, 2) << kind;
  }
}

/// The same of a pull, which would have mixed the pages of the two.
TEST_F(NewKey, OfAnotherAccountEndsSyncThoughTheFirstAnswersSayNotWhoseItIs) {
  ASSERT_EQ(scene.sync(words()).code, 0);
  exchange_keys(scene);
  scene.simulator.reset_stats();
  scene.simulator.plant({.kind = "problem_200", .path_contains = "/$", .times = 2});
  const Ended ended = scene.sync(words());
  EXPECT_EQ(ended.code, 2) << ended.all();
  EXPECT_THAT(ended.all(), HasSubstr("its archive is of"));
  EXPECT_EQ(scene.stats(1).requests, 3) << "only whose key it is";
}

TEST_F(NewKey, IsHeldToTheFirstOneWhereTheArchiveDoesNotSayWhoseItIs) {
  const Words only_lists = {"--account", scene.account(0).name, "--only-steps", "lists"};
  scene.simulator.plant({.kind = "status_403", .path_contains = "/$"});
  ASSERT_EQ(scene.sync(only_lists).code, 0);
  scene.simulator.lift_faults();
  exchange_keys_after(scene, 5);
  Words source = only_lists;
  source.emplace_back("--source");
  expect_refused(scene, source, "the new key of account");
}

/// An archive of the first account that does not say whose it is, and lacks something that is below what it has.
class HiddenAccount : public NewKey {
 protected:
  HiddenAccount() {
    scene.simulator.plant({.kind = "status_403", .path_contains = "/$"});
    scene.simulator.plant({.kind = "status_403", .path_contains = "default-content"});
    EXPECT_EQ(scene.sync(some_steps).code, 3);
    scene.simulator.lift_faults();
    ledger = read_ledger();
  }
  [[nodiscard]] std::string read_ledger() const { return read_text(scene.account_folder() / "ledger/ledger.ndjson"); }
  void expect_refused_by_all_commands(const std::string& message) {
    Words source = some_steps;
    source.emplace_back("--source");
    for (const auto& [command, given] : {std::pair("sync", some_steps), std::pair("verify", source), std::pair("plan", some_steps)}) {
      const Ended ended = scene.run(command, given);
      EXPECT_EQ(ended.code, 2) << command << "\n" << ended.all();
      EXPECT_THAT(ended.all(), HasSubstr(message)) << command;
    }
    EXPECT_THAT(scene.run("doctor", some_steps).all(), HasSubstr(message));
    EXPECT_EQ(read_ledger(), ledger);
  }
  Words some_steps = {"--account", scene.account(0).name, "--only-steps", "lists,templates"};
  std::string ledger;
};

TEST_F(HiddenAccount, IsNotReadOnWithAnothersKey) {
  exchange_keys(scene);
  expect_refused_by_all_commands("opens none of");
}

TEST_F(HiddenAccount, IsNotReadOnWithAnothersKeyThatIsHiddenToo) {
  exchange_keys(scene);
  scene.simulator.plant({.kind = "status_403", .path_contains = "/$"});
  expect_refused_by_all_commands("opens none of");
}

TEST_F(HiddenAccount, IsReadOnWithAKeyThatMaySeeIt) {
  EXPECT_EQ(scene.sync(some_steps).code, 0);
  exchange_keys(scene);
  EXPECT_THAT(scene.sync(some_steps).all(), HasSubstr("its archive is of"));
}

TEST_F(HiddenAccount, IsReadOnThoughARecordOfItIsGoneAndAnAnswerIsAGateways) {
  scene.simulator.plant({.kind = "status_404", .path_contains = "/lists/", .times = 1});
  scene.simulator.plant({.kind = "html_200", .path_contains = "/templates/", .times = 1});
  EXPECT_EQ(scene.sync(some_steps).code, 0);
}

TEST_F(HiddenAccount, IsNotReadOnWhereNothingThatItHasMayBeRead) {
  scene.simulator.plant({.kind = "status_403"});
  const Ended ended = scene.sync(some_steps);
  EXPECT_EQ(ended.code, 4) << ended.all();
  EXPECT_THAT(ended.all(), HasSubstr("nobody can tell whether"));
}

TEST_F(NewKey, OfAnotherAccountEndsTheFirstSyncOfAHiddenAccount) {
  scene.simulator.plant({.kind = "status_403", .path_contains = "/$"});
  exchange_keys_after(scene, 40);
  const Ended ended = scene.sync({"--account", scene.account(0).name, "--only-steps", "lists,templates"});
  EXPECT_EQ(ended.code, 2) << ended.all();
  EXPECT_THAT(ended.all(), HasSubstr("opens none of"));
}

TEST_F(NewKey, OfTheSameAccountIsAskedWhoseItIsAndVerifySourceGoesOn) {
  ASSERT_EQ(scene.sync(words()).code, 0);
  scene.simulator.reset_stats();
  scene.simulator.plan({.key = kNewKey, .after = 5, .first = [this] {
                          Json accounts = Json::parse(scene.simulator.accounts_json());
                          accounts[0]["api_key"] = kNewKey;
                          write_text(scene.accounts_file(), accounts.dump());
                        }});
  const Ended ended = scene.run("verify", words({"--source"}));
  EXPECT_EQ(ended.code, 0) << ended.all();
  EXPECT_THAT(ended.err, HasSubstr("the run goes on with it"));
  EXPECT_EQ(scene.stats().by_path.at("/"), 2);
  EXPECT_LE(scene.stats().max_in_flight, 10);
}

TEST_F(NewKey, OfAnotherAccountEndsDoctorAndPlan) {
  for (const char* command : {"doctor", "plan"}) {
    Scene own(two_accounts());
    exchange_keys_after(own, 2);
    const Ended ended = own.run(command, {"--account", own.account(0).name, "--only-steps", "account,lists,templates"});
    EXPECT_EQ(ended.code, 2) << ended.all();
    EXPECT_THAT(ended.all(), HasSubstr("the new key of account"));
    EXPECT_EQ(own.stats(1).requests, 1) << command << ": only whose key it is";
  }
}

TEST_F(NewKey, WhoseRoleMayNotSeeTheAccountIsGoodForDoctorAsForSync) {
  scene.simulator.plant({.kind = "status_403", .path_contains = "/$"});
  const Ended ended = scene.run("doctor", {"--account", scene.account(0).name, "--only-steps", "templates"});
  EXPECT_EQ(ended.code, 0) << ended.all();
  EXPECT_THAT(ended.all(), HasSubstr("may not see the account itself"));
}

}  // namespace
}  // namespace chimplift::e2e
