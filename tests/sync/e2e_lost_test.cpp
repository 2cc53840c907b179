// An archive that lost its ledger or its archive.json is damaged: it is neither begun anew nor taken for one that has nothing in it, and
// what was certified stays.
#include <gmock/gmock.h>

#include "e2e_compare.hpp"

namespace chimplift::e2e {
namespace {

using std::filesystem::path;
using testing::HasSubstr;

/// What is read and verified: a few tables show what becomes of all.
const Words kSteps = {"lists", "templates"};
const Words kOnly = {"--only-steps", "lists,templates"};

/// Every command that opens an archive.
const Words kCommands = {"status", "verify", "load", "doctor", "pull", "sync"};

void expect_damaged(const Scene& scene, const std::string& command, const std::string& message) {
  const Ended ended = scene.run(command);
  EXPECT_EQ(ended.code, 7) << command << "\n" << ended.all();
  EXPECT_THAT(ended.all(), HasSubstr(message)) << command;
  EXPECT_THAT(ended.all(), HasSubstr("newest copy")) << command;
}

TEST(e2e_lost, a_ledger_that_is_gone_or_empty_beside_pages_is_damage) {
  const Scene scene;
  ASSERT_EQ(scene.sync(kOnly).code, 0);
  const path ledger = scene.account_folder() / "ledger" / "ledger.ndjson";
  const std::string whole = read_text(ledger);
  const std::string certificate = read_text(scene.account_folder() / "certificate.json");
  for (const bool is_gone : {true, false}) {
    for (const std::string& command : kCommands) {
      if (is_gone) {
        std::filesystem::remove(ledger);
      } else {
        write_text(ledger, "");
      }
      expect_damaged(scene, command, "is gone or empty, and there are pages");
      EXPECT_EQ(read_text(scene.account_folder() / "certificate.json"), certificate) << command;
    }
  }
  write_text(ledger, whole);
  EXPECT_EQ(scene.run("verify", kOnly).code, 0);
  expect_truth(scene, steps_but(kSteps));
}

TEST(e2e_lost, an_archive_json_that_is_gone_from_pages_is_damage) {
  const Scene scene;
  ASSERT_EQ(scene.sync(kOnly).code, 0);
  const path file = scene.archive / "archive.json";
  const std::string whole = read_text(file);
  const std::string certificate = read_text(scene.account_folder() / "certificate.json");
  std::filesystem::remove(file);
  for (const std::string& command : kCommands) {
    expect_damaged(scene, command, "archive.json is gone");
    EXPECT_FALSE(std::filesystem::exists(file)) << command;
    EXPECT_EQ(read_text(scene.account_folder() / "certificate.json"), certificate) << command;
  }
  write_text(file, whole);
  EXPECT_EQ(scene.run("verify", kOnly).code, 0);
}

// A run that was killed before its ledger's first line left nothing that could be lost.
TEST(e2e_lost, an_empty_ledger_without_pages_is_an_account_that_was_not_pulled) {
  const Scene scene;
  ASSERT_EQ(scene.run("doctor").code, 0) << "makes archive.json";
  const path ledger = scene.account_folder() / "ledger" / "ledger.ndjson";
  std::filesystem::create_directories(ledger.parent_path());
  write_text(ledger, "");
  for (const std::string command : {"status", "verify", "load"}) {
    const Ended ended = scene.run(command);
    EXPECT_EQ(ended.code, 6) << command << "\n" << ended.all();
    EXPECT_THAT(ended.all(), HasSubstr("Pull it first")) << command;
    EXPECT_FALSE(std::filesystem::exists(scene.account_folder() / "certificate.json")) << command;
  }
  EXPECT_EQ(scene.sync(kOnly).code, 0);
}

}  // namespace
}  // namespace chimplift::e2e
