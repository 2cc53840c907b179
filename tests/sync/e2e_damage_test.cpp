// What an archive lost, Mailchimp may still have: verify names it, sync reads it again, and everything is as if nothing had happened.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

#include "e2e_compare.hpp"
#include "support/tries.hpp"

namespace chimplift::e2e {
namespace {

using std::filesystem::path;

/// Flips a bit, cuts, or takes away. Says what it did.
std::string damage(const path& file, Chance& chance) {
  std::string bytes = read_text(file);
  const i64 kind = chance.between(0, bytes.empty() ? 0 : 3);
  if (bytes.empty() || kind == 0) {
    std::filesystem::remove(file);
    return file.string() + " removed\n";
  }
  const auto at = static_cast<std::size_t>(chance.between(0, static_cast<i64>(bytes.size()) - 1));
  if (kind == 1)
    bytes.resize(at);
  else
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << chance.between(0, 7)));
  write_text(file, bytes);
  return file.string() + (kind == 1 ? " cut at " : " flipped at ") + std::to_string(at) + "\n";
}

/// Different files of these.
std::vector<path> some_of(std::vector<path> files, std::size_t count, Chance& chance) {
  for (std::size_t i = 0; i + 1 < files.size(); ++i)
    std::swap(files[i], files[static_cast<std::size_t>(chance.between(static_cast<i64>(i), static_cast<i64>(files.size()) - 1))]);
  files.resize(std::min(count, files.size()));
  return files;
}

TEST(e2e_damage, verify_names_it_and_sync_mends_what_mailchimp_still_has) {
  Chance chance;
  const Scene scene;
  ASSERT_EQ(scene.sync().code, 0);
  const int rounds = times(1, 30);
  i64 damages = 0;
  for (int round = rounds; round > 0; --round) {
    std::string what = chance.seed() + "\n";
    const std::vector<path> segments = some_of(files_below(scene.account_folder() / "raw"), 4, chance);
    const std::vector<path> files = some_of(files_below(scene.account_folder() / "files"), 4, chance);
    for (const path& file : segments) what += damage(file, chance);
    for (const path& file : files) what += damage(file, chance);
    damages += static_cast<i64>(segments.size() + files.size());
    SCOPED_TRACE(what);
    const Ended verified = scene.run("verify");
    EXPECT_EQ(verified.code, 3) << verified.all();
    const std::string named = scene.certificate().at("gaps").dump() + scene.certificate().at("exceptions").dump();
    for (const path& file : segments) EXPECT_NE(named.find(file.string()), std::string::npos) << file << " in " << named;
    for (const path& file : files)
      EXPECT_NE(named.find(file.lexically_relative(scene.account_folder()).string()), std::string::npos) << file << " in " << named;
    const Ended synced = scene.sync();
    EXPECT_EQ(synced.code, 0) << synced.all() << scene.certificate().at("gaps");
    expect_truth(scene);
    EXPECT_EQ(scene.run("verify").code, 0);
    const std::string exceptions = reasons(scene.certificate().at("exceptions"));
    for (const path& file : segments) EXPECT_NE(exceptions.find(file.string()), std::string::npos) << file << " in " << exceptions;
    // Also tables that are made anew have everything.
    std::filesystem::remove(scene.duckdb());
    const Ended loaded = scene.run("load");
    EXPECT_EQ(loaded.code, 0) << loaded.all();
    expect_truth(scene);
  }
  tried(damages);
}

// Nothing but the ledger names such a file then.
TEST(e2e_damage, a_file_whose_page_is_damaged_with_it_is_named_and_mended) {
  const Scene scene;
  ASSERT_EQ(scene.sync().code, 0);
  for (const path& segment : files_below(scene.account_folder() / "raw" / "campaign_content")) std::filesystem::remove(segment);
  const path file = files_below(scene.account_folder() / "files" / "campaigns").at(0);
  std::filesystem::resize_file(file, 1);
  EXPECT_EQ(scene.run("verify").code, 3);
  const std::string gaps = scene.certificate().at("gaps").dump();
  EXPECT_NE(gaps.find(file.lexically_relative(scene.account_folder()).string()), std::string::npos) << file << " in " << gaps;
  const Ended synced = scene.sync();
  EXPECT_EQ(synced.code, 0) << synced.all() << scene.certificate().at("gaps");
  EXPECT_GT(std::filesystem::file_size(file), 1U);
  expect_truth(scene);
}

TEST(e2e_damage, tables_that_are_made_of_a_damaged_archive_are_not_called_whole) {
  const Scene scene;
  ASSERT_EQ(scene.run("pull").code, 0);
  std::filesystem::remove(files_below(scene.account_folder() / "raw" / "list_members").at(0));
  const Ended loaded = scene.run("load");
  EXPECT_EQ(loaded.code, 7) << loaded.all();
  EXPECT_NE(loaded.all().find("list_members"), std::string::npos) << loaded.all();
  EXPECT_EQ(scene.run("verify").code, 3);
  EXPECT_EQ(scene.sync().code, 0);
  expect_truth(scene);
}

TEST(e2e_damage, a_run_that_was_killed_goes_on_although_pages_were_damaged_meanwhile) {
  Chance chance;
  const int rounds = times(1, 20);
  tried(rounds);
  for (int round = rounds; round > 0; --round) {
    const Scene scene;
    const Ended killed = scene.signal_after("sync", chance.between(20, 300), SIGKILL);
    std::string what = chance.seed() + "\n";
    for (const path& file : some_of(files_below(scene.account_folder() / "raw"), 3, chance)) what += damage(file, chance);
    SCOPED_TRACE(what);
    const Ended synced = scene.sync();
    EXPECT_EQ(synced.code, 0) << synced.all() << scene.certificate().at("gaps");
    expect_truth(scene);
    EXPECT_EQ(scene.run("verify").code, 0);
  }
}

}  // namespace
}  // namespace chimplift::e2e
