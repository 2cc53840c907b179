// Where accounts and keys come from, and what becomes of a run whose key is replaced meanwhile.
#include <gmock/gmock.h>

#include "base/hash.hpp"
#include "built_paths.hpp"
#include "e2e_cloud.hpp"
#include "e2e_compare.hpp"

namespace chimplift::e2e {
namespace {

using testing::HasSubstr;
using testing::Not;

const Words kNoTables = {"--warehouse", "none"};

const std::string kNewKey = "fedcba9876543210fedcba9876543210-us12";

/// The accounts with another key for one of them.
std::string accounts_with(const Scene& scene, const std::string& key, std::size_t at = 0) {
  Json accounts = Json::parse(scene.simulator.accounts_json());
  accounts[at]["api_key"] = key;
  return accounts.dump();
}

int reads_of(AwsCloud& aws) { return static_cast<int>(aws.secrets.server().requests().size()); }

void expect_no_key(const Scene& scene, const Ended& ended) {
  EXPECT_THAT(ended.all(), Not(HasSubstr(scene.account().key.substr(0, 32))));
  EXPECT_THAT(ended.all(), Not(HasSubstr(kNewKey.substr(0, 32))));
}

TEST(e2e_accounts, a_secret_holds_them_as_text_or_as_bytes) {
  const Scene scene;
  AwsCloud aws;
  aws.secrets.keep_answer("brands", Json{{"SecretString", scene.simulator.accounts_json()}}.dump());
  aws.secrets.keep_answer("bytes", Json{{"SecretBinary", base64(scene.simulator.accounts_json())}}.dump());
  const Words words = {"--accounts", "aws:brands"};
  for (const std::string command : {"accounts", "doctor", "plan", "sync", "verify"}) {
    Words all = words;
    if (command == "verify") all.emplace_back("--source");
    if (command == "verify" || command == "sync") all.insert(all.end(), kNoTables.begin(), kNoTables.end());
    if (command == "accounts") all.insert(all.begin(), {"--json"});
    const Ended ended =
        Process(command == "accounts" ? Words{CHIMPLIFT_BIN, "accounts", "--accounts", "aws:brands"} : scene.command(command, all),
                scene.folder(), aws.environment())
            .wait();
    EXPECT_EQ(ended.code, 0) << command << "\n" << ended.all();
    expect_no_key(scene, ended);
  }
  EXPECT_EQ(reads_of(aws), 5);
  EXPECT_EQ(scene.certificate().at("verdict"), "safe to close");
  EXPECT_EQ(scene.run("doctor", {"--accounts", "aws:bytes"}, aws.environment()).code, 0);
}

TEST(e2e_accounts, the_environment_names_a_secret_or_holds_the_list) {
  const Scene scene;
  AwsCloud aws;
  aws.secrets.keep("brands", scene.simulator.accounts_json());
  aws.secrets.keep("chimplift/accounts", scene.simulator.accounts_json());
  const Words command = {CHIMPLIFT_BIN, "doctor", "--api-base", scene.simulator.api_base(), "--archive", scene.archive};
  const auto code = [&](const Words& more) { return Process(command, scene.folder() / "..", aws.environment(more)).wait().code; };
  EXPECT_EQ(code({"CHIMPLIFT_ACCOUNTS=aws:brands"}), 0);
  EXPECT_EQ(code({"CHIMPLIFT_ACCOUNTS=" + scene.simulator.accounts_json()}), 0);
  EXPECT_EQ(code({"CHIMPLIFT_ACCOUNTS=" + scene.accounts_file().string()}), 0);
  EXPECT_EQ(code({"CHIMPLIFT_ENV=production"}), 0) << "the secret chimplift/accounts";
  EXPECT_EQ(code({"RES_ENV=production"}), 0);
  EXPECT_EQ(reads_of(aws), 3);
  EXPECT_EQ(code({}), 2) << "there is no accounts.json";
}

TEST(e2e_accounts, a_list_on_the_command_line_is_refused_without_being_shown) {
  const Scene scene;
  const Ended ended = scene.run("doctor", {"--accounts", scene.simulator.accounts_json()});
  EXPECT_EQ(ended.code, 2);
  EXPECT_THAT(ended.err, HasSubstr("is not the list itself"));
  expect_no_key(scene, ended);
}

TEST(e2e_accounts, a_secret_of_the_wrong_shape_says_which_and_shows_nothing) {
  const Scene scene;
  AwsCloud aws;
  const std::string key = scene.account().key;
  const std::pair<std::string, std::string> cases[] = {
      {key, "aws:brands is not JSON"},
      {"[{\"account_name\": \"a\", \"api_key\": \"" + key, "aws:brands is not JSON"},
      {Json{{"account_name", "a"}, {"api_key", key}}.dump(), "aws:brands holds no list of accounts"},
      {Json{{"a", key}}.dump(), "aws:brands holds no list of accounts"},
      {"[]", "aws:brands holds no account"},
      {Json::array({key}).dump(), "entry 1 of aws:brands is not an object"},
      {Json::array({{{"account_name", "a"}, {"password", key}}}).dump(), "entry 1 of aws:brands: account \"a\" has no api_key"},
      {Json::array({{{"account_name", "a"}, {"key", key}}}).dump(), "entry 1 of aws:brands has \"key\"; did you mean api_key?"},
      {Json::array({{{"account_name", "a"}, {"api_key", {key}}}}).dump(), "entry 1 of aws:brands has a field that is not a text"},
      {Json::array({{{"account_name", "a"}, {"api_key", "us12"}, {"server", key}}}).dump(), "is not one such as us12"},
      {Json::array({{{"account_name", key}, {"api_key", "us12 "}}}).dump(), "a key without a suffix"},
  };
  for (const auto& [text, message] : cases) {
    aws.secrets.keep("brands", text);
    Process process({CHIMPLIFT_BIN, "accounts", "--accounts", "aws:brands"}, scene.folder(), aws.environment());
    const Ended ended = process.wait();
    EXPECT_EQ(ended.code, 2) << message;
    EXPECT_THAT(ended.err, HasSubstr(message));
    expect_no_key(scene, ended);
  }
}

TEST(e2e_accounts, a_key_that_is_replaced_in_the_middle_of_a_run_is_read_again_and_the_run_goes_on) {
  Scene scene;
  AwsCloud aws;
  aws.secrets.keep("brands", scene.simulator.accounts_json());
  scene.simulator.plan({.key = kNewKey, .after = 200, .first = [&] { aws.secrets.keep("brands", accounts_with(scene, kNewKey)); }});
  const Ended ended = scene.run("sync", {"--accounts", "aws:brands", "--warehouse", "none"}, aws.environment());
  EXPECT_EQ(ended.code, 0) << ended.all();
  EXPECT_EQ(scene.certificate().at("verdict"), "safe to close");
  EXPECT_THAT(ended.err, HasSubstr("there is another one now: the run goes on with it"));
  EXPECT_GT(scene.simulator.stats().unknown_key_requests, 0);
  EXPECT_EQ(reads_of(aws), 2);
  EXPECT_LE(scene.stats().max_in_flight, 10);
  expect_no_key(scene, ended);
  expect_truth_of(scene, {"lists", "campaigns", "campaign_content", "stored_files"});
}

TEST(e2e_accounts, a_key_is_read_again_from_a_file_too_and_for_one_account_of_two) {
  SimulatorOptions options = Scene::small();
  options.accounts = 2;
  Scene scene(options);
  scene.simulator.plan(
      {.account = 1, .key = kNewKey, .after = 0, .first = [&] { write_text(scene.accounts_file(), accounts_with(scene, kNewKey, 1)); }});
  const Ended ended = scene.sync(kNoTables);
  EXPECT_EQ(ended.code, 0) << ended.all();
  EXPECT_THAT(ended.err, HasSubstr("the run goes on with it"));
  // Nothing was kept open: the next run begins with the new key, and the file of one key serves as well.
  write_text(scene.folder() / "key", kNewKey);
  const std::string third = "00000000000000000000000000000000-us12";
  scene.simulator.plan({.account = 1, .key = third, .after = 20, .first = [&] { write_text(scene.folder() / "key", third); }});
  const Ended alone = scene.run("verify", {"--source", "--warehouse", "none", "--api-key-override", "@" + (scene.folder() / "key").string(),
                                           "--account", scene.account(1).name});
  EXPECT_EQ(alone.code, 0) << alone.all();
  EXPECT_THAT(alone.err, HasSubstr("the run goes on with it"));
  expect_truth_of(scene, {"lists", "campaigns", "campaign_content", "stored_files"});
}

TEST(e2e_accounts, a_key_that_is_still_the_same_stays_refused_and_is_read_once) {
  Scene scene;
  AwsCloud aws;
  aws.secrets.keep("brands", scene.simulator.accounts_json());
  const Words words = {"--accounts", "aws:brands"};
  const Words without_tables = {"--accounts", "aws:brands", "--warehouse", "none"};
  scene.simulator.plant({.kind = "status_401", .skip = 100});
  Ended ended = scene.run("sync", without_tables, aws.environment());
  EXPECT_EQ(ended.code, 4) << ended.all();
  EXPECT_THAT(ended.err, Not(HasSubstr("goes on")));
  EXPECT_EQ(reads_of(aws), 2);
  scene.simulator.lift_faults();
  scene.simulator.plant({.kind = "status_403_disabled"});
  for (const std::string command : {"sync", "doctor", "plan"}) {
    ended = scene.run(command, command == "sync" ? without_tables : words, aws.environment());
    EXPECT_EQ(ended.code, 4) << ended.all();
  }
  EXPECT_EQ(reads_of(aws), 2 + 3 * 2);
  // A second replacement in one run is not waited for.
  scene.simulator.lift_faults();
  scene.simulator.plan({.key = kNewKey, .after = 50, .first = [&] { aws.secrets.keep("brands", accounts_with(scene, kNewKey)); }});
  scene.simulator.plan({.key = std::string(32, '1') + "-us12", .after = 100});
  ended = scene.run("sync", without_tables, aws.environment());
  EXPECT_EQ(ended.code, 4) << ended.all();
  EXPECT_EQ(reads_of(aws), 2 + 3 * 2 + 2);
  expect_no_key(scene, ended);
}

TEST(e2e_accounts, a_secret_that_cannot_be_read_again_leaves_the_refusal_and_says_why) {
  Scene scene;
  AwsCloud aws;
  aws.secrets.keep("brands", scene.simulator.accounts_json());
  scene.simulator.plan({.key = kNewKey, .after = 30, .first = [&] { aws.secrets.keep("brands", "[]"); }});
  const Ended ended = scene.run("sync", {"--accounts", "aws:brands"}, aws.environment());
  EXPECT_EQ(ended.code, 4) << ended.all();
  EXPECT_THAT(ended.err, HasSubstr("could not be read again"));
  EXPECT_THAT(ended.err, HasSubstr("holds no account"));
}

TEST(e2e_accounts, a_new_key_of_another_account_is_not_mixed_in) {
  SimulatorOptions options = Scene::small();
  options.accounts = 2;
  Scene scene(options);
  const Words words = {"--account", scene.account(0).name, "--warehouse", "none"};
  scene.simulator.plan({.key = kNewKey, .after = 100, .first = [&] {
                          Json accounts = Json::parse(accounts_with(scene, scene.account(1).key));
                          accounts[0]["server"] = scene.account(0).server;
                          accounts[1]["api_key"] = scene.account(0).key;
                          write_text(scene.accounts_file(), accounts.dump());
                        }});
  const Ended ended = scene.sync(words);
  EXPECT_EQ(ended.code, 2) << ended.all();
  EXPECT_THAT(ended.err, HasSubstr("is one of another Mailchimp account"));
  EXPECT_EQ(scene.certificate().at("verdict"), "not safe");
}

/// Keys that changed places in the list, from one run to the next: no page of the one account may come into the other's archive, and what
/// the other account does not have is not gone.
TEST(e2e_accounts, a_key_of_another_account_than_the_archives_is_refused) {
  SimulatorOptions options = Scene::small();
  options.accounts = 2;
  Scene scene(options);
  const Words words = {"--account", scene.account(0).name, "--only-steps", "account,templates"};
  ASSERT_EQ(scene.sync(words).code, 0);
  EXPECT_THAT(read_text(scene.account_folder() / "ledger/ledger.ndjson"), HasSubstr(R"("event":"account")"));
  const std::string ledger = read_text(scene.account_folder() / "ledger/ledger.ndjson");
  const std::string certificate = read_text(scene.account_folder() / "certificate.json");
  Json accounts = Json::parse(accounts_with(scene, scene.account(1).key));
  accounts[0]["server"] = scene.account(0).server;
  accounts[1]["api_key"] = scene.account(0).key;
  write_text(scene.accounts_file(), accounts.dump());
  for (const char* command : {"doctor", "plan", "verify", "sync", "pull"}) {
    Words with = words;
    if (std::string(command) == "verify") with.emplace_back("--source");
    scene.simulator.plant({.kind = "redirect_same", .times = 1});  // of the question whose key it is
    const Ended ended = scene.run(command, with);
    EXPECT_EQ(ended.code, 2) << ended.all();
    EXPECT_THAT(ended.all(), HasSubstr("is one of another Mailchimp account")) << command;
    EXPECT_EQ(read_text(scene.account_folder() / "ledger/ledger.ndjson"), ledger) << command;
  }
  EXPECT_EQ(read_text(scene.account_folder() / "certificate.json"), certificate) << "nothing came, and what was certified holds";
}

/// With a file open for each of their 84 streams, four accounts alone had needed more than 256; and a soft limit is the program's to raise.
TEST(e2e_accounts, many_have_enough_with_few_open_files) {
  SimulatorOptions options = Scene::small();
  options.accounts = 4;
  for (const std::string limit : {"ulimit -n 256", "ulimit -Sn 40"}) {
    const Scene scene(options);
    const Words words = scene.command("pull");
    Words limited = {"/bin/sh", "-c", limit + "; exec \"$@\"", "sh"};
    limited.insert(limited.end(), words.begin(), words.end());
    const Ended ended = Process(limited, scene.folder()).wait();
    EXPECT_EQ(ended.code, 0) << limit << "\n" << ended.all();
  }
}

}  // namespace
}  // namespace chimplift::e2e
