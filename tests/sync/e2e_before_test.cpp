// What doctor and plan say before a sync, where that would not go well.
#include <gmock/gmock.h>

#include <map>

#include "e2e.hpp"

namespace chimplift::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(e2e_before, doctor_asks_for_each_stream_once_and_finds_all_well) {
  const Scene scene;
  const Ended ended = scene.run("doctor");
  EXPECT_EQ(ended.code, 0) << ended.all();
  EXPECT_THAT(ended.all(), AllOf(HasSubstr("collections can be read"), HasSubstr("All is well")));
  EXPECT_GT(scene.stats().requests, 50);
  EXPECT_LT(scene.stats().requests, 150);
  EXPECT_LE(scene.stats().max_in_flight, 10);
}

/// The first stream of a step, and all that has no parent, said nothing of these.
TEST(e2e_before, doctor_finds_what_sync_would_name_as_a_gap) {
  const std::map<std::string, std::string> forbidden = {
      {"/segments", "list_segments"}, {"/templates", "templates"}, {"/email-activity", "email_activity"}};
  for (const auto& [path, table] : forbidden) {
    Scene scene;
    scene.simulator.plant({.kind = "status_403", .path_contains = path});
    const Ended ended = scene.run("doctor");
    EXPECT_EQ(ended.code, 4) << path << "\n" << ended.all();
    EXPECT_THAT(ended.all(),
                AllOf(HasSubstr(table), HasSubstr("403 Forbidden"), HasSubstr("--excluded-steps"), Not(HasSubstr("All is well"))));
  }
}

TEST(e2e_before, doctor_asks_again_where_an_answer_does_not_say_whose_the_key_is) {
  Scene scene;
  scene.simulator.plant({.kind = "html_200", .times = 1});
  Ended ended = scene.run("doctor", {"--only-steps", "templates"});
  EXPECT_EQ(ended.code, 0) << ended.all();
  EXPECT_THAT(ended.all(), HasSubstr("; account \""));
  scene.simulator.plant({.kind = "html_200"});
  ended = scene.run("doctor", {"--only-steps", "templates"});
  EXPECT_EQ(ended.code, 5) << ended.all();
  EXPECT_THAT(ended.all(), AllOf(Not(HasSubstr("accepted")), HasSubstr("does not say which one it is")));
}

/// Its tables were made in memory, verified, certified and thrown away: by such a name DuckDB takes a file for something to read.
TEST(e2e_before, what_is_not_duckdbs_is_refused_by_doctor_and_sync) {
  const Scene scene;
  const std::string content = "[{\"a\": 1}]\n";
  write_text(scene.folder() / "data.json", content);
  for (const char* command : {"doctor", "sync"}) {
    Ended ended = scene.run(command, {"--warehouse", "duckdb:data.json", "--only-steps", "account"});
    EXPECT_EQ(ended.code, 6) << command << "\n" << ended.all();
    EXPECT_THAT(ended.all(),
                AllOf(HasSubstr("data.json is not a DuckDB file"), Not(HasSubstr("All is well")), Not(HasSubstr("safe to close"))));
    EXPECT_EQ(read_text(scene.folder() / "data.json"), content) << command;
    ended = scene.run(command, {"--warehouse", "duckdb::memory:", "--only-steps", "account"});
    EXPECT_EQ(ended.code, 2) << command << "\n" << ended.all();
    EXPECT_THAT(ended.all(), HasSubstr("--warehouse none"));
  }
}

TEST(e2e_before, plan_names_what_may_not_be_read) {
  Scene scene;
  scene.simulator.plant({.kind = "status_403", .path_contains = "/reports"});
  Ended ended = scene.run("plan");
  EXPECT_EQ(ended.code, 0) << ended.all();
  EXPECT_THAT(ended.out, AllOf(HasSubstr("403 Forbidden: Your plan"), HasSubstr("campaign_stats cannot be read"),
                               HasSubstr("the sums are without that"), HasSubstr("--excluded-steps")));
  ended = scene.run("plan", {"--json"});
  EXPECT_EQ(ended.code, 0) << ended.all();
  std::map<std::string, Json> reasons;
  const Json document = Json::parse(ended.out);
  for (const Json& line : document["accounts"][0]["streams"]) reasons[line["table"]] = line["reason"];
  EXPECT_THAT(reasons.at("campaign_stats").get<std::string>(), HasSubstr("403 Forbidden"));
  EXPECT_EQ(reasons.at("email_activity"), "campaign_stats cannot be read");
  EXPECT_TRUE(reasons.at("list_members").is_null());
  scene.simulator.lift_faults();
  EXPECT_THAT(scene.run("plan").out, Not(HasSubstr("cannot be read")));
}

}  // namespace
}  // namespace chimplift::e2e
