// The main job, end to end: every row, key, value and file.
#include <gtest/gtest.h>

#include "e2e_compare.hpp"

namespace chimplift::e2e {
namespace {

TEST(e2e_complete, two_accounts_are_taken_whole_and_certified) {
  SimulatorOptions options = Scene::small();
  options.accounts = 2;
  options.scale = 0.1;
  options.files_on_other_port = true;
  const Scene scene(options);
  const Ended ended = scene.sync();
  EXPECT_EQ(ended.code, 0) << ended.all();
  expect_truth(scene);
  for (std::size_t i = 0; i < 2; ++i) {
    const Json certificate = scene.certificate(i);
    EXPECT_EQ(certificate.at("verdict"), "safe to close");
    EXPECT_EQ(certificate.at("account_name"), scene.account(i).name);
    EXPECT_TRUE(certificate.at("gaps").empty()) << certificate.at("gaps");
    EXPECT_TRUE(certificate.at("exceptions").empty()) << certificate.at("exceptions");
    for (const Json& stream : certificate.at("streams")) EXPECT_EQ(stream.at("state"), "complete") << stream;
    EXPECT_EQ(scene.stats(i).non_get_requests, 0);
    EXPECT_LE(scene.stats(i).max_in_flight, 10);
    EXPECT_EQ(scene.stats(i).beyond_limit, 0);
  }
  EXPECT_EQ(scene.simulator.stats().file_requests_with_key, 0);
  EXPECT_EQ(scene.simulator.stats().unknown_key_requests, 0);
}

TEST(e2e_complete, ten_requests_are_under_way_whenever_there_is_work) {
  // From some place on nothing is answered: whatever is asked for then stays counted.
  for (const int answered : {20, 120, 400}) {
    SCOPED_TRACE(std::to_string(answered) + " requests were answered");
    Scene scene;
    scene.simulator.plant({.kind = "stall", .skip = answered, .param = 600'000, .spares_files = true});
    Process run(scene.command("sync", {"--warehouse", "none"}), scene.folder());
    while (scene.stats().requests < answered + 10 && !run.ended_within(std::chrono::milliseconds(2))) {
    }
    EXPECT_EQ(scene.stats().requests, answered + 10);
    EXPECT_EQ(scene.stats().max_in_flight, 10);
    EXPECT_EQ(scene.stats().beyond_limit, 0);
  }
}

TEST(e2e_complete, what_mailchimp_no_longer_has_is_an_exception_and_no_gap) {
  SimulatorOptions options = Scene::small();
  options.missing_image = true;
  const Scene scene(options);
  EXPECT_EQ(scene.sync().code, 0);
  expect_truth(scene);
  const Json certificate = scene.certificate();
  EXPECT_EQ(certificate.at("verdict"), "safe to close, with exceptions");
  ASSERT_EQ(certificate.at("exceptions").size(), 1U) << certificate.at("exceptions");
  EXPECT_EQ(certificate.at("exceptions")[0].at("stream"), "campaign_content");
  EXPECT_TRUE(certificate.at("exceptions")[0].at("file").get<std::string>().ends_with("/linked/missing.png"));
  const Words rows =
      column_of(scene.duckdb(),
                "SELECT coalesce(storage_uri, 'nowhere') || ' ' || outcome || ' ' || reason FROM mailchimp.assets WHERE source_url "
                "LIKE '%/linked/missing.png'");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_TRUE(rows[0].starts_with("nowhere missing 404")) << rows[0];
}

TEST(e2e_complete, pages_of_any_size_give_the_same_tables) {
  Chance chance;
  SimulatorOptions options = Scene::small();
  options.most_rows = chance.between(3, 60);  // of what has no offsets there are three at most
  SCOPED_TRACE(chance.seed() + ", pages of " + std::to_string(options.most_rows));
  const Scene scene(options);
  const Ended ended = scene.sync();
  EXPECT_EQ(ended.code, 0) << ended.all();
  expect_truth(scene);
  EXPECT_EQ(scene.certificate().at("verdict"), "safe to close");
}

}  // namespace
}  // namespace chimplift::e2e
