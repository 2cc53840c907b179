// verify --source: asks Mailchimp for its totals again, and finds what came in since.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "built_paths.hpp"
#include "e2e_compare.hpp"

namespace chimplift::e2e {
namespace {

class Source : public ::testing::Test {
 protected:
  const Words kNoTables = {"--warehouse", "none"};
  static SimulatorOptions recorded() {
    SimulatorOptions options = Scene::small();
    options.record_requests = true;
    return options;
  }
  void SetUp() override {
    ASSERT_EQ(scene.sync(kNoTables).code, 0);
    scene.simulator.reset_stats();
  }
  [[nodiscard]] Ended ask(const Words& more = {}) const {
    Words words = {"--source", "--warehouse", "none"};
    words.insert(words.end(), more.begin(), more.end());
    return scene.run("verify", words);
  }
  [[nodiscard]] std::string list() const { return scene.account().collections.at("/lists").rows.at(0).id; }
  Scene scene{recorded()};
};

TEST_F(Source, agrees_where_nothing_came_in_and_asks_no_more_than_it_must) {
  {
    SCOPED_TRACE("nothing came in");
    const Ended ended = ask();
    EXPECT_EQ(ended.code, 0) << ended.all();
    const Json certificate = scene.certificate();
    EXPECT_EQ(certificate.at("verdict"), "safe to close");
    const Json& source = certificate.at("source");
    EXPECT_GT(source.at("asked"), 100);
    EXPECT_EQ(source.at("asked"), source.at("agreed"));
    EXPECT_TRUE(source.at("remarks").empty()) << source;
    EXPECT_EQ(scene.simulator.stats().requests(), source.at("asked").get<i64>() + 1) << "one of whose key it is";
    i64 not_asked = 0;
    for (const Json& one : source.at("not_asked")) {
      EXPECT_FALSE(one.at("reason").get<std::string>().empty());
      EXPECT_FALSE(one.at("tables").empty());
      not_asked += one.at("collections").get<i64>();
    }
    i64 collections = 0;
    for (const Json& stream : certificate.at("streams")) collections += stream.at("collections").get<i64>();
    EXPECT_EQ(source.at("asked").get<i64>() + not_asked, collections) << "none goes unmentioned";
    for (const std::string& request : scene.stats().request_log)
      EXPECT_TRUE(request.find("&count=1") != std::string::npos || request.starts_with("/?")) << request;
    EXPECT_NE(read_text(scene.account_folder() / "certificate.html").find("Mailchimp, asked again"), std::string::npos);
    EXPECT_NE(ended.out.find("asked again"), std::string::npos) << ended.out;
    // Without --source nothing is asked, and nothing said of it.
    scene.simulator.reset_stats();
    EXPECT_EQ(scene.run("verify", kNoTables).code, 0);
    EXPECT_EQ(scene.simulator.stats().requests(), 0);
    EXPECT_TRUE(scene.certificate().at("source").is_null());
  }
  {
    SCOPED_TRACE("fewer is a remark");
    scene.simulator.plant({.kind = "total_minus", .path_contains = "/lists/" + list() + "/members"});
    EXPECT_EQ(ask().code, 0);
    const Json certificate = scene.certificate();
    EXPECT_EQ(certificate.at("verdict"), "safe to close");
    EXPECT_FALSE(certificate.at("source").at("remarks").empty());
    EXPECT_EQ(certificate.at("source").at("remarks").size(), certificate.at("source").at("fewer"));
  }
}

TEST_F(Source, finds_what_came_in_since_and_sync_closes_it) {
  scene.simulator.plant({.kind = "total_plus", .path_contains = "/lists/" + list() + "/members", .param = 2});
  const Ended ended = ask();
  EXPECT_EQ(ended.code, 3) << ended.all();
  const Json certificate = scene.certificate();
  EXPECT_EQ(certificate.at("verdict"), "not safe");
  for (const Json& gap : certificate.at("gaps")) {
    EXPECT_EQ(gap.at("stream"), "list_members");
    EXPECT_EQ(gap.at("parent").at("list_id"), list());
    EXPECT_NE(gap.at("reason").get<std::string>().find("2 came in since"), std::string::npos) << gap;
  }
  EXPECT_EQ(certificate.at("source").at("grown"), certificate.at("gaps").size());
  ASSERT_GT(certificate.at("gaps").size(), 0U);
  scene.simulator.lift_faults();
  const auto programs = std::filesystem::path(CHIMPLIFT_BIN).parent_path().string();
  const std::string command = certificate.at("gaps")[0].at("command");
  const Ended closed = Process({"/bin/sh", "-c", "PATH=" + programs + ":$PATH; " + command}, scene.folder()).wait();
  EXPECT_EQ(closed.code, 0) << command << closed.all();
  EXPECT_EQ(ask().code, 0);
  EXPECT_EQ(scene.certificate().at("verdict"), "safe to close");
}

// A campaign that was sent since is in no list but the one that nobody chose: what hangs below it would be missed without a word.
TEST(SourceOfSteps, what_grew_in_a_list_that_is_read_for_its_ids_is_a_gap_of_what_hangs_below) {
  Scene scene(Scene::very_small());
  const Words words = {"--warehouse", "none", "--excluded-steps", "campaign_stats"};
  ASSERT_EQ(scene.sync(words).code, 0);
  scene.simulator.plant({.kind = "total_plus", .path_contains = "/reports$", .param = 1});
  Words source = words;
  source.emplace_back("--source");
  EXPECT_EQ(scene.run("verify", source).code, 3);
  const Json certificate = scene.certificate();
  std::vector<std::string> streams;
  for (const Json& gap : certificate.at("gaps")) {
    streams.push_back(gap.at("stream"));
    EXPECT_NE(gap.at("reason").get<std::string>().find("its ids come from campaign_stats, which was left out itself"), std::string::npos);
  }
  EXPECT_NE(std::ranges::find(streams, "email_activity"), streams.end());
  EXPECT_EQ(std::ranges::find(streams, "campaign_stats"), streams.end());
  scene.simulator.lift_faults();
  EXPECT_EQ(scene.sync(words).code, 0);
  EXPECT_EQ(scene.run("verify", source).code, 0);
}

// What hangs below a report is read again only where the report changes: a total that grew says more.
TEST_F(Source, what_grew_is_read_by_any_run_that_comes_next_and_vouched_for_by_none_before) {
  const std::string opens = "/reports/" + scene.account().collections.at("/reports").rows.at(0).id + "/open-details";
  scene.simulator.plant({.kind = "total_plus", .path_contains = opens, .param = 2});
  EXPECT_EQ(ask().code, 3);
  scene.simulator.lift_faults();
  EXPECT_EQ(scene.run("verify", kNoTables).code, 3) << "nothing was read since";
  EXPECT_EQ(scene.certificate().at("gaps").at(0).at("stream"), "campaign_open_details");
  scene.simulator.reset_stats();
  EXPECT_EQ(scene.sync(kNoTables).code, 0);
  EXPECT_EQ(scene.stats().by_path.at(opens), 1);
  EXPECT_EQ(ask().code, 0);
}

TEST_F(Source, asks_again_after_what_passes_and_names_what_does_not) {
  scene.simulator.plant({.kind = "status_503_akamai", .times = 5});
  scene.simulator.plant({.kind = "total_absent", .path_contains = "/campaigns", .times = 1});
  EXPECT_EQ(ask().code, 0);
  scene.simulator.plant({.kind = "status_403", .path_contains = "/lists/" + list() + "/members"});
  EXPECT_EQ(ask().code, 3);
  EXPECT_NE(reasons(scene.certificate().at("gaps")).find("would not say"), std::string::npos);
}

TEST_F(Source, waits_as_long_as_the_server_asks_before_it_asks_again_whose_key_it_is) {
  constexpr int kSeconds = 4;
  scene.simulator.plant({.kind = "status_429_retry_after", .times = 1, .param = kSeconds});
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(ask().code, 0);
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::seconds(kSeconds));
  EXPECT_EQ(scene.simulator.stats().requests(), scene.certificate().at("source").at("asked").get<i64>() + 2);
}

TEST_F(Source, what_cannot_be_asked_leaves_the_certificate_as_it_is) {
  {
    SCOPED_TRACE("a key that is refused");
    const std::string before = read_text(scene.account_folder() / "certificate.json");
    scene.simulator.plant({.kind = "status_401"});
    const Ended ended = ask();
    EXPECT_EQ(ended.code, 4) << ended.all();
    EXPECT_EQ(read_text(scene.account_folder() / "certificate.json"), before);
    scene.simulator.lift_faults();
  }
  {
    SCOPED_TRACE("an address without the API: what hangs below a record was taken for deleted there, and the rest for gaps");
    const std::string before = read_text(scene.account_folder() / "certificate.json");
    const std::string whole = scene.simulator.api_base();
    const Ended ended = ask({"--api-base", whole.substr(0, whole.rfind("/3.0"))});
    EXPECT_EQ(ended.code, 2) << ended.all();
    EXPECT_NE(ended.all().find("Check --api-base and the account's server."), std::string::npos) << ended.all();
    EXPECT_EQ(read_text(scene.account_folder() / "certificate.json"), before);
  }
  {
    SCOPED_TRACE("no accounts");
    std::filesystem::remove(scene.accounts_file());
    EXPECT_EQ(Process({CHIMPLIFT_BIN, "verify", "--source", "--archive", scene.archive}, scene.folder()).wait().code, 2);
  }
}

}  // namespace
}  // namespace chimplift::e2e
