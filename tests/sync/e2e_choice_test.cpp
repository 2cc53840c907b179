// Less than everything, when somebody asks for less: a test run, some steps, steps one by one.
#include <gtest/gtest.h>

#include <algorithm>

#include "e2e_compare.hpp"
#include "mailchimp/catalogue.hpp"

namespace chimplift::e2e {
namespace {

constexpr std::size_t kTestRows = 1000;

std::map<std::string, std::string> states_of(const Json& certificate) {
  std::map<std::string, std::string> states;
  for (const Json& stream : certificate.at("streams")) states[stream.at("table")] = stream.at("state");
  return states;
}

TEST(e2e_choice, a_test_run_reads_little_and_a_real_one_afterwards_reads_all) {
  SimulatorOptions options = Scene::small();
  options.scale = 0.3;  // some tables have more rows than a test run reads
  Scene scene(options);
  const Words excluded = {"member_details"};
  const Words words = {"--excluded-steps", "member_details"};
  Words is_test = words;
  is_test.insert(is_test.end(), {"--is-test", "true"});
  const Ended tested = scene.sync(is_test);
  EXPECT_EQ(tested.code, 0) << tested.all();
  EXPECT_EQ(scene.certificate().at("verdict"), "test run");
  const Tables got = tables_in(scene.duckdb(), scene.account().name);
  const Tables whole = expected_tables(scene.account(), scene.duckdb());
  std::size_t capped = 0;
  for (const std::string& table : tables_without(excluded)) {
    const std::vector<std::string>& rows = got.at(table);
    const std::vector<std::string>& all = whole.at(table);
    EXPECT_LE(rows.size(), kTestRows) << table;
    // What is below the limit is whole; above it, there is as much as the limit allows.
    if (all.size() > kTestRows) {
      ++capped;
      EXPECT_GT(rows.size(), kTestRows / 2) << table;
    }
    EXPECT_TRUE(std::includes(all.begin(), all.end(), rows.begin(), rows.end())) << table;
  }
  EXPECT_GT(capped, 1U) << "the account is too small to show anything";
  const i64 requests = scene.stats().requests;
  scene.simulator.reset_stats();
  EXPECT_EQ(scene.sync(words).code, 0);
  expect_truth(scene, excluded);
  EXPECT_LT(requests, scene.simulator.stats().requests());
  EXPECT_EQ(scene.certificate().at("verdict"), "safe to close, with exceptions");
}

TEST(e2e_choice, no_command_takes_a_real_archive_for_a_test_runs) {
  const Scene scene;
  ASSERT_EQ(scene.run("pull").code, 0);
  const Words is_test = {"--is-test", "true"};
  for (const std::string command : {"load", "verify", "status", "doctor", "pull", "sync"}) {
    const Ended ended = scene.run(command, is_test);
    EXPECT_EQ(ended.code, 2) << command << "\n" << ended.all();
    EXPECT_NE(ended.all().find("in full: a test run would mix with it"), std::string::npos) << command << "\n" << ended.all();
    EXPECT_NE(ended.all().find("--archive"), std::string::npos) << command << "\n" << ended.all();
  }
  EXPECT_EQ(scene.run("verify", {"--is-test", "true", "--source"}).code, 2);
  EXPECT_FALSE(std::filesystem::exists(scene.account_folder() / "certificate.json"));
  EXPECT_FALSE(std::filesystem::exists(scene.duckdb()));
  EXPECT_EQ(scene.sync({"--warehouse", "none"}).code, 0);
  EXPECT_EQ(scene.certificate().at("verdict"), "safe to close");
}

TEST(e2e_choice, excluded_steps_hold_no_rows_and_are_exceptions) {
  const Scene scene;
  const Words excluded = {"campaigns", "lists", "list_segments", "email_activity", "templates"};
  const Words words = {"--excluded-steps", "campaigns,lists,list_segments,email_activity,templates"};
  const Ended ended = scene.sync(words);
  EXPECT_EQ(ended.code, 0) << ended.all();
  expect_truth(scene, excluded);
  const Json certificate = scene.certificate();
  EXPECT_EQ(certificate.at("verdict"), "safe to close, with exceptions");
  EXPECT_TRUE(certificate.at("gaps").empty()) << certificate.at("gaps");
  const std::vector<std::string> kept = tables_without(excluded);
  std::size_t left_out = 0;
  for (const auto& [table, state] : states_of(certificate)) {
    const bool is_kept = std::find(kept.begin(), kept.end(), table) != kept.end();
    left_out += is_kept ? 0 : 1;
    EXPECT_EQ(state, is_kept ? "complete" : "excluded") << table;
  }
  EXPECT_EQ(certificate.at("exceptions").size(), left_out);
  EXPECT_TRUE(files_below(scene.account_folder() / "files" / "templates").empty());
  EXPECT_FALSE(files_below(scene.account_folder() / "files" / "stored_files").empty());

  // Views and models join tables of several steps: a step that was left out must not break those of others.
  const Words there =
      column_of(scene.duckdb(), "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'mailchimp'");
  for (const Stream& stream : catalogue()) {
    for (const Column& column : table_of(stream).columns) {
      EXPECT_NE(std::ranges::find(there, std::string(stream.table) + "." + column.name), there.end()) << stream.table << "." << column.name;
    }
  }
  for (const std::string table : {"campaigns", "email_activity"})
    EXPECT_EQ(column_of(scene.duckdb(), "SELECT count(*)::VARCHAR FROM mailchimp." + table), Words{"0"}) << table;
  Words without_tables = words;
  without_tables.insert(without_tables.end(), {"--warehouse", "none"});
  ASSERT_EQ(scene.run("verify", without_tables).code, 0);
  EXPECT_EQ(states_of(scene.certificate()).at("email_activity"), "excluded");

  // What was left out is read when it is no longer left out.
  EXPECT_EQ(scene.sync().code, 0);
  expect_truth(scene);
  EXPECT_EQ(scene.certificate().at("verdict"), "safe to close");
}

TEST(e2e_choice, the_parameters_of_a_workflow_may_all_say_none) {
  const Scene scene;
  for (const std::string nothing : {"none", ""}) {
    const Ended ended =
        scene.run("sync", {"--accounts", scene.accounts_file(), "--api-key-override", nothing, "--server-override", nothing,
                           "--dev-override", nothing, "--is-test", nothing, "--excluded-steps", nothing, "--warehouse", "none"});
    EXPECT_EQ(ended.code, 0) << ended.all();
    EXPECT_EQ(scene.certificate().at("verdict"), "safe to close");
  }
  const Ended by_variables = scene.run("doctor", {},
                                       {"CHIMPLIFT_API_KEY_OVERRIDE=none", "CHIMPLIFT_SERVER_OVERRIDE=none", "CHIMPLIFT_DEV_OVERRIDE=none",
                                        "CHIMPLIFT_IS_TEST=none", "CHIMPLIFT_EXCLUDED_STEPS=none"});
  EXPECT_EQ(by_variables.code, 0) << by_variables.all();
}

TEST(e2e_choice, an_override_is_the_one_account_and_the_configured_ones_are_not_read) {
  SimulatorOptions options = Scene::small();
  options.accounts = 2;
  const Scene scene(options);
  const std::string key = scene.account(1).key;
  // The simulator knows keys with their suffix; a server that is given goes before it.
  const Ended ended = scene.run(
      "sync", {"--accounts", "/nonexistent", "--api-key-override", key, "--server-override", "us99", "--only-steps", "account,templates"});
  EXPECT_EQ(ended.code, 0) << ended.all();
  EXPECT_EQ(scene.stats(0).requests, 0);
  EXPECT_GT(scene.stats(1).requests, 0);
  EXPECT_TRUE(std::filesystem::exists(scene.archive / "us99" / "certificate.json")) << "without --account the server is the name";
  EXPECT_EQ(column_of(scene.duckdb(), "SELECT DISTINCT account_name FROM mailchimp.templates"), Words{"us99"});
  const Ended alone = scene.run("sync", {"--server-override", "us99"});
  EXPECT_EQ(alone.code, 2);
  EXPECT_NE(alone.err.find("--api-key-override"), std::string::npos) << alone.err;
}

TEST(e2e_choice, what_is_no_step_or_no_truth_value_asks_nothing_of_mailchimp) {
  const Scene scene;
  const Ended step = scene.sync({"--excluded-steps", "lists,tempates"});
  EXPECT_EQ(step.code, 2);
  for (const std::string& name : steps()) EXPECT_NE(step.err.find(name), std::string::npos) << name;
  EXPECT_NE(step.err.find("did you mean \"templates\"?"), std::string::npos) << step.err;
  for (const std::string option : {"--is-test", "--dev-override"}) {
    const Ended value = scene.sync({option, "yes"});
    EXPECT_EQ(value.code, 2);
    EXPECT_NE(value.err.find(option + " is true or false"), std::string::npos) << value.err;
  }
  EXPECT_EQ(scene.stats().requests, 0);
}

TEST(e2e_choice, a_test_run_is_never_certified_however_small_the_account_is) {
  const Scene scene;
  const Words words = {"--is-test", "true", "--only-steps", "lists,templates"};
  EXPECT_EQ(scene.sync(words).code, 0);
  for (const std::string command : {"load", "verify", "status", "doctor"}) EXPECT_EQ(scene.run(command, words).code, 0) << command;
  EXPECT_EQ(scene.certificate().at("verdict"), "test run");
  EXPECT_EQ(scene.run("verify", {"--warehouse", "none", "--only-steps", "lists,templates"}).code, 0);
  EXPECT_EQ(scene.certificate().at("verdict"), "test run") << "the archive knows that it is a test run's";
}

TEST(e2e_choice, steps_run_one_after_another_as_pods_give_the_same_as_one_run) {
  const Scene scene;
  for (const std::string& step : steps()) {
    const Ended ended = scene.sync({"--only-steps", step});
    EXPECT_EQ(ended.code, 0) << step << "\n" << ended.all();
  }
  expect_truth(scene);
  const Ended verified = scene.run("verify", {"--warehouse", "none"});
  EXPECT_EQ(verified.code, 0) << verified.all();
  EXPECT_EQ(scene.certificate().at("verdict"), "safe to close") << scene.certificate().at("gaps");
}

}  // namespace
}  // namespace chimplift::e2e
