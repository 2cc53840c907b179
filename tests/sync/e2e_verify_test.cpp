// verify finds what is no longer as it was: it trusts neither the tables nor the files nor the ledger.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "base/hash.hpp"
#include "built_paths.hpp"
#include "e2e_compare.hpp"

namespace chimplift::e2e {
namespace {

class Verify : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(scene.sync().code, 0); }
  /// Runs verify, which must end with `code` and call the account not safe because of this stream.
  void expect_found(const std::string& stream, const std::string& words = "") {
    const Ended ended = scene.run("verify");
    EXPECT_EQ(ended.code, 3) << ended.all();
    const Json certificate = scene.certificate();
    EXPECT_EQ(certificate.at("verdict"), "not safe");
    ASSERT_FALSE(certificate.at("gaps").empty());
    for (const Json& gap : certificate.at("gaps")) EXPECT_EQ(gap.at("stream"), stream) << gap;
    EXPECT_NE(reasons(certificate.at("gaps")).find(words), std::string::npos) << certificate.at("gaps");
  }
  /// Runs the command that the gap names as it stands, in a shell as a person would.
  void expect_closed_by_its_command() {
    const std::string command = scene.certificate().at("gaps")[0].at("command");
    const auto folder = std::filesystem::path(CHIMPLIFT_BIN).parent_path().string();
    const Ended ended = Process({"/bin/sh", "-c", "PATH=" + folder + ":$PATH; " + command}, scene.folder()).wait();
    EXPECT_EQ(ended.code, 0) << command << "\n" << ended.all();
    EXPECT_EQ(scene.run("verify").code, 0) << command << " does not close it";
    expect_truth(scene);
  }
  static void flip_byte(const std::filesystem::path& file, std::size_t at) {
    std::string bytes = read_text(file);
    ASSERT_LT(at, bytes.size());
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    write_text(file, bytes);
  }
  [[nodiscard]] std::filesystem::path ledger() const { return scene.account_folder() / "ledger" / "ledger.ndjson"; }
  Scene scene;
};

TEST_F(Verify, finds_nothing_where_nothing_is_wrong) {
  EXPECT_EQ(scene.run("verify").code, 0);
  EXPECT_EQ(scene.certificate().at("verdict"), "safe to close");
}

TEST_F(Verify, finds_a_row_that_is_no_longer_in_its_table_and_load_puts_it_back) {
  execute(scene.duckdb(), "DELETE FROM mailchimp.list_members WHERE id = (SELECT min(id) FROM mailchimp.list_members)");
  expect_found("list_members", "lacks 1 of");
  expect_closed_by_its_command();
}

// Two segments are pipes for a while: the first tells that verify has begun, and at the second it waits until the other run has put more
// into the archive.
TEST_F(Verify, does_not_vouch_for_what_another_run_put_into_the_archive_meanwhile) {
  const std::string before = read_text(scene.account_folder() / "certificate.json");
  const auto first = files_below(scene.account_folder() / "raw" / "campaign_folders").at(0);
  const auto second = files_below(scene.account_folder() / "raw" / "templates").at(0);
  for (const auto& segment : {first, second}) {
    std::filesystem::rename(segment, scene.folder() / segment.parent_path().filename());
    ASSERT_EQ(mkfifo(segment.c_str(), 0600), 0);
  }
  Process verify(scene.command("verify"), scene.folder());
  std::ofstream begun(first);  // opens when verify does
  EXPECT_EQ(scene.run("pull", {"--only-steps", "lists"}).code, 0);
  std::ofstream waits(second);  // opens when verify has come there, which waits for it
  for (const auto& segment : {first, second}) std::filesystem::rename(scene.folder() / segment.parent_path().filename(), segment);
  begun.close();
  waits.close();
  const Ended ended = verify.wait();
  EXPECT_EQ(ended.code, 11) << ended.all();
  EXPECT_NE(ended.all().find("more came into the archive"), std::string::npos) << ended.all();
  EXPECT_EQ(read_text(scene.account_folder() / "certificate.json"), before);
  EXPECT_EQ(scene.run("verify").code, 0);
}

TEST_F(Verify, finds_one_flipped_bit_in_a_page) {
  const auto segment = files_below(scene.account_folder() / "raw" / "campaign_stats").at(0);
  flip_byte(segment, std::filesystem::file_size(segment) / 2);
  expect_found("campaign_stats", "is damaged");
  expect_closed_by_its_command();
  EXPECT_EQ(scene.certificate().at("verdict"), "safe to close, with exceptions");
  EXPECT_NE(reasons(scene.certificate().at("exceptions")).find("was read anew since"), std::string::npos);
}

TEST_F(Verify, finds_a_file_that_is_gone) {
  std::filesystem::remove(files_below(scene.account_folder() / "files" / "stored_files").at(0));
  expect_found("stored_files", "not in the archive");
  expect_closed_by_its_command();
}

TEST_F(Verify, finds_a_file_with_one_other_bit) {
  flip_byte(files_below(scene.account_folder() / "files" / "templates").at(0), 10);
  expect_found("templates", "sha256");
  expect_closed_by_its_command();
}

TEST_F(Verify, finds_a_body_that_was_changed) {
  flip_byte(files_below(scene.account_folder() / "files" / "campaigns").at(0), 10);
  expect_found("campaign_content");
  expect_closed_by_its_command();
}

TEST_F(Verify, finds_a_line_that_was_dropped_from_the_ledger) {
  std::string text = read_text(ledger());
  const std::size_t start = text.find('\n', text.size() / 2) + 1;
  text.erase(start, text.find('\n', start) + 1 - start);
  write_text(ledger(), text);
  for (const std::string command : {"verify", "load", "sync"}) {
    const Ended ended = scene.run(command);
    EXPECT_EQ(ended.code, 7) << command << "\n" << ended.all();
  }
  EXPECT_EQ(read_text(ledger()), text) << "what is left of it must stay as it is";
}

// Whoever drops a line and writes all sums anew breaks no chain; what the collection's end says of its records tells.
TEST_F(Verify, finds_a_page_that_was_dropped_from_the_ledger_with_all_sums_written_anew) {
  std::istringstream lines(read_text(ledger()));
  std::string forged;
  std::string sum;
  bool is_dropped = false;
  for (std::string line; std::getline(lines, line);) {
    const Json record = Json::parse(line);
    if (!is_dropped && record.at("type") == "page" && record.at("stream") == "campaign_open_details" && record.at("records") > 0) {
      is_dropped = true;
      continue;
    }
    const std::string text = line.substr(0, line.rfind(",\"sum\":"));
    sum = sha256_hex(sum + text).substr(0, 16);
    forged += text + ",\"sum\":\"" + sum + "\"}\n";
  }
  ASSERT_TRUE(is_dropped);
  write_text(ledger(), forged);
  expect_found("campaign_open_details", "their end says");
}

}  // namespace
}  // namespace chimplift::e2e
