// A pull alone writes no certificate, and names what it could not bring all the same.
#include <gmock/gmock.h>

#include "e2e.hpp"

namespace chimplift::e2e {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Ends for good in three ways: a whole stream, some collections of one, and a number that never agrees.
void plant_gaps(Scene& scene) {
  const std::string list = scene.account().collections.at("/lists").rows.at(0).id;
  scene.simulator.plant({.kind = "status_403", .path_contains = "/segments"});
  scene.simulator.plant({.kind = "status_404", .path_contains = "/lists/" + list + "/activity"});
  scene.simulator.plant({.kind = "total_plus", .path_contains = "/file-manager/folders"});
}

Json gaps_of(const Ended& ended) { return Json::parse(ended.out).at("accounts").at(0).at("gaps"); }

TEST(e2e_pull_gap, a_pull_names_what_it_lost_until_it_has_it) {
  Scene scene;
  plant_gaps(scene);
  const Ended pulled = scene.run("pull", {"--json"});
  EXPECT_EQ(pulled.code, 3) << pulled.all();
  EXPECT_EQ(Json::parse(pulled.out).at("exit_code"), 3);
  EXPECT_TRUE(Json::parse(pulled.out).at("accounts").at(0).at("certificate").is_null());
  EXPECT_GE(gaps_of(pulled).size(), 3U);
  EXPECT_EQ(scene.run("verify", {"--warehouse", "none"}).code, 3);
  EXPECT_EQ(findings(gaps_of(pulled)), findings(scene.certificate().at("gaps")));
  for (const Json& gap : gaps_of(pulled)) {
    EXPECT_EQ(gap.at("account"), scene.account().name);
    EXPECT_FALSE(gap.at("reason").get<std::string>().empty());
    EXPECT_THAT(gap.at("command").get<std::string>(), HasSubstr("chimplift sync"));
  }

  const Ended again = scene.run("pull");
  EXPECT_EQ(again.code, 3) << again.all();
  for (const std::string table : {"list_segments", "list_activity", "stored_file_folders"}) EXPECT_THAT(again.out, HasSubstr(table));
  EXPECT_THAT(again.out, HasSubstr("Gaps ("));

  const Ended other = scene.run("pull", {"--only-steps", "templates"});
  EXPECT_EQ(other.code, 0) << other.all();

  scene.simulator.lift_faults();
  const Ended whole = scene.run("pull", {"--json"});
  EXPECT_EQ(whole.code, 0) << whole.all();
  EXPECT_EQ(gaps_of(whole), Json::array());
}

TEST(e2e_pull_gap, the_gaps_of_a_test_run_are_named_and_fail_nothing) {
  Scene scene;
  plant_gaps(scene);
  const Words words = {"--is-test", "true"};
  const Ended pulled = scene.run("pull", words);
  EXPECT_EQ(pulled.code, 0) << pulled.all();
  EXPECT_THAT(pulled.out, HasSubstr("list_segments"));
  const Ended synced = scene.sync(words);
  EXPECT_EQ(synced.code, 0) << synced.all();
  EXPECT_EQ(scene.certificate().at("verdict"), "test run");
}

TEST(e2e_pull_gap, a_pull_without_gaps_says_nothing_of_them) {
  const Scene scene;
  const Ended pulled = scene.run("pull");
  EXPECT_EQ(pulled.code, 0) << pulled.all();
  EXPECT_THAT(pulled.out, Not(HasSubstr("Gaps")));
  EXPECT_TRUE(Json::parse(scene.run("load", {"--json"}).out).at("accounts").at(0).at("gaps").is_null());
}

}  // namespace
}  // namespace chimplift::e2e
