// --metrics-file: numbers that Prometheus can read, while a run goes on and when it has ended; and the fields that tell log lines apart.
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <regex>
#include <set>

#include "cli/metrics_file.hpp"
#include "process.hpp"

namespace chimplift::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Series (name and labels) → value. Fails where a line is none of the text format's, a series stands twice, or has no type above it.
std::map<std::string, double> series_of(const std::string& text) {
  static const std::regex sample(R"re(([a-z_]+)(\{[a-z_]+="(?:[^"\\\n]|\\[\\n"])*"(?:,[a-z_]+="(?:[^"\\\n]|\\[\\n"])*")*\})? ([0-9.]+))re");
  static const std::regex comment("# (HELP|TYPE) ([a-z_]+) (.+)");
  std::map<std::string, double> series;
  std::set<std::string> typed;
  std::istringstream in(text);
  std::smatch match;
  for (std::string line; std::getline(in, line);) {
    if (std::regex_match(line, match, comment)) {
      if (match[1] != "TYPE") continue;
      EXPECT_TRUE(typed.insert(match[2]).second) << line;
      EXPECT_TRUE(match[3] == "gauge" || match[3] == "counter") << line;
    } else if (std::regex_match(line, match, sample)) {
      EXPECT_TRUE(typed.contains(match[1])) << line;
      EXPECT_TRUE(series.emplace(match[1].str() + match[2].str(), std::stod(match[3])).second) << line;
    } else {
      ADD_FAILURE() << line;
    }
  }
  EXPECT_TRUE(text.ends_with('\n'));
  return series;
}

TEST(Metrics, AreReadableWhateverAnAccountIsCalled) {
  Progress progress;
  progress.accounts.emplace_back().account_name = "odd \"name\" \\ with\na line \xFF";
  progress.accounts.front().requests = 7;
  const std::map<std::string, double> series = series_of(metrics_text({"r1", "pull"}, progress, 10, 20, {}));
  EXPECT_EQ(series.at("chimplift_requests_total{account=\"odd \\\"name\\\" \\\\ with\\na line \xEF\xBF\xBD\"}"), 7);
  EXPECT_EQ(series.at("chimplift_run_updated_seconds"), 20);
  EXPECT_FALSE(series.contains("chimplift_run_exit_code")) << "it goes on";
}

TEST(Metrics, SayWhatTheRunSaid) {
  const Folder folder;
  const Simulator simulator(folder);
  const auto file = folder.path() / "chimplift.prom";
  const std::vector<std::string> words = {"sync", "--api-base", simulator.url(),  "--json", "--log-format",
                                          "json", "--verbose",  "--metrics-file", file};
  const Ended ended = run({.words = words, .folder = folder.path()});
  ASSERT_EQ(ended.code, 0) << ended.err;
  const std::map<std::string, double> series = series_of(text_of(file));
  const nlohmann::json document = nlohmann::json::parse(ended.out);
  ASSERT_EQ(document["accounts"].size(), 2U);
  for (const nlohmann::json& account : document["accounts"]) {
    const auto value = [&](const std::string& name) {
      return series.at("chimplift_" + name + "{account=\"" + account["account_name"].get<std::string>() + "\"}");
    };
    EXPECT_EQ(value("requests_total"), account["requests"]);
    EXPECT_EQ(value("records_total"), account["records"]);
    EXPECT_EQ(value("rows_loaded_total"), account["rows"]);
    EXPECT_EQ(value("collections_ended"), value("collections_known"));
    EXPECT_EQ(value("files_ended"), value("files_known"));
    EXPECT_EQ(value("requests_in_flight"), 0);
    EXPECT_EQ(value("safe_to_close"), 1);
    EXPECT_EQ(value("gaps"), 0);
    EXPECT_EQ(value("exceptions"), account["certificate"]["exceptions"].size());
  }
  EXPECT_EQ(series.at("chimplift_run_exit_code"), 0);
  EXPECT_EQ(series.at("chimplift_run_phase"), 3);
  EXPECT_FALSE(std::filesystem::exists(file.string() + ".part"));
  EXPECT_EQ(std::filesystem::status(file).permissions(), std::filesystem::perms(0644)) << "whoever collects it is somebody else";

  // The log: each line has the run that the file names, and those of a collection its account and stream.
  std::set<std::string> runs, accounts, streams;
  std::istringstream lines(ended.err);
  for (std::string text; std::getline(lines, text);) {
    const nlohmann::json line = nlohmann::json::parse(text);
    runs.insert(line.at("run"));
    if (!line.contains("stream")) continue;
    streams.insert(line["stream"]);
    accounts.insert(line.at("account"));
  }
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(accounts.size(), 2U);
  EXPECT_GE(streams.size(), 80U);
  EXPECT_THAT(text_of(file), HasSubstr("run=\"" + *runs.begin() + "\",command=\"sync\""));
}

// A run of one step finds no gap, and leaves the certificate of all steps, which names one of another step.
TEST(Metrics, CallAnAccountSafeOnlyWhereTheCertificateInItsArchiveDoesToo) {
  const std::string safe = R"({"verdict":"safe to close"})", not_safe = R"({"verdict":"not safe"})";
  struct Case {
    Verdict verdict;
    bool is_unwritten;
    std::string standing;
    int is_safe;
  };
  for (const Case& c : {Case{Verdict::safe, false, "", 1}, Case{Verdict::safe_with_exceptions, true, safe, 1},
                        Case{Verdict::safe_with_exceptions, true, not_safe, 0}, Case{Verdict::safe, true, "", 0},
                        Case{Verdict::not_safe, true, safe, 0}, Case{Verdict::not_safe, false, "", 0}}) {
    RunResult result;
    AccountResult& account = result.accounts.emplace_back();
    account.account_name = "acme";
    account.certificate.emplace().verdict = c.verdict;
    account.is_unwritten = c.is_unwritten;
    account.standing = c.standing;
    const std::map<std::string, double> series = series_of(metrics_text({"r1", "sync"}, {}, 10, 20, RunEnding{&result, 0}));
    EXPECT_EQ(series.at("chimplift_safe_to_close{account=\"acme\"}"), c.is_safe)
        << name_of(c.verdict) << (c.is_unwritten ? " beside " : " as ") << c.standing;
  }
}

TEST(Metrics, AreThereWhileARunGoesOnAndWhenItFails) {
  const Folder folder;
  const Simulator simulator(folder, "0.3", "100");
  const auto file = folder.path() / "chimplift.prom";
  const std::vector<std::string> words = {"pull", "--api-base", simulator.url(), "--metrics-file", file};
  const Ended ended = run({.words = words, .folder = folder.path(), .signal = SIGTERM});
  EXPECT_EQ(ended.code, 143);
  EXPECT_EQ(series_of(text_of(file)).at("chimplift_run_exit_code"), 143);
  EXPECT_THAT(text_of(file), Not(HasSubstr("safe_to_close"))) << "nothing was verified";

  // What dies leaves its last numbers, without an ending.
  std::filesystem::remove(file);
  EXPECT_EQ(run({.words = words, .folder = folder.path(), .signal = SIGKILL}).code, 128 + SIGKILL);
  const std::map<std::string, double> series = series_of(text_of(file));
  EXPECT_FALSE(series.contains("chimplift_run_exit_code"));
  EXPECT_GT(series.at("chimplift_run_started_seconds"), 0);
}

TEST(Metrics, ThatCannotBeWrittenEndTheRunBeforeItBegins) {
  const Folder folder;
  const Simulator simulator(folder);
  const Ended ended = run({.words = {"sync", "--api-base", simulator.url(), "--metrics-file", "nowhere/x.prom"}, .folder = folder.path()});
  EXPECT_EQ(ended.code, 6);
  EXPECT_THAT(ended.err, HasSubstr("nowhere/x.prom"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "mailchimp-archive" / "harbor_coffee"));
}

}  // namespace
}  // namespace chimplift::testing
