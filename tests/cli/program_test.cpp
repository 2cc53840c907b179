// The program as its users meet it: exit codes, what is on stdout and what on stderr, and that no key is on either.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "built_paths.hpp"
#include "process.hpp"

namespace chimplift::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* kKey = "0123456789abcdef0123456789abcdef";

Ended with_accounts(const std::string& accounts, std::vector<std::string> words) {
  const Folder folder;
  folder.write("accounts.json", accounts);
  return run({.words = std::move(words), .folder = folder.path()});
}

std::string entry(const std::string& name, const std::string& key) {
  return nlohmann::json{{"account_name", name}, {"api_key", key}}.dump();
}

TEST(Program, HelpsOnStdout) {
  Ended ended = chimplift({});
  EXPECT_EQ(ended.code, 2);
  EXPECT_THAT(ended.out, HasSubstr("chimplift sync"));
  EXPECT_EQ(ended.err, "");
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"--help"}, {"help"}, {"sync", "-h"}, {"help", "sync"}, {"sync", "--foo", "--help"}}) {
    ended = chimplift(words);
    EXPECT_EQ(ended.code, 0);
    EXPECT_EQ(ended.err, "");
    EXPECT_THAT(ended.out, HasSubstr("chimplift"));
  }
}

TEST(Program, SaysItsVersion) {
  EXPECT_THAT(chimplift({"version"}).out, StartsWith("chimplift 0."));
  EXPECT_EQ(chimplift({"--version"}).out, chimplift({"version"}).out);
  EXPECT_EQ(nlohmann::json::parse(chimplift({"version", "--json"}).out)["name"], "chimplift");
}

TEST(Program, UsageErrorsHaveAMessageAnAdviceAndExitCodeTwo) {
  const Ended ended = chimplift({"sync", "--acounts", "x"});
  EXPECT_EQ(ended.code, 2);
  EXPECT_EQ(ended.out, "");
  EXPECT_THAT(ended.err, StartsWith("chimplift: unknown option --acounts; did you mean --accounts?\n"));
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"snyc"}, {"sync", "--is-test", "yes"}, {"sync", "--excluded-steps", "tempates"}, {"plan", "--warehouse", "none"}}) {
    EXPECT_EQ(chimplift(words).code, 2) << words.front();
  }
}

TEST(Program, WhatSpeaksToAwsOrSnowflakeTakesAuthorities) {
  for (const std::string command : {"sync", "load", "verify", "status", "accounts", "doctor", "plan", "pull"}) {
    const Ended ended =
        chimplift({command, "--ca-file", "/nonexistent", "--account", "a"}, {{"CHIMPLIFT_ACCOUNTS", "[" + entry("a", kKey) + "]"}});
    EXPECT_THAT(ended.err, Not(HasSubstr("takes no"))) << command;
  }
}

TEST(Program, AWorkflowsParametersAreJudgedWhereItAsksForItsAccounts) {
  const std::string accounts = "[" + entry("a", std::string(kKey) + "-us1") + "]";
  EXPECT_EQ(with_accounts(accounts, {"accounts", "--dev-override", "none", "--is-test", "none", "--excluded-steps", "none"}).code, 0);
  EXPECT_EQ(with_accounts(accounts, {"accounts", "--is-test", "true", "--excluded-steps", "lists,ads"}).code, 0);
  const Ended wrong = with_accounts(accounts, {"accounts", "--excluded-steps", "lists,tempates"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("did you mean \"templates\"?"));
  EXPECT_EQ(with_accounts(accounts, {"accounts", "--is-test", "maybe"}).code, 2);
}

TEST(Program, ErrorsAreOneJsonDocumentWhereJsonIsWanted) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"sync", "--json", "--acounts", "x"}, {"snyc", "--json"}, {"sync", "--json"}, {"sync", "--json", "--is-test", "yes"}}) {
    const Ended ended = chimplift(words);
    const nlohmann::json document = nlohmann::json::parse(ended.out, nullptr, false);
    ASSERT_TRUE(document.is_object()) << ended.out;
    EXPECT_EQ(document["error"]["kind"], "usage");
    EXPECT_EQ(document["exit_code"], 2);
    EXPECT_EQ(ended.code, 2);
    EXPECT_NE(document["error"]["message"], "");
    EXPECT_THAT(ended.err, StartsWith("chimplift: "));
  }
  EXPECT_TRUE(nlohmann::json::accept(chimplift({"sync"}, {{"CHIMPLIFT_JSON", "true"}}).out));
}

TEST(Program, WhateverIsAskedForWithJsonIsOneDocument) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"help", "--json"}, {"--json"}, {"sync", "--help", "--json"}, {"help", "sync", "--json"}, {"version", "--json"}}) {
    const Ended ended = chimplift(words);
    EXPECT_TRUE(nlohmann::json::accept(ended.out)) << ended.out;
    EXPECT_EQ(ended.code, words.front() == "--json" ? 2 : 0);
  }
  EXPECT_THAT(nlohmann::json::parse(chimplift({"help", "sync", "--json"}).out)["text"], HasSubstr("Options:"));
  EXPECT_TRUE(nlohmann::json::accept(chimplift({"help"}, {{"CHIMPLIFT_JSON", "true"}}).out));
  for (const char* file : {"json = true\nis-test = \"yes\"\n", "json = true\nacounts = \"x\"\n", "json = \"true\"\naccount = 7\n"}) {
    const Folder folder;
    folder.write("chimplift.toml", file);
    const Ended ended = run({.words = {"sync"}, .folder = folder.path()});
    EXPECT_EQ(ended.code, 2) << file;
    EXPECT_TRUE(nlohmann::json::accept(ended.out)) << file << ended.out;
  }
}

TEST(Program, AdvisesOnAMissingAccountsFile) {
  const Ended ended = chimplift({"sync"});
  EXPECT_EQ(ended.code, 2);
  EXPECT_THAT(ended.err, AllOf(HasSubstr("there is no accounts file accounts.json"), HasSubstr("\"account_name\"")));
}

TEST(Program, RefusesAccountsFilesThatAreNone) {
  EXPECT_THAT(with_accounts("[]", {"accounts"}).err, HasSubstr("holds no account"));
  EXPECT_THAT(with_accounts("{", {"accounts"}).err, HasSubstr("is not JSON"));
  EXPECT_THAT(
      with_accounts("[" + entry("a", std::string(kKey) + "-us1") + "," + entry("a", std::string(kKey) + "-us2") + "]", {"accounts"}).err,
      HasSubstr("names account \"a\" twice"));
  EXPECT_THAT(with_accounts("[" + entry("a", kKey) + "]", {"accounts"}).err, HasSubstr("without a suffix"));
  for (const char* wrong : {"[]", "{", "7", "[7]", "[{}]"}) EXPECT_EQ(with_accounts(wrong, {"accounts"}).code, 2) << wrong;
  const Folder folder;
  std::filesystem::create_directory(folder.path() / "accounts.json");
  EXPECT_THAT(run({.words = {"accounts"}, .folder = folder.path()}).err, HasSubstr("is a folder"));
}

TEST(Program, NamesTheWayToAnUnreadableAccountsFile) {
  if (geteuid() == 0) GTEST_SKIP() << "root reads everything";
  const Folder folder;
  folder.write("accounts.json", "[]");
  std::filesystem::permissions(folder.path() / "accounts.json", std::filesystem::perms::none);
  const Ended ended = run({.words = {"accounts"}, .folder = folder.path()});
  EXPECT_EQ(ended.code, 2);
  EXPECT_THAT(ended.err, HasSubstr("chmod"));
}

TEST(Program, AReaderThatHasGoneIsNoFailure) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"streams"}, {"streams", "--json"}, {"version"}, {"help"}, {"sync", "--help"}, {"generate", "man"}}) {
    const Ended ended = run({.words = words, .unread = true});
    EXPECT_EQ(ended.code, 0) << words.front();
    EXPECT_EQ(ended.err, "") << words.front();
  }
  const Folder folder;
  folder.write("accounts.json", "[" + entry("a", std::string(kKey) + "-us1") + "]");
  EXPECT_EQ(run({.words = {"accounts"}, .folder = folder.path(), .unread = true}).code, 0);
}

/// Node makes its children's stdout a pipe that does not block.
TEST(Program, AReaderThatIsSlowGetsAllOfTheResult) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{{"streams", "--json"}, {"generate", "man"}}) {
    const Ended whole = run({.words = words});
    ASSERT_GT(whole.out.size(), 8192U) << words.front();
    const Ended ended = run({.words = words, .slow = true});
    EXPECT_EQ(ended.code, 0) << words.front() << ": " << ended.err;
    EXPECT_EQ(ended.out.size(), whole.out.size());
    EXPECT_EQ(ended.out, whole.out);
    EXPECT_EQ(ended.err, "");
  }
}

TEST(Program, ListsAccountsWithoutKeysWhateverTheirNames) {
  const auto key = [](char first) { return first + std::string(kKey).substr(1) + "-us12"; };
  const std::string list = "[" + entry("a/b", key('a')) + "," + entry("..", key('b')) + "," + entry("☕ café", key('c')) + "," +
                           entry("esc\x1b[2Jape", key('d')) + "]";
  const Ended json = with_accounts(list, {"accounts", "--json"});
  EXPECT_EQ(json.code, 0) << json.err;
  const nlohmann::json document = nlohmann::json::parse(json.out);
  ASSERT_EQ(document.size(), 4U);
  EXPECT_EQ(document[1]["account_name"], "..");
  EXPECT_EQ(document[2]["server"], "us12");
  EXPECT_EQ(document[2].size(), 2U);
  EXPECT_EQ(with_accounts(list, {"accounts"}).out, json.out) << "a workflow reads it, with the option and without";
  EXPECT_THAT(json.out + json.err, AllOf(Not(HasSubstr("123456789")), Not(HasSubstr("\x1b"))));
  const Ended unknown = with_accounts(list, {"accounts", "--account", "cafe"});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_THAT(unknown.err, AllOf(HasSubstr("there is no account \"cafe\""), HasSubstr("☕ café")));
}

TEST(Program, NeverRepeatsAKey) {
  const std::string key = std::string(kKey) + "-us12";
  const std::vector<Ended> all = {
      chimplift({"sync", "--api-key-override", key, "--warehouse", "x"}),
      chimplift({"sync", "--api-key-overide=" + key, "--json"}),
      chimplift({"sync", key}),
      chimplift({"sync", "--api-key-override", "short\"-us1 "}),
      chimplift({"sync", "--excluded-steps", "x"}, {{"CHIMPLIFT_API_KEY_OVERRIDE", key}}),
      chimplift({"accounts", "--verbose"}, {{"CHIMPLIFT_API_KEY_OVERRIDE", key}}),
  };
  for (const Ended& ended : all) EXPECT_THAT(ended.out + ended.err, AllOf(Not(HasSubstr("0123456789abcdef")), Not(HasSubstr("short\""))));
  EXPECT_THAT(all.back().out, HasSubstr("us12"));
  // An object in place of a list: no file's name, and not shown as one.
  const Ended one = chimplift({"accounts"}, {{"CHIMPLIFT_ACCOUNTS", entry("a", key)}});
  EXPECT_EQ(one.code, 2);
  EXPECT_THAT(one.err, AllOf(HasSubstr("CHIMPLIFT_ACCOUNTS holds no list of accounts"), Not(HasSubstr("0123456789abcdef"))));
}

// Two parameters of a workflow that were swapped, or a line of the settings file that says too little.
TEST(Program, NeverRepeatsAKeyFromAVariableOrTheSettingsFileEither) {
  const std::string key = std::string(kKey) + "-us12";
  const Folder folder;
  const auto expect_secret = [&](const std::map<std::string, std::string>& environment, std::vector<std::string> words) {
    for (const bool is_json : {false, true}) {
      if (is_json) words.emplace_back("--json");
      const Ended ended = run({.words = words, .environment = environment, .folder = folder.path()});
      EXPECT_EQ(ended.code, 2) << ended.out << ended.err;
      EXPECT_THAT(ended.out + ended.err, AllOf(HasSubstr("[secret]"), Not(HasSubstr(kKey))));
    }
  };
  expect_secret({{"CHIMPLIFT_API_KEY_OVERRIDE", "us12"}, {"CHIMPLIFT_SERVER_OVERRIDE", key}}, {"sync"});
  expect_secret({{"CHIMPLIFT_EXCLUDED_STEPS", key}}, {"sync"});
  expect_secret({{"CHIMPLIFT_CONFIG", key}}, {"sync"});
  folder.write("accounts.json", "[" + entry("a", std::string(32, 'a') + "-us12") + "]");
  expect_secret({}, {"sync", "--api-base", "us12.api.mailchimp.com/3.0?apikey=" + std::string(kKey)});
  folder.write("chimplift.toml", key + " = true\n");
  expect_secret({}, {"sync"});
  folder.write("chimplift.toml", key + " = true\n" + key + " = true\n");
  expect_secret({}, {"sync"});
  folder.write("chimplift.toml", "excluded-steps = [\"lists\", \"" + key + "\"]\n");
  expect_secret({}, {"sync"});
}

TEST(Program, ListsTheCatalogue) {
  EXPECT_THAT(chimplift({"streams"}).out, AllOf(HasSubstr("list_members"), HasSubstr("/lists/{list_id}/members")));
  const nlohmann::json document = nlohmann::json::parse(chimplift({"streams", "--json"}).out);
  EXPECT_EQ(document[0]["table"], "account");
  EXPECT_EQ(document[0]["key"][0], "account_name");
}

TEST(Program, TellsOfAResultThatCouldNotBeWritten) {
  const Ended ended = run({.words = {"-c", std::string(CHIMPLIFT_BIN) + " version >/dev/full"}, .program = "/bin/sh"});
  EXPECT_EQ(ended.code, 6);
  EXPECT_THAT(ended.err, HasSubstr("cannot write the result"));
}

TEST(Program, LogsAreJsonWhereThatIsWanted) {
  const Ended ended = chimplift({"sync", "--log-format", "json"});
  EXPECT_EQ(ended.code, 2);
  const nlohmann::json line = nlohmann::json::parse(ended.err);
  EXPECT_EQ(line["level"], "error");
  EXPECT_EQ(line["kind"], "usage");
}

TEST(Program, ErrorsThatComeBeforeTheSettingsAreLogsInJsonToo) {
  const Folder folder;
  const auto expect_line = [&](std::vector<std::string> words, const std::map<std::string, std::string>& environment) {
    const Ended ended = run({.words = std::move(words), .environment = environment, .folder = folder.path()});
    EXPECT_EQ(ended.code, 2);
    const nlohmann::json line = nlohmann::json::parse(ended.err, nullptr, false);
    ASSERT_TRUE(line.is_object()) << ended.err;
    EXPECT_EQ(line["kind"], "usage");
    for (const char* field : {"time", "level", "event", "run", "advice"}) EXPECT_TRUE(line.contains(field)) << field;
  };
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"sync", "--bogus"}, {"sync", "--config", "nope.toml"}, {"snyc"}, {"sync", "--is-test", "maybe"}}) {
    expect_line(words, {{"CHIMPLIFT_LOG_FORMAT", "json"}});
    std::vector<std::string> with = words;
    with.insert(with.begin(), {"--log-format", "json"});
    expect_line(with, {{"CHIMPLIFT_LOG_FORMAT", "text"}});
    with = words;
    with.emplace_back("--log-format=json");
    expect_line(with, {});
  }
  expect_line({"sync", "--log-format", "json"}, {{"CHIMPLIFT_IS_TEST", "maybe"}});
  folder.write("chimplift.toml", "log-format = \"json\"\nis-test = \"maybe\"\n");
  expect_line({"sync"}, {});
  EXPECT_THAT(run({.words = {"sync", "--log-format", "text"}, .folder = folder.path()}).err, StartsWith("chimplift: "));
}

}  // namespace
}  // namespace chimplift::testing
