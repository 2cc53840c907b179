// Whole runs against the simulator: the screen, the summary, the JSON document, signals.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <regex>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "process.hpp"

namespace chimplift::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> sync_words(const Simulator& simulator, std::vector<std::string> more = {}) {
  std::vector<std::string> words = {"sync", "--api-base", simulator.url()};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST(Run, SaysOnPipesWhichPhaseItIsInAndSumsUpOnStdout) {
  const Folder folder;
  const Simulator simulator(folder);
  // Everywhere the same few steps: the tables of all take long to make.
  const std::vector<std::string> few = {"--only-steps", "lists,stored_files"};
  const auto call = [&](std::vector<std::string> words) {
    words.insert(words.end(), few.begin(), few.end());
    return run({.words = words, .folder = folder.path()});
  };
  const Ended ended = call(sync_words(simulator));
  ASSERT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.err, AllOf(HasSubstr("Reading Mailchimp."), Not(HasSubstr("\x1b")), Not(HasSubstr("\r"))));
  EXPECT_THAT(ended.out,
              AllOf(HasSubstr("list_members"), HasSubstr("stored_files"), HasSubstr("safe to close"), HasSubstr("customer journeys"),
                    HasSubstr("duckdb "), HasSubstr("certificate.json"), Not(HasSubstr("\x1b"))));

  // The archive alone is enough for what needs no network: neither accounts file nor key.
  std::filesystem::remove(folder.path() / "accounts.json");
  std::filesystem::remove(folder.path() / "mailchimp-archive" / "mailchimp.duckdb");
  Ended offline = call({"load", "--json"});
  EXPECT_EQ(offline.code, 0) << offline.err;
  EXPECT_EQ(nlohmann::json::parse(offline.out)["accounts"].size(), 2U);
  offline = call({"verify", "--quiet"});
  EXPECT_EQ(offline.code, 0) << offline.err;
  EXPECT_EQ(offline.err, "");
  offline = call({"status"});
  EXPECT_EQ(offline.code, 0);
  EXPECT_THAT(offline.out, AllOf(HasSubstr("list_members"), HasSubstr("Last verdict: safe to close")));
}

TEST(Run, PrintsOneJsonDocument) {
  const Folder folder;
  const Simulator simulator(folder);
  const Ended ended =
      run({.words = sync_words(simulator, {"--json", "--only-steps", "lists", "--is-test", "true"}), .folder = folder.path()});
  ASSERT_EQ(ended.code, 0) << ended.err;
  const nlohmann::json document = nlohmann::json::parse(ended.out);
  EXPECT_EQ(document["command"], "sync");
  EXPECT_EQ(document["exit_code"], 0);
  ASSERT_EQ(document["accounts"].size(), 2U);
  EXPECT_EQ(document["accounts"][0]["certificate"]["verdict"], "test run");
  const Ended plan = run({.words = {"plan", "--json", "--api-base", simulator.url()}, .folder = folder.path()});
  EXPECT_EQ(plan.code, 0) << plan.err;
  EXPECT_GT(nlohmann::json::parse(plan.out)["accounts"][0]["requests"], 0);
  const Ended doctor = run({.words = {"doctor", "--json", "--api-base", simulator.url()}, .folder = folder.path()});
  EXPECT_EQ(doctor.code, 0) << doctor.err;
  EXPECT_EQ(nlohmann::json::parse(doctor.out)["checks"][0]["ok"], true);
}

/// Whatever the command and however it ends: what reads stdout reads one document, and nothing else.
TEST(Run, EveryCommandPrintsOneJsonDocumentWhereThatIsWanted) {
  const Folder folder;
  const Simulator simulator(folder);
  const auto document = [&](std::vector<std::string> words, int code) {
    words.insert(words.end(), {"--json", "--verbose"});
    const Ended ended = run({.words = words, .folder = folder.path()});
    EXPECT_EQ(ended.code, code) << words[0] << "\n" << ended.err;
    const nlohmann::json parsed = nlohmann::json::parse(ended.out, nullptr, false);
    EXPECT_FALSE(parsed.is_discarded()) << words[0] << "\n" << ended.out;
    EXPECT_TRUE(ended.out.ends_with('\n')) << words[0];
    return parsed;
  };
  for (const std::string command : {"sync", "load", "verify", "status"}) document({command, "--account", "nobody"}, 2);
  EXPECT_EQ(document({"status"}, 6)["accounts"][0]["error"]["kind"], "destination") << "there is no archive yet";
  for (const std::string command : {"doctor", "plan", "pull", "sync"}) {
    std::vector<std::string> words = {command, "--api-base", simulator.url()};
    if (command != "doctor") words.insert(words.end(), {"--only-steps", "lists"});
    document(words, 0);
  }
  for (const std::string command : {"load", "verify", "status"}) document({command, "--only-steps", "lists"}, 0);
  document({"verify"}, 3);
  for (const std::string command : {"accounts", "streams", "version"}) document({command}, 0);
  document({"generate", "completion", "bash"}, 0);
  document({"generate", "snowflake-setup"}, 0);
  document({"generate", "dbt"}, 2);
  document({"sync", "--archive", "accounts.json/x"}, 6);
}

/// The worst decides, whatever the order of the accounts.
TEST(Run, OfSeveralFailuresTheSameOneDecidesForEveryCommand) {
  const Folder folder;
  const Simulator simulator(folder);
  ASSERT_EQ(run({.words = {"pull", "--api-base", simulator.url(), "--only-steps", "lists"}, .folder = folder.path()}).code, 0);
  std::vector<std::filesystem::path> accounts;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path() / "mailchimp-archive")) {
    if (std::filesystem::exists(entry.path() / "ledger")) accounts.push_back(entry.path());
  }
  ASSERT_EQ(accounts.size(), 2U);
  for (int turn = 0; turn < 2; ++turn) {
    SCOPED_TRACE(turn);
    std::swap(accounts[0], accounts[1]);
    const std::filesystem::path gone = folder.path() / "gone";
    const std::filesystem::path ledger = folder.path() / "ledger of the other";
    std::filesystem::rename(accounts[0], gone);               // 6
    std::filesystem::rename(accounts[1] / "ledger", ledger);  // 7
    for (const std::string command : {"status", "verify"})
      EXPECT_EQ(run({.words = {command, "--only-steps", "lists"}, .folder = folder.path()}).code, 7) << command;
    std::filesystem::rename(gone, accounts[0]);
    std::filesystem::rename(ledger, accounts[1] / "ledger");
  }
}

TEST(Run, PaintsOneBlockOnATerminalAndTakesItAway) {
  const Folder folder;
  const Simulator simulator(folder, "0.02", "30");
  const Ended ended = run({.words = sync_words(simulator, {"--only-steps", "lists,campaign_stats,member_details"}),
                           .environment = {{"TERM", "xterm"}},
                           .folder = folder.path(),
                           .terminal = true,
                           .columns = 60});
  ASSERT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.err, AllOf(HasSubstr("Reading Mailchimp"), HasSubstr("requests in flight"), HasSubstr("\x1b[1m")));
  // Each frame begins by taking the one before away, and nothing stands behind the last time that is done.
  const std::size_t last = ended.err.rfind('\n');
  ASSERT_NE(last, std::string::npos);
  EXPECT_TRUE(std::regex_match(ended.err.substr(last + 1), std::regex("\x1b\\[([0-9]+)A\r(\x1b\\[2K\x1b\\[1B)+\x1b\\[\\1A")))
      << ended.err.substr(last);
  EXPECT_THAT(ended.err, Not(HasSubstr("\x1b[J"))) << "tmux would keep each frame in its history";
  EXPECT_THAT(ended.out, Not(HasSubstr("\x1b")));
}

TEST(Run, FitsItsTablesToTheTerminal) {
  const Folder folder;
  const auto streams = [&folder](bool on_terminal) {
    return run({.words = {"streams"}, .folder = folder.path(), .all_terminal = on_terminal, .columns = 80});
  };
  std::istringstream shown(streams(true).err);
  std::size_t lines = 0;
  for (std::string line; std::getline(shown, line); ++lines) EXPECT_LE(line.size(), 79 + std::string("…\r").size()) << line;
  EXPECT_GT(lines, 80U);
  EXPECT_THAT(streams(false).out, AllOf(HasSubstr("paging"), Not(HasSubstr("…"))));
}

TEST(Run, LeavesATerminalAloneThatCannotRepaintOrWantsNoColours) {
  const Folder folder;
  const Simulator simulator(folder);
  const std::vector<std::string> words = sync_words(simulator, {"--only-steps", "templates"});
  Ended ended = run({.words = words, .environment = {{"TERM", "dumb"}}, .folder = folder.path(), .terminal = true});
  EXPECT_THAT(ended.err, AllOf(HasSubstr("Reading Mailchimp."), Not(HasSubstr("\x1b"))));
  ended = run({.words = words, .environment = {{"TERM", "xterm"}, {"NO_COLOR", "1"}}, .folder = folder.path(), .terminal = true});
  EXPECT_THAT(ended.err, AllOf(HasSubstr("Reading Mailchimp"), Not(HasSubstr("\x1b[1m")), HasSubstr("\x1b[2K")));
  ended = run({.words = sync_words(simulator, {"--only-steps", "templates", "--quiet"}),
               .environment = {{"TERM", "xterm"}},
               .folder = folder.path(),
               .terminal = true});
  EXPECT_EQ(ended.err, "");
}

TEST(Run, EndsInOrderOnASignal) {
  const Folder folder;
  const Simulator simulator(folder, "0.3", "100");
  Ended ended = run({.words = sync_words(simulator, {"--json"}), .folder = folder.path(), .signal = SIGTERM});
  EXPECT_EQ(ended.code, 143);
  EXPECT_THAT(ended.err, HasSubstr("interrupted"));
  EXPECT_EQ(nlohmann::json::parse(ended.out)["error"]["kind"], "interrupted");
  ended = run({.words = sync_words(simulator), .folder = folder.path(), .signal = SIGINT});
  EXPECT_EQ(ended.code, 130);
}

TEST(Run, SaysWhatComesNextWhereItWentThroughAndNowhereElse) {
  const Folder folder;
  const Simulator simulator(folder);
  const auto call = [&folder](const std::vector<std::string>& words) { return run({.words = words, .folder = folder.path()}); };
  const std::vector<std::string> pull = {"pull", "--api-base", simulator.url(), "--account", "harbor_coffee", "--only-steps", "templates"};
  Ended ended = call(pull);
  ASSERT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("Next:"));
  EXPECT_THAT(ended.out, HasSubstr("chimplift load --archive mailchimp-archive --account harbor_coffee --only-steps templates"));
  std::vector<std::string> load = {"load", "--account", "harbor_coffee", "--warehouse", "duckdb:again.duckdb"};
  ended = call(load);
  ASSERT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.out,
              HasSubstr("chimplift verify --archive mailchimp-archive --account harbor_coffee --warehouse duckdb:again.duckdb\n"));
  load.emplace_back("--quiet");
  ended = call(load);
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.out, AllOf(HasSubstr("harbor_coffee"), Not(HasSubstr("Next:"))));
  ended = call({"verify", "--account", "harbor_coffee", "--warehouse", "none"});
  EXPECT_EQ(ended.code, 3) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("Next:")) << "gaps are a result";
  // The other account was never pulled; a key that is refused; a place that cannot be written to.
  for (const auto& [words, code] : {std::pair<std::vector<std::string>, int>{{"load"}, 6},
                                    {{"pull", "--api-base", simulator.url(), "--api-key-override", std::string(32, '0') + "-us12"}, 4},
                                    {{"pull", "--api-base", simulator.url(), "--archive", "accounts.json/x"}, 6}}) {
    ended = call(words);
    EXPECT_EQ(ended.code, code) << ended.err;
    EXPECT_THAT(ended.out, Not(HasSubstr("Next:")));
  }
}

TEST(Run, ExitsByTheWorstThatHappened) {
  const Folder folder;
  const Simulator simulator(folder);
  const Ended refused =
      run({.words = {"sync", "--api-base", simulator.url(), "--api-key-override", "0123456789abcdef0123456789abcdef-us12"},
           .folder = folder.path()});
  EXPECT_EQ(refused.code, 4);
  EXPECT_THAT(refused.out + refused.err, Not(HasSubstr("0123456789abcdef")));
  EXPECT_EQ(run({.words = {"doctor", "--account", "harbor_coffee", "--api-base", "http://127.0.0.1:1/3.0"}, .folder = folder.path()}).code,
            5);
  folder.write("file", "");
  EXPECT_EQ(run({.words = sync_words(simulator, {"--archive", "file/archive"}), .folder = folder.path()}).code, 6);
}

}  // namespace
}  // namespace chimplift::testing
