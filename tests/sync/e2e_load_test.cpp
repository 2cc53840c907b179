// The archive is enough: tables come back from it, without any network, as often as anybody likes.
#include <gtest/gtest.h>

#include <utility>

#include "built_paths.hpp"
#include "e2e_compare.hpp"

namespace chimplift::e2e {
namespace {

TEST(e2e_load, tables_come_back_from_the_archive_without_any_network) {
  Scene scene;
  ASSERT_EQ(scene.sync().code, 0);
  const Tables before = tables_in(scene.duckdb(), scene.account().name, true);
  scene.simulator.stop();
  std::filesystem::remove(scene.accounts_file());
  std::filesystem::remove(scene.duckdb());
  const Ended ended = Process({CHIMPLIFT_BIN, "load", "--archive", scene.archive}, scene.folder()).wait();
  EXPECT_EQ(ended.code, 0) << ended.all();
  expect_equal(before, tables_in(scene.duckdb(), scene.account().name, true), "loaded again");
  expect_truth(scene);
}

TEST(e2e_load, loading_twice_changes_nothing) {
  const Scene scene;
  ASSERT_EQ(scene.run("pull").code, 0);
  const auto other = scene.folder() / "other.duckdb";
  const Words there = {"--warehouse", "duckdb:" + other.string()};
  EXPECT_FALSE(std::filesystem::exists(scene.duckdb()));
  ASSERT_EQ(scene.run("load", there).code, 0);
  const Tables once = tables_in(other, scene.account().name, true);
  EXPECT_EQ(scene.run("load", there).code, 0);
  expect_equal(once, tables_in(other, scene.account().name, true), "loaded twice");
  // Also where the tables are there and their checkpoints are not: upserts, by key.
  for (const std::string& table : column_of(other,
                                            "SELECT table_schema || '.' || table_name FROM information_schema.tables WHERE "
                                            "table_name LIKE '%checkpoint%'"))
    execute(other, "DELETE FROM " + table);
  EXPECT_EQ(scene.run("load", there).code, 0);
  expect_equal(once, tables_in(other, scene.account().name, true), "loaded a third time, without checkpoints");
  expect_truth(scene, other);
  EXPECT_EQ(scene.run("verify", there).code, 0) << "pull, load and verify do together what sync does";
  EXPECT_EQ(scene.certificate().at("verdict"), "safe to close");
}

/// Its rows have the keys of the newer one's, whose loads have come to their end.
TEST(e2e_load, an_older_archive_over_a_newer_ones_tables_is_seen_and_mended) {
  Scene scene(Scene::very_small());
  const std::string steps = "campaign_content,stored_files,templates";  // what has files, and few tables
  ASSERT_EQ(scene.run("pull", {"--only-steps", steps}).code, 0);
  const auto older = std::exchange(scene.archive, scene.folder() / "newer");
  const auto tables = scene.folder() / "tables.duckdb";
  const Words there = {"--warehouse", "duckdb:" + tables.string(), "--only-steps", steps};
  ASSERT_EQ(scene.sync(there).code, 0);
  const Tables newer = tables_in(tables, scene.account().name, true);
  for (const std::string command : {"load", "sync"}) {
    SCOPED_TRACE(command);
    const Ended over = Process({CHIMPLIFT_BIN, "load", "--archive", older, there[0], there[1], there[2], there[3]}, scene.folder()).wait();
    ASSERT_EQ(over.code, 0) << over.all();
    EXPECT_NE(tables_in(tables, scene.account().name, true), newer) << "another time at which they were read, and other places of files";
    EXPECT_EQ(scene.run("verify", there).code, 3);
    EXPECT_EQ(scene.certificate().at("verdict"), "not safe");
    EXPECT_EQ(scene.run(command, there).code, 0);
    if (command == "load") expect_equal(newer, tables_in(tables, scene.account().name, true), "loaded again");
    const Ended verified = scene.run("verify", there);
    EXPECT_EQ(verified.code, 0) << verified.all();
    EXPECT_EQ(scene.certificate().at("verdict"), "safe to close, with exceptions");
  }
}

// The next file that is opened gets the number that is free, and whatever is said on stderr goes into it: into the tables, or the ledger.
TEST(e2e_load, closed_streams_are_not_written_into_what_is_opened) {
  const Scene scene;
  const auto closed = [&scene](const std::string& command, const std::string& streams) {
    Words words = {"/bin/sh", "-c", "exec \"$@\" " + streams, "sh"};
    const Words rest = scene.command(command, {"--only-steps", "templates", "--log-format", "json"});
    words.insert(words.end(), rest.begin(), rest.end());
    return Process(words, scene.folder()).wait();
  };
  EXPECT_EQ(closed("sync", "<&- 2>&-").code, 0);
  execute(scene.duckdb(), "UPDATE chimplift.checkpoints SET mapping = 'of another version'");  // which is something to say
  EXPECT_EQ(closed("load", "2>&-").code, 0);
  EXPECT_EQ(closed("verify", "<&- 2>&-").code, 0);
  const Ended verified = scene.run("verify", {"--only-steps", "templates"});
  EXPECT_EQ(verified.code, 0) << verified.all();
  EXPECT_EQ(closed("status", ">&-").code, 6) << "nobody got the answer";
}

}  // namespace
}  // namespace chimplift::e2e
