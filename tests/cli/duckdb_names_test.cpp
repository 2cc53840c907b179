// What the program offers to run in a DuckDB shell runs there, whatever the file is called.
#include <gmock/gmock.h>
#include <stdio.h>

#include "archive/folder_tree.hpp"
#include "base/text.hpp"
#include "cli/summary.hpp"
#include "cli/tables.hpp"
#include "mailchimp/catalogue.hpp"
#include "process.hpp"
#include "warehouse/columns.hpp"
#include "warehouse/duckdb_raii.hpp"

namespace chimplift {
namespace {

/// What DuckDB has against the statement, in a shell that was given the file; "" where it ran.
std::string against(const std::filesystem::path& file, const std::string& sql) {
  duckdb_database database = nullptr;
  duckdb_connection connection = nullptr;
  duckdb_result result{};
  std::string error = "cannot be opened";
  if (duckdb_open(file.c_str(), &database) == DuckDBSuccess && duckdb_connect(database, &connection) == DuckDBSuccess)
    error = duckdb_query(connection, sql.c_str(), &result) == DuckDBSuccess ? "" : duckdb_result_error(&result);
  duckdb_destroy_result(&result);
  duckdb_disconnect(&connection);
  duckdb_close(&database);
  return error;
}

void make_tables(const std::filesystem::path& file) {
  const auto database = duck::Database::open(file, {});
  ASSERT_TRUE(database) << database.error().message;
  ASSERT_TRUE(
      database->run("CREATE SCHEMA mailchimp; CREATE TABLE mailchimp.assets "
                    "(account_name VARCHAR, storage_uri VARCHAR, sha256 VARCHAR, bytes BIGINT, content_type VARCHAR)"));
  for (const Stream& stream : catalogue()) {
    if (stream.count_by.empty()) continue;
    ASSERT_TRUE(database->run("CREATE TABLE mailchimp." + quote(stream.table) + " (" + quote(stream.count_by) + " VARCHAR)"));
  }
}

/// The last words of a run that made these tables.
std::string summary_of(const std::filesystem::path& file) {
  Settings settings;
  settings.archive = folder_tree("here");
  settings.selection = *Selection::of({}, {});
  settings.duckdb = file;
  return summary_text(Command::sync, {}, settings, {}, true);
}

/// The words that a shell makes of the command that the summary offers.
std::vector<std::string> offered(const std::filesystem::path& file) {
  const std::string text = summary_of(file);
  const std::string heading = "a query to try:\n    ";
  const std::size_t at = text.find(heading);
  EXPECT_NE(at, std::string::npos) << text;
  const std::string line = text.substr(at + heading.size(), text.find('\n', at + heading.size()) - at - heading.size());
  const testing::Ended ended = testing::run({.words = {"-c", R"(duckdb() { printf '%s\n' "$@"; }; )" + line}, .program = "/bin/sh"});
  EXPECT_EQ(ended.code, 0) << line << "\n" << ended.err;
  return split(ended.out, '\n');
}

class DuckDbNames : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { make_tables(file()); }
  [[nodiscard]] std::filesystem::path file() const { return folder_.path() / GetParam(); }

 private:
  testing::Folder folder_;
};

TEST_P(DuckDbNames, TheQueryToTryRuns) {
  const std::vector<std::string> words = offered(file());
  ASSERT_GE(words.size(), 2U);
  EXPECT_EQ(words[0], file().string());
  EXPECT_THAT(words[1], ::testing::AllOf(::testing::StartsWith("select "), ::testing::EndsWith(" group by all")));
  EXPECT_EQ(against(file(), words[1]), "") << words[1];
}

TEST_P(DuckDbNames, TheViewOfLinksIsMade) {
  const testing::Ended ended = testing::chimplift({"generate", "duckdb-links", "--warehouse", "duckdb:" + file().string()});
  ASSERT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(against(file(), ended.out), "") << ended.out;
}

INSTANTIATE_TEST_SUITE_P(Files, DuckDbNames,
                         ::testing::Values("mailchimp.duckdb", "mailchimp.2024.duckdb", "all.duckdb", "main.duckdb", "my-brand.duckdb",
                                           ".duckdb", "brand", "current_date.db", "a\"b$HOME`x`\\'.duckdb"),
                         [](const auto& of) { return "File" + std::to_string(of.index); });

TEST(DuckDbNamesOnScreen, TheUsualOneNeedsNoQuotes) {
  EXPECT_THAT(summary_of("here/mailchimp.duckdb"),
              ::testing::ContainsRegex("\n    duckdb here/mailchimp.duckdb \"select [a-z_]+, count\\(\\*\\) from mailchimp.mailchimp."));
  EXPECT_THAT(summary_of("here/all.duckdb"),
              ::testing::ContainsRegex("\n    duckdb here/all.duckdb 'select [a-z_]+, count\\(\\*\\) from \"all\".mailchimp."));
}

}  // namespace
}  // namespace chimplift
