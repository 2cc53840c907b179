// At most ten requests of an account are under way, whatever goes wrong and whoever asks: the server counts.
#include <gtest/gtest.h>
#include <unistd.h>

#include "e2e_compare.hpp"

namespace chimplift::e2e {
namespace {

void expect_ten(const Scene& scene, const std::string& what, std::size_t account = 0) {
  EXPECT_EQ(scene.stats(account).max_in_flight, 10) << what;
  EXPECT_EQ(scene.stats(account).beyond_limit, 0) << what;
  EXPECT_LE(scene.stats(account).max_together, 10) << what << ", with files";
}

TEST(e2e_ten, never_eleven_while_all_kinds_of_things_go_wrong) {
  SimulatorOptions options = Scene::small();
  options.accounts = 2;
  options.latency_ms = 5;
  Scene scene(options);
  const std::string renewed = std::string(32, 'c') + "-us12";
  for (const std::string kind : {"status_429", "status_429_retry_after", "status_500", "status_502_html", "status_504", "redirect_same",
                                 "reset", "hang_up", "truncate", "empty_200", "status_403_akamai"})
    scene.simulator.plant({.kind = kind, .times = 6, .probability = 0.05});
  // In the middle of it the first account's key is replaced.
  scene.simulator.plan({.account = 0, .key = renewed, .after = 150, .first = [&scene, &renewed] {
                          Json accounts = Json::parse(scene.simulator.accounts_json());
                          accounts[0]["api_key"] = renewed;
                          write_text(scene.accounts_file(), accounts.dump());
                        }});
  const Ended ended = scene.sync();
  EXPECT_EQ(ended.code, 0) << ended.all();
  expect_truth(scene);
  // Were answers so quick that there were never ten at once, there are now: no page is answered.
  scene.simulator.lift_faults();
  scene.simulator.plant({.kind = "stall", .query_contains = "count=", .param = 600'000});
  Process again(scene.command("sync"), scene.folder());
  const auto has_ten = [&scene](std::size_t account) { return scene.stats(account).max_in_flight >= 10; };
  while ((!has_ten(0) || !has_ten(1)) && !again.ended_within(std::chrono::milliseconds(2))) {
  }
  for (const std::size_t account : {0U, 1U}) expect_ten(scene, "account " + std::to_string(account), account);
}

// Other commands on the same archive ask nothing while a run has the ten.
TEST(e2e_ten, other_commands_wait_for_the_run_to_end) {
  Scene scene;
  ASSERT_EQ(scene.sync({"--only-steps", "lists"}).code, 0);
  // Stands still in the middle, so that it is surely under way; what it asked for stays counted.
  scene.simulator.plant({.kind = "stall", .skip = 5, .param = 600'000});
  const i64 before = scene.stats().requests;
  Process run(scene.command("sync"), scene.folder());
  while (scene.stats().requests < before + 15 && !run.ended_within(std::chrono::milliseconds(2))) {
  }
  const i64 asked = scene.stats().requests;
  for (const Words& command : {Words{"doctor"}, Words{"plan"}, Words{"verify", "--source", "--warehouse", "none"}}) {
    const Ended ended = scene.run(command[0], {command.begin() + 1, command.end()});
    EXPECT_EQ(ended.code, 11) << command[0] << "\n" << ended.all();
    EXPECT_NE(ended.all().find("another run works on account"), std::string::npos) << command[0] << "\n" << ended.all();
  }
  EXPECT_EQ(scene.stats().requests, asked) << "somebody asked beside the run";
  EXPECT_LE(scene.stats().max_in_flight, 10);
  scene.simulator.lift_faults();
  run.send(SIGKILL);
  run.wait();
}

TEST(e2e_ten, one_key_twice_is_refused) {
  const Scene scene;
  Json accounts = Json::parse(scene.simulator.accounts_json());
  accounts.push_back(accounts[0]);
  accounts[1]["account_name"] = "the same under another name";
  write_text(scene.accounts_file(), accounts.dump());
  const Ended ended = scene.sync();
  EXPECT_EQ(ended.code, 2) << ended.all();
  EXPECT_NE(ended.err.find("the key of another account"), std::string::npos) << ended.err;
  EXPECT_EQ(scene.stats().requests, 0);
}

}  // namespace
}  // namespace chimplift::e2e
