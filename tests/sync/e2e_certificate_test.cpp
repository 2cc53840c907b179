// The certificate as something to file: its page, and a sum that proves years later that an archive is the one that it speaks of.
#include <gtest/gtest.h>

#include "archive/account_archive.hpp"
#include "archive/folder_tree.hpp"
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
  void SetUp() override { ASSERT_EQ(scene.sync(kNoTables).code, 0); }
  [[nodiscard]] Ended shell(const std::string& command) const {
    return Process({"/bin/sh", "-c", "cd '" + scene.account_folder().string() + "' && " + command}, scene.folder()).wait();
  }
  [[nodiscard]] std::string recomputed() const { return shell(documented("find raw files ledger")).out.substr(0, 64); }
  [[nodiscard]] std::string certified() const { return scene.certificate().at("content").at("sha256"); }
  [[nodiscard]] std::string page() const { return read_text(scene.account_folder() / "certificate.html"); }
  /// What status says of the verdict: the line for people must agree with the document.
  [[nodiscard]] bool is_said_to_be_current() const {
    const Ended text = scene.run("status");
    const Json account = Json::parse(scene.run("status", {"--json"}).out).at("accounts").at(0);
    const Json certificate = scene.certificate();
    EXPECT_EQ(account.at("verdict"), certificate.at("verdict"));
    EXPECT_EQ(account.at("verdict_at"), certificate.at("created_at"));
    const bool is_current = account.at("verdict_is_current");
    const std::string at = certificate.at("created_at");
    const std::string beginning = "Last verdict: " + certificate.at("verdict").get<std::string>() + " (limited by --warehouse none), of " +
                                  at.substr(0, 10) + " " + at.substr(11, 5) + " UTC";
    const std::string warning = ", before more came into the archive: run `chimplift verify --account " + scene.account().name;
    EXPECT_NE(text.out.find(beginning + (is_current ? ".\n" : warning)), std::string::npos) << text.out;
    return is_current;
  }
  const Words kNoTables = {"--warehouse", "none"};
  Scene scene;
  Chance chance;
};

TEST_F(Filed, names_the_account_and_sums_up_the_content_to_the_bit) {
  {
    SCOPED_TRACE("the documented commands recompute the sum of all content");
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
  {
    SCOPED_TRACE("it names the account as Mailchimp does");
    ASSERT_EQ(scene.run("load", {"--only-steps", "account"}).code, 0);
    const Json mailchimp = scene.certificate().at("mailchimp");
    const std::pair<const char*, const char*> columns[] = {
        {"account_id", "account_id"}, {"account_name", "account_name__api"}, {"login", "email"}};
    for (const auto& [field, column] : columns) {
      const std::string value = mailchimp.at(field);
      EXPECT_EQ(column_of(scene.duckdb(), std::string("SELECT ") + column + " FROM mailchimp.account"), Words{value});
      EXPECT_FALSE(value.empty()) << field;
    }
    EXPECT_NE(page().find("account id " + mailchimp.at("account_id").get<std::string>()), std::string::npos);
  }
  {
    SCOPED_TRACE("the same content has the same certificate");
    Json first = scene.certificate();
    std::string first_page = page();
    // What a file manager leaves behind is not the archive's.
    const auto odd = scene.account_folder() / "files" / ".DS_Store";
    write_text(odd, "odd");
    ASSERT_EQ(scene.run("verify", kNoTables).code, 0);
    Json second = scene.certificate();
    EXPECT_EQ(recomputed(), certified());
    EXPECT_NE(first.at("created_at"), second.at("created_at"));
    first.erase("created_at");
    second.erase("created_at");
    EXPECT_EQ(first, second);
    EXPECT_EQ(first_page.size(), page().size());
    std::filesystem::remove(odd);
  }
  {
    SCOPED_TRACE("a flipped bit anywhere changes the sum");
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
  {
    SCOPED_TRACE("a run that fails before anything comes leaves it");
    const std::string before = read_text(scene.account_folder() / "certificate.json");
    const std::string page_before = page();
    // As when the key is gone, because the account was closed.
    scene.simulator.plant({.kind = "status_401"});
    const Ended ended = scene.sync(kNoTables);
    EXPECT_EQ(ended.code, 4) << ended.all();
    EXPECT_EQ(read_text(scene.account_folder() / "certificate.json"), before);
    EXPECT_EQ(page(), page_before);
    EXPECT_EQ(ended.out.find("not safe"), std::string::npos) << ended.out;
  }
}

TEST_F(Filed, what_is_damaged_is_certified_as_it_is) {
  const std::string sum = certified();
  const auto file = files_below(scene.account_folder() / "files" / "templates").at(0);
  write_text(file, read_text(file) + "x");
  EXPECT_EQ(scene.run("verify", kNoTables).code, 3);
  EXPECT_NE(certified(), sum);
  EXPECT_EQ(recomputed(), certified());
  EXPECT_NE(page().find("Not safe"), std::string::npos);
  EXPECT_NE(page().find("sha256"), std::string::npos);
}

TEST_F(Filed, status_says_of_a_verdict_whether_more_came_since) {
  EXPECT_TRUE(is_said_to_be_current());
  ASSERT_EQ(scene.run("pull").code, 0);
  EXPECT_FALSE(is_said_to_be_current()) << "the pull read everything anew";
  ASSERT_EQ(scene.run("verify", kNoTables).code, 0);
  EXPECT_TRUE(is_said_to_be_current());
  ASSERT_EQ(scene.sync(kNoTables).code, 0);
  EXPECT_TRUE(is_said_to_be_current());
}

TEST_F(Filed, a_refresh_that_brought_no_page_yet_takes_the_verdict_its_currency) {
  {
    const auto archive = *AccountArchive::open(*folder_tree(scene.archive), scene.account().name, false);
    archive->keep(RefreshEvent{{"lists"}, "2026-11-23T10:12:00.000000Z"});
    ASSERT_TRUE(archive->flush());
  }
  EXPECT_FALSE(is_said_to_be_current());
}

TEST_F(Filed, a_certificate_of_an_earlier_version_is_judged_by_its_pages) {
  Json certificate = scene.certificate();
  certificate["pulled"].erase("ledger_bytes");
  write_text(scene.account_folder() / "certificate.json", certificate.dump());
  EXPECT_TRUE(is_said_to_be_current());
  ASSERT_EQ(scene.run("pull").code, 0);
  EXPECT_FALSE(is_said_to_be_current());
}

TEST(e2e_status, without_a_certificate_says_nothing_of_a_verdict) {
  const Scene scene;
  ASSERT_EQ(scene.run("pull").code, 0);
  const Json account = Json::parse(scene.run("status", {"--json"}).out).at("accounts").at(0);
  EXPECT_TRUE(account.at("verdict").is_null());
  EXPECT_FALSE(account.contains("verdict_is_current"));
}

}  // namespace
}  // namespace chimplift::e2e
