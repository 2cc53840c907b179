// Campaigns can be looked at from the folder alone, and verify proves that they can.
#include <gtest/gtest.h>

#include <regex>

#include "archive/ledger.hpp"
#include "e2e_compare.hpp"

namespace chimplift::e2e {
namespace {

const Words kNoTables = {"--warehouse", "none"};

bool is_local(const std::filesystem::path& file) { return file.string().ends_with(".local.html"); }

std::vector<std::filesystem::path> local_bodies(const Scene& scene) {
  std::vector<std::filesystem::path> files = files_below(scene.account_folder() / "files");
  std::erase_if(files, [](const std::filesystem::path& file) { return !is_local(file); });
  return files;
}

/// The archive as a version without local bodies would have left it.
void forget_local_bodies(const Scene& scene) {
  const auto path = scene.account_folder() / "ledger" / "ledger.ndjson";
  LedgerReader reader = *LedgerReader::open(path);
  const auto size = static_cast<i64>(std::filesystem::file_size(path));
  std::string text;
  std::string sum;
  for (auto record = *reader.next(size); record; record = *reader.next(size)) {
    const auto* file = std::get_if<FileRecord>(&*record);
    if (file == nullptr || file->kind != "local_bodies") text += encode(*record, sum) + "\n";
  }
  write_text(path, text);
  for (const auto& file : local_bodies(scene)) std::filesystem::remove(file);
}

TEST(e2e_local, every_link_into_the_archive_leads_to_a_file) {
  const Scene scene;
  ASSERT_EQ(scene.run("pull").code, 0);
  const std::regex link("[\"'(= ,]([./a-z_]*images/[0-9a-f]{64}\\.[a-z]+)");
  std::size_t links = 0;
  for (const auto& file : local_bodies(scene)) {
    const std::string page = read_text(file);
    for (auto at = std::sregex_iterator(page.begin(), page.end(), link); at != std::sregex_iterator(); ++at, ++links)
      EXPECT_TRUE(std::filesystem::is_regular_file(file.parent_path() / (*at)[1].str())) << file << " " << (*at)[1];
    EXPECT_EQ(page.find("/linked/"), std::string::npos) << file << " links an image's server";
  }
  EXPECT_GT(links, 30U);
}

TEST(e2e_local, verify_finds_one_that_was_changed_or_is_gone_and_sync_makes_it_again) {
  const Scene scene;
  ASSERT_EQ(scene.sync(kNoTables).code, 0);
  const auto file = local_bodies(scene).at(0);
  const std::string right = read_text(file);
  for (const bool is_gone : {false, true}) {
    std::string text = right;
    text[text.size() / 2] ^= 1;
    is_gone ? (void)std::filesystem::remove(file) : write_text(file, text);
    EXPECT_EQ(scene.run("verify", kNoTables).code, 3);
    EXPECT_EQ(scene.certificate().at("gaps").size(), 1U) << scene.certificate().at("gaps");
    std::filesystem::remove(file);
    EXPECT_EQ(scene.sync(kNoTables).code, 0);
    EXPECT_EQ(read_text(file), right);
  }
}

TEST(e2e_local, an_archive_of_an_earlier_version_stays_safe_and_gets_them) {
  const Scene scene;
  ASSERT_EQ(scene.sync(kNoTables).code, 0);
  const std::size_t all = local_bodies(scene).size();
  forget_local_bodies(scene);
  EXPECT_EQ(scene.run("verify", kNoTables).code, 0) << "the account may be closed by now: nothing of Mailchimp's is missing";
  EXPECT_EQ(local_bodies(scene).size(), 0U);
  EXPECT_EQ(scene.sync(kNoTables).code, 0);
  EXPECT_EQ(local_bodies(scene).size(), all);
  ASSERT_EQ(scene.run("load").code, 0);
  expect_truth(scene);
}

}  // namespace
}  // namespace chimplift::e2e
