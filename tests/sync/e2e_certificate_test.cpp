// The certificate as something to file: its page, and a sum that proves years later that an archive is the one that it speaks of.
#include <gtest/gtest.h>

#include "built_paths.hpp"
#include "e2e_compare.hpp"

namespace chimplift::e2e {
namespace {

/// The line of docs/certificate.md that begins so: what the documentation promises is what is run.
std::string documented(const std::string& beginning) {
  const std::string text = read_text(std::filesystem::path(CHIMPLIFT_SOURCE) / "docs" / "certificate.md");
  const std::size_t at = text.find("\n" + beginning);
  if (at == std::string::npos) return "echo 'not documented'; exit 99";
  return text.substr(at + 1, text.find('\n', at + 1) - at - 1);
}

class Filed : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(scene.sync().code, 0); }
  [[nodiscard]] Ended shell(const std::string& command) const {
    return Process({"/bin/sh", "-c", "cd '" + scene.account_folder().string() + "' && " + command}, scene.folder()).wait();
  }
  [[nodiscard]] std::string recomputed() const { return shell(documented("find raw files ledger")).out.substr(0, 64); }
  [[nodiscard]] std::string certified() const { return scene.certificate().at("content").at("sha256"); }
  [[nodiscard]] std::string page() const { return read_text(scene.account_folder() / "certificate.html"); }
  Scene scene;
  Chance chance;
};

TEST_F(Filed, the_documented_commands_recompute_the_sum_of_all_content) {
  const std::string sum = certified();
  ASSERT_EQ(sum.size(), 64U);
  EXPECT_EQ(recomputed(), sum);
  EXPECT_NE(page().find(sum), std::string::npos);
  const Ended check = shell(documented("sha256sum --check --quiet content.sha256"));
  EXPECT_EQ(check.code, 0) << check.all();
  EXPECT_EQ(check.out.substr(0, 64), sum);
  const Json content = scene.certificate().at("content");
  EXPECT_EQ(content.at("files"), std::stoi(shell("find raw files ledger -type f | wc -l").out));
}

TEST_F(Filed, the_same_content_has_the_same_certificate) {
  Json first = scene.certificate();
  std::string first_page = page();
  // What a file manager leaves behind is not the archive's.
  write_text(scene.account_folder() / "files" / ".DS_Store", "odd");
  ASSERT_EQ(scene.run("verify").code, 0);
  Json second = scene.certificate();
  EXPECT_EQ(recomputed(), certified());
  EXPECT_NE(first.at("created_at"), second.at("created_at"));
  first.erase("created_at");
  second.erase("created_at");
  EXPECT_EQ(first, second);
  EXPECT_EQ(first_page.size(), page().size());
}

TEST_F(Filed, one_flipped_bit_anywhere_changes_the_sum) {
  SCOPED_TRACE(chance.seed());
  const std::string sum = certified();
  for (int i = 0; i < times(6, 100); ++i) {
    std::vector<std::filesystem::path> files;
    for (const char* folder : {"raw", "files", "ledger"}) {
      for (const auto& file : files_below(scene.account_folder() / folder)) {
        if (std::filesystem::file_size(file) > 0) files.push_back(file);
      }
    }
    const std::filesystem::path file = files.at(static_cast<std::size_t>(chance.between(0, static_cast<i64>(files.size()) - 1)));
    const std::string before = read_text(file);
    std::string after = before;
    char& byte = after[static_cast<std::size_t>(chance.between(0, static_cast<i64>(after.size()) - 1))];
    byte = static_cast<char>(byte ^ (1 << chance.between(0, 7)));
    write_text(file, after);
    EXPECT_NE(recomputed(), sum) << file;
    const Ended check = shell("sha256sum --check --quiet content.sha256");
    EXPECT_NE(check.code, 0) << file;
    EXPECT_NE(check.out.find(file.filename().string()), std::string::npos) << check.all();
    write_text(file, before);
    EXPECT_EQ(recomputed(), sum);
  }
}

TEST_F(Filed, what_is_damaged_is_certified_as_it_is) {
  const std::string sum = certified();
  const auto file = files_below(scene.account_folder() / "files" / "templates").at(0);
  write_text(file, read_text(file) + "x");
  EXPECT_EQ(scene.run("verify").code, 3);
  EXPECT_NE(certified(), sum);
  EXPECT_EQ(recomputed(), certified());
  EXPECT_NE(page().find("Not safe"), std::string::npos);
  EXPECT_NE(page().find("sha256"), std::string::npos);
}

}  // namespace
}  // namespace chimplift::e2e
