// Told to end (SIGTERM, as a node that is drained tells it): asks for nothing more, makes durable what came, ends with 143 after ten
// seconds at most whatever it was waiting for, and goes on at its next start.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <atomic>
#include <csignal>
#include <thread>

#include "archive/account_archive.hpp"
#include "archive/folder_tree.hpp"
#include "e2e_cloud.hpp"
#include "e2e_compare.hpp"
#include "inventory/ledger_view.hpp"

namespace chimplift::e2e {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLongest{60'000};  // on a busy machine; what is waited for here never comes by itself
constexpr i64 kFew = 120;                 // requests; the small account takes some 1,000
constexpr i64 kTen = 10;                  // in flight at once
// A collection that ignores offsets answers each with the same page, which is asked for three times to be sure and not kept: after a stop
// up to two of these come again for each of the three audiences' surveys.
constexpr i64 kSurveys = 6;
// That Mailchimp has none of an id is judged when all else is read: after a stop what was not found by its id is asked for again.
constexpr i64 kNotFound = 12;
constexpr i64 kRepeated = kSurveys + kNotFound;

SimulatorOptions slower() {
  SimulatorOptions options = Scene::small();
  options.latency_ms = 10;
  return options;
}

i64 all_requests(const Scene& scene) { return scene.stats().requests + scene.stats().file_requests; }

/// Starts the command; once it is under way Mailchimp answers nothing any more, and the command is told to end.
Ended stopped_while_it_waits(Scene& scene, const Words& command, const Words& environment = {}) {
  Process process(command, scene.folder(), environment);
  while (all_requests(scene) < kFew && !process.ended_within(milliseconds(1))) {
  }
  scene.simulator.plant({.kind = "stall", .param = 600'000});
  // All ten wait now, and what came before has been taken.
  i64 before = -1;
  while (all_requests(scene) != std::exchange(before, all_requests(scene))) (void)process.ended_within(milliseconds(300));
  process.send(SIGTERM);
  EXPECT_TRUE(process.ended_within(kLongest));
  Ended ended = process.wait();
  scene.simulator.lift_faults();
  return ended;
}

TEST(e2e_stop, a_pull_that_waits_for_mailchimp_ends_and_keeps_every_page_that_came) {
  const Scene clean(slower());
  ASSERT_EQ(clean.sync({"--warehouse", "none"}).code, 0);
  Scene scene(slower());
  const Ended ended = stopped_while_it_waits(scene, scene.command("sync"));
  EXPECT_EQ(ended.code, 143) << ended.all();
  EXPECT_FALSE(ended.signalled);
  EXPECT_THAT(ended.err, testing::HasSubstr("interrupted; all that came is kept"));
  const i64 answered = all_requests(scene) - kTen;
  {
    auto archive = AccountArchive::open_to_read(*folder_tree(scene.archive), scene.account().name);
    ASSERT_TRUE(archive) << archive.error().message;
    const auto ledger = view_ledger(**archive);
    ASSERT_TRUE(ledger) << ledger.error().message;
    // But for the question who the account is, every answer was a page or a file.
    EXPECT_GE(ledger->page_count + static_cast<i64>(ledger->files.records.size()), answered - 1);
  }
  EXPECT_EQ(scene.sync().code, 0);
  expect_truth(scene);
  // Asked twice at most: what was under way, and who the account is.
  EXPECT_LE(all_requests(scene), all_requests(clean) + kTen + 1 + kRepeated);
}

struct InBucket : Scene {
  InBucket() : Scene(slower()) {}
  [[nodiscard]] Words command(const std::string& name) const {
    return Scene::command(name, {"--archive", "s3://test-bucket/archive", "--warehouse", "none"});
  }
  [[nodiscard]] Ended run_there(const std::string& name) const {
    Process process(command(name), folder(), aws.environment());
    return process.wait();
  }
  AwsCloud aws;
};

TEST(e2e_stop, the_same_with_the_archive_on_s3) {
  InBucket scene;
  const Ended ended = stopped_while_it_waits(scene, scene.command("sync"), scene.aws.environment());
  EXPECT_EQ(ended.code, 143) << ended.all();
  EXPECT_FALSE(ended.signalled);
  const i64 asked = all_requests(scene);
  const Ended again = scene.run_there("sync");
  EXPECT_EQ(again.code, 0) << again.all();
  EXPECT_THAT(again.out, testing::HasSubstr("safe to close"));
  InBucket clean;
  ASSERT_EQ(clean.run_there("sync").code, 0);
  EXPECT_LE(all_requests(scene), all_requests(clean) + kTen + 1 + kRepeated) << asked;
}

TEST(e2e_stop, a_bucket_that_does_not_answer_is_not_waited_for) {
  InBucket scene;
  std::atomic<bool> is_stuck = false;
  scene.aws.s3.server().set_gate([&is_stuck](const standins::Request&) -> std::optional<standins::Fault> {
    while (is_stuck) std::this_thread::sleep_for(milliseconds(10));
    return std::nullopt;
  });
  {
    Process process(scene.command("sync"), scene.folder(), scene.aws.environment());
    while (all_requests(scene) < kFew && !process.ended_within(milliseconds(1))) {
    }
    is_stuck = true;
    process.send(SIGTERM);
    EXPECT_TRUE(process.ended_within(kLongest));
    const Ended ended = process.wait();
    EXPECT_EQ(ended.code, 143) << ended.all();
    EXPECT_FALSE(ended.signalled);
  }
  is_stuck = false;
  const Ended again = scene.run_there("sync");
  EXPECT_EQ(again.code, 0) << again.all();
  EXPECT_EQ(scene.run_there("verify").code, 0);
}

/// The program has come so far that the signal no longer ends it at once.
bool catches(pid_t pid, int signal) {
  const std::string status = read_text("/proc/" + std::to_string(pid) + "/status");
  const std::string name = "SigCgt:";
  const std::size_t at = status.find(name);
  return at != std::string::npos && (std::stoull(status.substr(at + name.size()), nullptr, 16) >> (signal - 1) & 1U) != 0;
}

/// A file that never gives a byte stands for all that no program can look up from: a disk that hangs, a merge of millions of rows.
TEST(e2e_stop, whatever_hangs_does_not_keep_a_run_that_was_told_to_end) {
  const Scene scene;
  ASSERT_EQ(scene.run("pull").code, 0);
  for (const std::filesystem::path& file : files_below(scene.account_folder() / "raw")) {
    std::filesystem::remove(file);
    ASSERT_EQ(mkfifo(file.c_str(), 0600), 0);
  }
  Process process(scene.command("load"), scene.folder());
  while (!catches(process.pid(), SIGTERM) && !process.ended_within(milliseconds(2))) {
  }
  ASSERT_FALSE(process.ended_within(milliseconds(1'000))) << process.wait().all();
  process.send(SIGTERM);
  EXPECT_TRUE(process.ended_within(kLongest));
  const Ended ended = process.wait();
  EXPECT_EQ(ended.code, 143) << ended.all();
  EXPECT_FALSE(ended.signalled);
}

/// Loads and verifications end between two pages.
TEST(e2e_stop, a_load_and_a_verification_end_at_once_and_write_no_certificate) {
  Chance chance;
  const Scene scene;
  ASSERT_EQ(scene.run("pull").code, 0);
  for (const char* name : {"load", "verify"}) {
    for (int i = 0; i < times(3, 50); ++i) {
      Process process(scene.command(name), scene.folder());
      const bool is_over = process.ended_within(milliseconds(chance.between(1, 300)));
      if (!is_over) process.send(SIGTERM);
      EXPECT_TRUE(process.ended_within(kLongest)) << name << " " << chance.seed();
      const Ended ended = process.wait();
      EXPECT_TRUE(is_over || ended.code == 143 || ended.code == 0) << name << " " << chance.seed() << "\n" << ended.all();
      const bool is_certified = std::filesystem::exists(scene.account_folder() / "certificate.json");
      EXPECT_TRUE(ended.code != 143 || !is_certified) << chance.seed();
      if (ended.code == 0 && std::string(name) == "verify") std::filesystem::remove(scene.account_folder() / "certificate.json");
    }
    EXPECT_EQ(scene.run(name).code, 0);
    std::filesystem::remove(scene.account_folder() / "certificate.json");
  }
  EXPECT_EQ(scene.run("verify").code, 0);
  EXPECT_EQ(scene.certificate().at("verdict"), "safe to close");
  expect_truth(scene);
}

}  // namespace
}  // namespace chimplift::e2e
