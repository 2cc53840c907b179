// See e2e_production.hpp.
#include "e2e_production.hpp"

#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include <map>

#include "base/text.hpp"
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

/// All tables that streams and files have, with their columns.
std::map<std::string, std::vector<Column>> tables_of(const Sql& duckdb) {
  std::map<std::string, std::vector<Column>> tables;
  for (const std::string& line :
       duckdb.column("SELECT table_name || ' ' || data_type || ' ' || column_name FROM (SELECT table_name, column_name, "
                     "replace(data_type, ' ', '_') AS data_type FROM information_schema.columns WHERE table_schema = "
                     "'mailchimp' AND table_name NOT LIKE 'chimplift%')")) {
    const std::size_t first = line.find(' ');
    const std::size_t second = line.find(' ', first + 1);
    tables[line.substr(0, first)].push_back({line.substr(second + 1), line.substr(first + 1, second - first - 1)});
  }
  return tables;
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
  Words into_duckdb = {"--warehouse", "duckdb:" + duckdb().string()};
  if (!excluded.empty()) into_duckdb.insert(into_duckdb.end(), {"--excluded-steps", join(excluded, ",")});
  const Ended loaded = run("load", into_duckdb);
  ASSERT_EQ(loaded.code, 0) << loaded.all();
  expect_truth(*this, excluded);
  EXPECT_GE(expect_same_rows(), excluded.empty() ? 80U : 20U) << "tables";
  for (const std::string& table : cloud.snowflake.engine().tables())
    EXPECT_EQ(table.find("CHIMPLIFT_STAGE_"), std::string::npos) << table << " was left behind";
  EXPECT_TRUE(cloud.snowflake.breaches().empty()) << testing::PrintToString(cloud.snowflake.breaches());
}

std::size_t Production::expect_same_rows() {
  const Sql sql(duckdb());
  const auto tables = tables_of(sql);
  std::size_t rows = 0;
  for (const auto& [table, columns] : tables) {
    Words names, parts;
    for (const Column& column : columns) {
      names.push_back(snowflake::upper(column.name));
      const std::string quoted = "\"" + column.name + "\"";
      const bool is_time = column.type == "TIMESTAMP_WITH_TIME_ZONE";
      const std::string text = is_time ? "(" + quoted + " AT TIME ZONE 'UTC')::VARCHAR || '+00'" : quoted + "::VARCHAR";
      parts.push_back("coalesce(" + text + ", 'NULL')");
    }
    // JSON can be written in several ways.
    const auto in_one_spelling = [&known = columns](Words row) {
      for (std::size_t i = 0; i < known.size(); ++i) {
        if (known[i].type == "JSON" && row[i] != "NULL") row[i] = snowflake::variant_json(row[i]).value_or("?");
      }
      return row;
    };
    std::vector<Words> ours, theirs;
    for (const std::string& line : sql.column("SELECT json_array(" + join(parts, ", ") + ")::VARCHAR FROM mailchimp." + table)) {
      ours.push_back(in_one_spelling(Json::parse(line).get<Words>()));
    }
    for (const Words& row : cloud.snowflake.engine().read("BRANDS.MAILCHIMP." + snowflake::upper(table), names))
      theirs.push_back(in_one_spelling(row));
    std::sort(ours.begin(), ours.end());
    std::sort(theirs.begin(), theirs.end());
    EXPECT_EQ(theirs.size(), ours.size()) << table;
    for (std::size_t row = 0; row < std::min(ours.size(), theirs.size()); ++row) {
      if (theirs[row] == ours[row]) continue;
      ADD_FAILURE() << table << ", the first row that differs:\n"
                    << testing::PrintToString(theirs[row]) << "\n"
                    << testing::PrintToString(ours[row]);
      break;
    }
    rows += ours.size();
  }
  EXPECT_GT(rows, 0U);
  return tables.size();
}

}  // namespace chimplift::e2e
