// The real program with an archive in a bucket: everything that a folder gives, and nothing of it on this machine.
#include <gmock/gmock.h>

#include "e2e_cloud.hpp"
#include "e2e_compare.hpp"

namespace chimplift::e2e {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

/// A scene whose archive is s3://test-bucket/archive; the tables are where a folder's would be.
struct S3Scene : Scene {
  explicit S3Scene(const SimulatorOptions& options = small()) : Scene(options) { std::filesystem::create_directories(archive); }

  [[nodiscard]] Words words(const Words& more = {}) const {
    Words all = {"--archive", "s3://test-bucket/archive", "--warehouse", "duckdb:" + duckdb().string()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  [[nodiscard]] Ended run_there(const std::string& command, const Words& more = {}, const Words& environment = {}) const {
    const bool is_tables = command != "pull" && command != "status" && command != "plan";
    return run(command, is_tables ? words(more) : Words{"--archive", "s3://test-bucket/archive"}, aws.environment(environment));
  }
  [[nodiscard]] std::string key(const std::string& path) const { return "archive/" + account_folder().filename().string() + "/" + path; }
  [[nodiscard]] Json certificate_there() const { return Json::parse(aws.s3.things().at(key("certificate.json")).bytes); }

  /// Copies the bucket's archive to where a folder's would be, and compares it and the tables with the truth.
  void expect_the_truth() {
    for (const auto& [key, thing] : aws.s3.things()) {
      if (!key.starts_with("archive/")) continue;
      const std::filesystem::path file = archive / key.substr(8);
      std::filesystem::create_directories(file.parent_path());
      write_text(file, thing.bytes);
    }
    expect_truth(*this);
  }

  AwsCloud aws;
};

TEST(e2e_s3, sync_reads_verify_and_a_second_run_work_as_in_a_folder) {
  S3Scene scene;
  const Ended synced = scene.run_there("sync");
  ASSERT_EQ(synced.code, 0) << synced.all();
  EXPECT_THAT(synced.out, HasSubstr("safe to close"));
  EXPECT_THAT(synced.out, HasSubstr("s3://test-bucket/archive/"));
  EXPECT_EQ(scene.certificate_there().at("verdict"), "safe to close");
  const Ended verified = scene.run_there("verify");
  EXPECT_EQ(verified.code, 0) << verified.all();
  EXPECT_EQ(scene.run_there("status").code, 0);
  EXPECT_EQ(scene.run_there("doctor").code, 0);
  // The tables can be made again from it alone.
  std::filesystem::remove(scene.duckdb());
  ASSERT_EQ(scene.run_there("load").code, 0);
  const Ended again = scene.run_there("sync", {"--only-steps", "lists,campaign_content"});
  EXPECT_EQ(again.code, 0) << again.all();
  scene.expect_the_truth();
}

/// S3 cannot rename: what a test run left in the real archive's place would have to be moved by hand.
TEST(e2e_s3, a_test_run_leaves_the_real_archives_place_free) {
  S3Scene scene;
  const Words all = scene.words({"--only-steps", "templates"});
  Words tried = all;
  tried.insert(tried.end(), {"--is-test", "true"});
  const Ended test = scene.run("sync", tried, scene.aws.environment());
  ASSERT_EQ(test.code, 0) << test.all();
  EXPECT_THAT(test.all(), HasSubstr("s3://test-bucket/archive/test-runs"));
  for (const auto& [key, thing] : scene.aws.s3.things()) EXPECT_THAT(key, testing::StartsWith("archive/test-runs/"));
  EXPECT_EQ(scene.run("verify", tried, scene.aws.environment()).code, 0);
  const Ended real = scene.run("sync", all, scene.aws.environment());
  EXPECT_EQ(real.code, 0) << real.all();
  EXPECT_EQ(scene.certificate_there().at("verdict"), "safe to close, with exceptions");
}

// Mailchimp was asked before, and its answer may be the last one that there is.
TEST(e2e_s3, what_grew_is_kept_also_where_the_archive_cannot_be_read_behind_the_question) {
  S3Scene scene(Scene::very_small());
  const auto run = [&scene](const std::string& command, bool asks_source = false) {
    Words words = {"--archive", "s3://test-bucket/archive", "--warehouse", "none", "--only-steps", "templates"};
    if (asks_source) words.emplace_back("--source");
    return scene.run(command, words, scene.aws.environment());
  };
  ASSERT_EQ(run("sync").code, 0);
  scene.simulator.plant({.kind = "total_plus", .path_contains = "/templates", .param = 1});
  scene.aws.s3.server().set_gate([](const standins::Request& request) -> std::optional<standins::Fault> {
    if (request.method != "GET" || request.path.find("/raw/") == std::string::npos) return std::nullopt;
    return standins::Fault{.answer = {.status = 403}};
  });
  const Ended failed = run("verify", true);
  EXPECT_EQ(failed.code, 4) << failed.all();
  EXPECT_EQ(scene.certificate_there().at("verdict"), "safe to close, with exceptions") << "nothing was verified";
  scene.aws.s3.server().set_gate({});
  scene.simulator.lift_faults();
  const Ended verified = run("verify");
  EXPECT_EQ(verified.code, 3) << verified.all();
  EXPECT_EQ(scene.certificate_there().at("gaps").at(0).at("stream"), "templates");
  EXPECT_EQ(run("sync").code, 0);
}

}  // namespace
}  // namespace chimplift::e2e
