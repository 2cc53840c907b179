// See e2e_production.hpp.
#include "e2e_production.hpp"

#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include "e2e_compare.hpp"
#include "warehouse/snowflake_rows.hpp"
#include "warehouse/snowflake_sql.hpp"

namespace chimplift::e2e {
namespace {

constexpr const char* kArchive = "s3://test-bucket/archive";
constexpr const char* kStageFolder = "archive/_snowflake_stage/";

struct Column {
  std::string name, type;
};

std::vector<Column> columns_of(const std::filesystem::path& duckdb, const std::string& table) {
  const std::string from = " FROM information_schema.columns WHERE table_schema = 'mailchimp' AND table_name = '" + table + "' ORDER BY 1";
  const Words names = column_of(duckdb, "SELECT column_name" + from);
  std::vector<Column> columns;
  for (const std::string& name : names)
    columns.push_back({name, column_of(duckdb, "SELECT data_type" +
                                                   std::string(" FROM information_schema.columns WHERE table_schema = "
                                                               "'mailchimp' AND table_name = '") +
                                                   table + "' AND column_name = '" + name + "'")
                                 .at(0)});
  return columns;
}

}  // namespace

Production::Production(const SimulatorOptions& options) : Scene(options) {
  std::filesystem::create_directories(archive);
  cloud.aws.secrets.keep("brands", simulator.accounts_json());
  Json document = cloud.document();
  document.erase("stage_url");
  cloud.aws.secrets.keep("snowflake", document.dump());
  cloud.see_stage_at(kStageFolder);
}

Words Production::command(const std::string& name, const Words& more) const {
  Words words = {"--archive", kArchive, "--accounts", "aws:brands"};
  if (std::find(more.begin(), more.end(), "--warehouse") == more.end()) {
    words.insert(words.end(), {"--warehouse", "snowflake:", "--snowflake-secret", "aws:snowflake"});
  }
  words.insert(words.end(), more.begin(), more.end());
  return Scene::command(name, words);
}

Ended Production::run(const std::string& name, const Words& more) const {
  Process process(command(name, more), folder(), environment());
  victim = process.pid();
  Ended ended = process.wait();
  victim = 0;
  return ended;
}

void Production::kill_victim() const {
  while (victim == 0) usleep(100);  // the first request may be here before the test knows the process
  kill(victim, SIGKILL);
}

void Production::expect_all_is_right(const Words& excluded) {
  for (const auto& [key, thing] : cloud.aws.s3.things()) {
    const std::filesystem::path file = archive / key.substr(std::string("archive/").size());
    std::filesystem::create_directories(file.parent_path());
    write_text(file, thing.bytes);
    EXPECT_FALSE(key.starts_with(kStageFolder)) << key << " was left behind";
  }
  std::filesystem::remove(duckdb());
  const Words into_duckdb = {"--warehouse", "duckdb:" + duckdb().string()};
  const Ended loaded = run("load", into_duckdb);
  ASSERT_EQ(loaded.code, 0) << loaded.all();
  expect_truth(*this, excluded);
  expect_same_rows();
  for (const std::string& table : cloud.snowflake.engine().tables())
    EXPECT_EQ(table.find("CHIMPLIFT_STAGE_"), std::string::npos) << table << " was left behind";
  EXPECT_TRUE(cloud.snowflake.breaches().empty()) << testing::PrintToString(cloud.snowflake.breaches());
}

void Production::expect_same_rows() {
  std::size_t tables = 0;
  std::size_t rows = 0;
  for (const std::string& table : column_of(
           duckdb(),
           "SELECT table_name FROM information_schema.tables WHERE table_schema = 'mailchimp' AND table_name NOT LIKE 'chimplift%'")) {
    const std::vector<Column> columns = columns_of(duckdb(), table);
    Words names, parts;
    for (const Column& column : columns) {
      names.push_back(snowflake::upper(column.name));
      const std::string quoted = "\"" + column.name + "\"";
      const std::string text =
          column.type == "TIMESTAMP WITH TIME ZONE" ? "(" + quoted + " AT TIME ZONE 'UTC')::VARCHAR || '+00'" : quoted + "::VARCHAR";
      parts.push_back("coalesce(" + text + ", 'NULL')");
    }
    std::vector<Words> theirs = cloud.snowflake.engine().read("BRANDS.MAILCHIMP." + snowflake::upper(table), names);
    std::vector<Words> ours(theirs.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
      // In the same order for each column, whatever that is.
      const Words values = column_of(duckdb(), "SELECT " + parts[i] + " FROM mailchimp." + table + " ORDER BY rowid");
      if (values.size() != theirs.size()) {
        ADD_FAILURE() << table << ": " << theirs.size() << " rows in Snowflake, " << values.size() << " in DuckDB";
        return;
      }
      const bool is_json = columns[i].type == "JSON";
      for (std::size_t row = 0; row < values.size(); ++row)
        ours[row].push_back(is_json && values[row] != "NULL" ? snowflake::variant_json(values[row]).value_or("?") : values[row]);
    }
    std::sort(ours.begin(), ours.end());
    EXPECT_TRUE(theirs == ours) << table;
    for (std::size_t row = 0; theirs != ours && row < ours.size(); ++row) {
      if (theirs[row] == ours[row]) continue;
      ADD_FAILURE() << table << ", the first row that differs:\n"
                    << testing::PrintToString(theirs[row]) << "\n"
                    << testing::PrintToString(ours[row]);
      break;
    }
    ++tables;
    rows += ours.size();
  }
  EXPECT_GE(tables, 80U);
  EXPECT_GT(rows, 0U);
}

}  // namespace chimplift::e2e
