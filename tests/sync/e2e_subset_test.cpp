// verify --read-data-subset: finds damage in its part, and gives no verdict that it has not earned.
#include <gtest/gtest.h>

#include "e2e_compare.hpp"

namespace chimplift::e2e {
namespace {

class Part : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(scene.sync(kNoTables).code, 0);
    before = standing();
  }
  [[nodiscard]] std::string standing() const { return read_text(scene.account_folder() / "certificate.json"); }
  [[nodiscard]] Ended read(const std::string& part) const {
    return scene.run("verify", {"--read-data-subset", part, "--json", "--warehouse", "none"});
  }
  static Json account(const Ended& ended) { return Json::parse(ended.out).at("accounts").at(0); }
  /// A file's last byte is another one.
  static void damage(const std::filesystem::path& file) {
    std::string bytes = read_text(file);
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    write_text(file, bytes);
  }
  [[nodiscard]] std::filesystem::path some_file() const { return files_below(scene.account_folder() / "files" / "stored_files").at(0); }
  const Words kNoTables = {"--warehouse", "none"};
  Scene scene;
  std::string before;
};

TEST_F(Part, that_is_sound_leaves_the_certificate_as_it_is_and_says_what_it_read) {
  {
    SCOPED_TRACE("ten in a hundred");
    const Ended ended = read("10%");
    EXPECT_EQ(ended.code, 0) << ended.all();
    EXPECT_EQ(standing(), before);
    const Json result = account(ended);
    EXPECT_EQ(result.at("certificate").at("verdict"), "safe to close");
    const Json partial = result.at("partial");
    EXPECT_EQ(partial.at("part"), "10%");
    EXPECT_EQ(partial.at("pages"), scene.certificate().at("pulled").at("pages"));
    EXPECT_LT(partial.at("pages_read"), partial.at("pages"));
    EXPECT_LT(partial.at("files_read"), partial.at("files"));
    EXPECT_LT(partial.at("bytes_read"), partial.at("bytes"));
    const Ended shown = scene.run("verify", {"--read-data-subset", "10%", "--warehouse", "none"});
    EXPECT_NE(shown.out.find("certificate stays as it was, safe to close"), std::string::npos) << shown.out;
  }
  {
    SCOPED_TRACE("the parts together read every file once");
    i64 read_files = 0;
    i64 files = 0;
    for (const char* part : {"1/3", "2/3", "3/3"}) {
      const Json partial = account(read(part)).at("partial");
      read_files += partial.at("files_read").get<i64>();
      files = partial.at("files");
    }
    EXPECT_GT(files, 0);
    EXPECT_EQ(read_files, files);
  }
  {
    SCOPED_TRACE("what is no part is refused");
    for (const Words& words :
         {Words{"--read-data-subset", "11/10"}, Words{"--read-data-subset", "ten"}, Words{"--read-data-subset", "10%", "--source"}}) {
      EXPECT_EQ(scene.run("verify", words).code, 2) << words.at(1);
    }
    EXPECT_EQ(standing(), before);
  }
  {
    SCOPED_TRACE("without a certificate there is none afterwards");
    std::filesystem::remove(scene.account_folder() / "certificate.json");
    const Ended ended = read("50%");
    EXPECT_EQ(ended.code, 0) << ended.all();
    EXPECT_TRUE(account(ended).at("certificate").is_null());
    EXPECT_FALSE(std::filesystem::exists(scene.account_folder() / "certificate.json"));
  }
}

TEST_F(Part, damage_is_found_by_its_part_alone_and_only_a_whole_verification_makes_it_safe_again) {
  const std::filesystem::path file = some_file();
  const std::string good = read_text(file);
  const std::string list = read_text(scene.account_folder() / "content.sha256");
  damage(file);
  int found = 0;
  for (const char* part : {"1/4", "2/4", "3/4", "4/4"}) {
    const Ended ended = read(part);
    if (found == 0 && ended.code == 0) {
      EXPECT_EQ(standing(), before);
      continue;
    }
    // Behind the one that found it the others end with 3 as well: what stands there is not theirs to take back.
    EXPECT_EQ(ended.code, 3) << ended.all();
    found += account(ended).at("certificate").at("partial").at("part") == part ? 1 : 0;
  }
  EXPECT_EQ(found, 1);
  const Json certificate = scene.certificate();
  EXPECT_EQ(certificate.at("verdict"), "not safe");
  EXPECT_EQ(certificate.at("gaps").size(), 1U);
  EXPECT_TRUE(certificate.at("content").is_null());
  EXPECT_GT(certificate.at("cross_checks").size(), 20U);
  for (const Json& check : certificate.at("cross_checks")) EXPECT_EQ(check.at("reason"), "only a part was verified") << check;
  EXPECT_EQ(read_text(scene.account_folder() / "content.sha256"), list);
  EXPECT_NE(read_text(scene.account_folder() / "certificate.html").find("only a part"), std::string::npos);

  write_text(file, good);
  EXPECT_EQ(read("100%").code, 3) << "a part does not take back what a certificate says";
  EXPECT_EQ(scene.run("verify", kNoTables).code, 0);
  EXPECT_EQ(scene.certificate().at("verdict"), "safe to close");
}

TEST_F(Part, damage_in_a_page_is_found_by_its_part_and_a_file_that_is_gone_by_every_part) {
  {
    SCOPED_TRACE("a file that is gone");
    const std::filesystem::path file = some_file();
    const std::string bytes = read_text(file);
    std::filesystem::remove(file);
    EXPECT_EQ(read("1/1000").code, 3);
    write_text(file, bytes);
    ASSERT_EQ(scene.run("verify", kNoTables).code, 0);
  }
  {
    SCOPED_TRACE("a page");
    const auto segment = files_below(scene.account_folder() / "raw" / "email_activity").at(0);
    damage(segment);
    EXPECT_EQ(read("100%").code, 3);
    EXPECT_EQ(scene.certificate().at("gaps").at(0).at("stream"), "email_activity");
  }
}

}  // namespace
}  // namespace chimplift::e2e
