// Kill it anywhere, run it again: as if it had never been killed, and nothing twice.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <set>

#include "archive/account_archive.hpp"
#include "archive/folder_tree.hpp"
#include "e2e_compare.hpp"
#include "inventory/ledger_view.hpp"
#include "inventory/unit_stream.hpp"
#include "mailchimp/catalogue.hpp"

namespace chimplift::e2e {
namespace {

using std::chrono::milliseconds;

SimulatorOptions slower(int latency_ms) {
  SimulatorOptions options = Scene::small();
  options.latency_ms = latency_ms;
  return options;
}

i64 all_requests(const Scene& scene) { return scene.stats().requests + scene.stats().file_requests; }

TEST(e2e_kill, kills_at_random_moments_change_nothing) {
  Chance chance;
  const Scene clean(slower(0));
  ASSERT_EQ(clean.sync({"--warehouse", "none"}).code, 0);
  const Scene scene(slower(25));
  const int kills = times(5, 200);
  const i64 widest = 2 * all_requests(clean) / kills;
  int struck = 0;
  for (; struck < kills && !std::filesystem::exists(scene.account_folder() / "certificate.json"); ++struck) {
    const i64 target = all_requests(scene) + chance.between(1, widest);
    Process process(scene.command("sync"), scene.folder());
    while (all_requests(scene) < target && !process.ended_within(milliseconds(1))) {
    }
    (void)process.ended_within(milliseconds(chance.between(0, 10)));
    process.send(SIGKILL);
    process.wait();
  }
  const Ended ended = scene.sync();
  EXPECT_EQ(ended.code, 0) << chance.seed() << "\n" << ended.all();
  SCOPED_TRACE(chance.seed() + ", " + std::to_string(struck) + " kills");
  expect_truth(scene);
  EXPECT_EQ(scene.certificate().at("verdict"), "safe to close");
  EXPECT_EQ(scene.stats().beyond_limit, 0);
  EXPECT_GE(all_requests(scene), all_requests(clean));
}

/// The requests whose answers the archive holds.
std::set<std::string> durable_requests(const Scene& scene) {
  std::set<std::string> requests;
  auto archive = AccountArchive::open_to_read(*folder_tree(scene.archive), scene.account().name);
  EXPECT_TRUE(archive) << archive.error().message;
  const auto ledger = view_ledger(**archive);
  EXPECT_TRUE(ledger) << ledger.error().message;
  for (const auto& [table, pages] : ledger->pages) {
    // A cursor stands in the page before: the request cannot be told from the ledger alone.
    if (find_stream(table)->paging == Paging::cursor) continue;
    for (const PageRecord& page : pages) {
      const Stream& stream = stream_of(page.unit);
      requests.insert(path_of(stream, page.unit.parents) + "?" + query_of(stream, page.unit.sweep, {page.offset, page.count, {}}));
    }
  }
  return requests;
}

/// How many the ledger names.
std::size_t pages(const Scene& scene) {
  const std::string ledger = read_text(scene.account_folder() / "ledger" / "ledger.ndjson");
  const std::string mark = R"("type":"page")";
  std::size_t count = 0;
  for (std::size_t at = ledger.find(mark); at != std::string::npos; at = ledger.find(mark, at + 1)) ++count;
  return count;
}

TEST(e2e_kill, what_was_durable_is_not_asked_for_again) {
  SimulatorOptions options = Scene::small();
  options.record_requests = true;
  Scene scene(options);
  constexpr int kAnswered = 200;
  scene.simulator.plant({.kind = "stall", .skip = kAnswered, .param = 600'000});
  {
    Process run(scene.command("sync", {"--warehouse", "none"}), scene.folder());
    while ((pages(scene) < 60 || all_requests(scene) < kAnswered + 10) && !run.ended_within(milliseconds(2))) {
    }
    run.send(SIGKILL);
    EXPECT_TRUE(run.wait().signalled) << "it ended by itself";
  }
  scene.simulator.lift_faults();
  const std::set<std::string> durable = durable_requests(scene);
  EXPECT_GE(durable.size(), 20U);
  const std::vector<std::string> first = scene.stats().request_log;
  for (const std::string& request : durable) EXPECT_TRUE(std::find(first.begin(), first.end(), request) != first.end()) << request;
  ASSERT_EQ(scene.sync({"--warehouse", "none"}).code, 0);
  const std::vector<std::string> log = scene.stats().request_log;
  // A run begins by asking for the account, to see whether the key is good. The end of a segment's contacts is looked at twice, with the
  // same request, and the kill may come between the two.
  std::set<std::string> looked_again;
  for (std::size_t i = first.size() + 1; i < log.size(); ++i) {
    if (!durable.contains(log[i])) continue;
    EXPECT_NE(log[i].find("/segments/"), std::string::npos) << log[i];
    EXPECT_TRUE(looked_again.insert(log[i]).second) << log[i];
  }
}

TEST(e2e_kill, a_torn_last_line_of_the_ledger_is_cut_off_and_read_again) {
  const Scene scene;
  ASSERT_EQ(scene.run("pull").code, 0);
  const auto ledger = scene.account_folder() / "ledger" / "ledger.ndjson";
  std::filesystem::resize_file(ledger, std::filesystem::file_size(ledger) - 20);
  const Ended ended = scene.sync();
  EXPECT_EQ(ended.code, 0) << ended.all();
  expect_truth(scene);
}

TEST(e2e_kill, an_interrupted_run_says_so_and_goes_on_later) {
  Scene scene;
  Hold hold(scene, 100);
  Process process(scene.command("sync"), scene.folder());
  ASSERT_TRUE(hold.holds(process)) << process.wait().all();
  process.send(SIGINT);
  EXPECT_TRUE(process.ended_within(milliseconds(60'000))) << "what it waits for never comes";
  const Ended ended = process.wait();
  EXPECT_EQ(ended.code, 130) << ended.all();
  EXPECT_FALSE(ended.signalled);
  EXPECT_FALSE(std::filesystem::exists(scene.account_folder() / "certificate.json")) << "of a run that did not end";
  hold.open();
  EXPECT_EQ(scene.sync().code, 0);
  expect_truth(scene);
}

}  // namespace
}  // namespace chimplift::e2e
