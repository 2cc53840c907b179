// verify finds what is no longer as it was: it trusts neither the tables nor the files nor the ledger.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "base/hash.hpp"
#include "built_paths.hpp"
#include "e2e_compare.hpp"

namespace chimplift::e2e {
namespace {

class Verify : public ::testing::Test {
 protected:
  /// Reads the account, with its tables unless `more` says otherwise. What verifies it afterwards is told the same.
  void read(const Words& more = {}) {
    told = more;
    ASSERT_EQ(scene.sync(told).code, 0);
  }
  /// Runs verify, which must end with 3 and call the account not safe because of these streams, each for a reason with these words.
  void expect_found(const std::map<std::string, std::string>& words_of) {
    const Ended ended = scene.run("verify", told);
    EXPECT_EQ(ended.code, 3) << ended.all();
    const Json certificate = scene.certificate();
    EXPECT_EQ(certificate.at("verdict"), "not safe");
    for (const Json& gap : certificate.at("gaps")) EXPECT_TRUE(words_of.contains(gap.at("stream").get<std::string>())) << gap;
    for (const auto& [stream, words] : words_of) {
      Json of_stream = Json::array();
      for (const Json& gap : certificate.at("gaps")) {
        if (gap.at("stream") == stream) of_stream.push_back(gap);
      }
      EXPECT_FALSE(of_stream.empty()) << stream;
      EXPECT_NE(reasons(of_stream).find(words), std::string::npos) << stream << certificate.at("gaps");
    }
  }
  /// Runs the commands that the gaps name as they stand, in a shell as a person would.
  void expect_closed_by_their_commands() {
    std::set<std::string> commands;
    const Json certificate = scene.certificate();
    for (const Json& gap : certificate.at("gaps")) commands.insert(gap.at("command").get<std::string>());
    const auto folder = std::filesystem::path(CHIMPLIFT_BIN).parent_path().string();
    for (const std::string& command : commands) {
      Process({"/bin/sh", "-c", "PATH=" + folder + ":$PATH; " + command}, scene.folder()).wait();
      scene.run("verify");
      const Json left = scene.certificate().at("gaps");
      for (const Json& gap : left) EXPECT_NE(gap.at("command"), command) << gap;
    }
    EXPECT_EQ(scene.certificate().at("gaps").size(), 0U) << testing::PrintToString(commands) << " do not close them";
    expect_truth(scene);
  }
  static void flip_byte(const std::filesystem::path& file, std::size_t at) {
    std::string bytes = read_text(file);
    ASSERT_LT(at, bytes.size());
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    write_text(file, bytes);
  }
  [[nodiscard]] std::filesystem::path ledger() const { return scene.account_folder() / "ledger" / "ledger.ndjson"; }
  const Words kNoTables = {"--warehouse", "none"};
  Scene scene;
  Words told;
};

TEST_F(Verify, finds_a_row_that_is_no_longer_in_its_table_and_load_puts_it_back) {
  read();
  execute(scene.duckdb(), "DELETE FROM mailchimp.list_members WHERE id = (SELECT min(id) FROM mailchimp.list_members)");
  expect_found({{"list_members", "lacks 1 of"}});
  expect_closed_by_their_commands();
}

// Two segments are pipes for a while: the first tells that verify has begun, and at the second it waits until the other run has put more
// into the archive.
TEST_F(Verify, does_not_vouch_for_what_another_run_put_into_the_archive_meanwhile) {
  read(kNoTables);
  const std::string before = read_text(scene.account_folder() / "certificate.json");
  const auto first = files_below(scene.account_folder() / "raw" / "campaign_folders").at(0);
  const auto second = files_below(scene.account_folder() / "raw" / "templates").at(0);
  for (const auto& segment : {first, second}) {
    std::filesystem::rename(segment, scene.folder() / segment.parent_path().filename());
    ASSERT_EQ(mkfifo(segment.c_str(), 0600), 0);
  }
  Process verify(scene.command("verify", kNoTables), scene.folder());
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
  EXPECT_EQ(scene.run("verify", kNoTables).code, 0);
}

TEST_F(Verify, finds_every_bit_that_is_another_one_and_every_file_that_is_gone) {
  read();
  const auto segment = files_below(scene.account_folder() / "raw" / "campaign_stats").at(0);
  flip_byte(segment, std::filesystem::file_size(segment) / 2);
  std::filesystem::remove(files_below(scene.account_folder() / "files" / "stored_files").at(0));
  flip_byte(files_below(scene.account_folder() / "files" / "templates").at(0), 10);
  flip_byte(files_below(scene.account_folder() / "files" / "campaigns").at(0), 10);
  expect_found(
      {{"campaign_stats", "is damaged"}, {"stored_files", "not in the archive"}, {"templates", "sha256"}, {"campaign_content", ""}});
  expect_closed_by_their_commands();
  EXPECT_EQ(scene.certificate().at("verdict"), "safe to close, with exceptions");
  EXPECT_NE(reasons(scene.certificate().at("exceptions")).find("was read anew since"), std::string::npos);
}

TEST_F(Verify, finds_a_line_that_was_dropped_from_the_ledger) {
  read(kNoTables);
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
  read(kNoTables);
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
  expect_found({{"campaign_open_details", "their end says"}});
}

}  // namespace
}  // namespace chimplift::e2e
