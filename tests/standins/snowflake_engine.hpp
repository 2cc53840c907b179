// Runs the statements that chimplift writes, and no others, on a DuckDB of its own, with Snowflake's rules on top: names whose case counts,
// MERGE that refuses to update a row twice, DDL that commits, files that are loaded once, a session that ends with its request.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "standins/snowflake_tokens.hpp"
#include "support/temporary_folder.hpp"
#include "warehouse/duckdb_raii.hpp"

namespace snowflake_standin {

using Cells = std::vector<std::vector<std::optional<std::string>>>;

struct Rows {
  std::vector<std::string> columns;
  Cells rows;
};

/// An external stage: its URL, and how a file below it becomes one on this machine's disk (nullopt: there is none).
struct Stage {
  std::string url;
  std::function<std::optional<std::filesystem::path>(const std::string& path)> fetch;
};

/// "DB.SCHEMA.TABLE" as a table of DuckDB: "DB.SCHEMA"."TABLE".
std::string in_duckdb(const std::string& table);
/// 'text' for DuckDB.
std::string literal(const std::string& text);

/// Who asks, as the request says it.
struct Session {
  std::string user;
  std::string role;
  std::string warehouse;
};

class Engine {
 public:
  Engine();

  void add_database(const std::string& name);
  /// `name`: "DB.SCHEMA.STAGE". The schema is made where it is missing.
  void add_stage(const std::string& name, Stage stage);
  /// Takes SELECT of columns too, as tests of a real account look into tables; chimplift itself never does.
  bool reads_tables = false;
  /// Statements that begin with these words fail with "insufficient privileges".
  void deny(const std::string& words) {
    refuse(words, SqlError("003001", "42501", "SQL access control error:\nInsufficient privileges to operate on schema 'MAILCHIMP'"));
  }
  /// The same with another error.
  void refuse(const std::string& words, SqlError error);
  void allow_all();

  /// One request: runs its statements in order in one session. Throws SqlError; what was not committed is then rolled back.
  std::vector<Rows> run(std::string_view sql, const std::vector<std::string>& binds, std::optional<int> wanted_count,
                        const Session& session);

  /// A table's rows as text, sorted; NULL as "NULL". Times in UTC.
  std::vector<std::vector<std::string>> read(const std::string& table, const std::vector<std::string>& columns);
  /// Takes a row away behind everybody's back.
  void lose_a_row(const std::string& table);
  [[nodiscard]] bool has_table(const std::string& table);
  /// "DB.SCHEMA.TABLE", sorted.
  std::vector<std::string> tables();
  /// Statements that were run, those in one request each.
  [[nodiscard]] std::int64_t statements();
  /// All statements that were asked for, each text once.
  std::set<std::string> texts();

 private:
  struct Column {
    std::string name;
    std::string type;  // as Snowflake writes it
    std::string comment;
  };
  struct Table {
    std::vector<Column> columns;
    std::set<std::string> loaded;  // files that COPY has loaded: path and content
  };

  Rows run_one(TokenReader& tokens, const std::vector<std::string>& binds, const Session& session);
  Rows select(TokenReader& tokens, const std::vector<std::string>& binds, const Session& session);
  /// Of the tables whose names begin with "DB.SCHEMA.".
  Rows list_columns(const std::string& prefix);
  Rows read_columns(TokenReader& tokens);
  Rows compare(TokenReader& tokens);
  Rows create(TokenReader& tokens);
  Rows alter(TokenReader& tokens);
  Rows comment(TokenReader& tokens);
  Rows drop(TokenReader& tokens);
  Rows copy(TokenReader& tokens);
  Rows merge(TokenReader& tokens);
  Rows remove(TokenReader& tokens);
  std::string batch_condition(TokenReader& tokens);
  std::string expected_but_not_stored(TokenReader& tokens);
  Rows describe_stage(TokenReader& tokens);

  std::string table_name(TokenReader& tokens);
  Table& known(const std::string& table);
  Column& column_of(Table& table, const std::string& column);
  std::string type(TokenReader& tokens);
  /// A value as chimplift writes one; as DuckDB's SQL.
  std::string value(TokenReader& tokens, Table* table);
  std::vector<Column> column_definitions(TokenReader& tokens);
  /// What stands behind the SELECT of a query on a staging table; `names` are those behind AS.
  std::string staged_select(TokenReader& tokens, std::set<std::string>& names);
  [[noreturn]] static void missing_database(const std::string& name);
  std::string load_file(const std::string& table, const std::filesystem::path& file, const std::string& name);

  void duck(const std::string& sql);
  Cells ask(const std::string& sql, const std::vector<std::string>& binds = {});
  void commit_open();

  std::mutex mutex_;
  chimplift::TemporaryFolder folder_;
  std::optional<chimplift::duck::Database> duck_;
  std::set<std::string> databases_;
  std::set<std::string> schemas_;            // "DB.SCHEMA"
  std::map<std::string, Table> tables_;      // "DB.SCHEMA.TABLE"
  std::map<std::string, Stage> stages_;      // "DB.SCHEMA.STAGE"
  std::map<std::string, SqlError> refused_;  // by the words that a statement begins with
  std::set<std::string> texts_;
  std::int64_t statements_ = 0;
  bool in_transaction_ = false;
};

}  // namespace snowflake_standin
