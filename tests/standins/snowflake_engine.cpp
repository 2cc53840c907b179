#include "standins/snowflake_engine.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "warehouse/duckdb_sql.hpp"

namespace snowflake_standin {
namespace {

using chimplift::quote;

std::string duck_type(const std::string& type) {
  if (type == "NUMBER(38,0)") return "DECIMAL(38,0)";
  if (type == "FLOAT") return "DOUBLE";
  if (type == "TIMESTAMP_TZ(9)") return "TIMESTAMPTZ";
  if (type == "VARIANT") return "JSON";
  return type;  // VARCHAR, BOOLEAN
}

[[noreturn]] void missing(const std::string& what, const std::string& name) {
  throw SqlError(what == "Database" || what == "Schema" ? "002043" : "002003", what == "Table" ? "42S02" : "02000",
                 "SQL compilation error:\n" + what + " '" + name + "' does not exist or not authorized.");
}

Rows status(const std::string& message) { return {{"status"}, {{message}}}; }

}  // namespace

std::string in_duckdb(const std::string& table) {
  const std::size_t dot = table.find('.', table.find('.') + 1);
  return quote(table.substr(0, dot)) + "." + quote(table.substr(dot + 1));
}

std::string literal(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  return quoted + "'";
}

Engine::Engine() {
  // Nothing outlives the engine, and statements come one at a time: a file to sync and a second thread only cost.
  auto opened =
      chimplift::duck::Database::open(":memory:", {{"threads", "1"}, {"memory_limit", "1GB"}, {"temp_directory", folder_.path().string()}});
  if (!opened) throw std::runtime_error(opened.error().message);
  duck_ = std::move(*opened);
  duck("SET TimeZone = 'UTC'");
}

void Engine::refuse(const std::string& words, SqlError error) {
  const std::lock_guard lock(mutex_);
  refused_.insert_or_assign(words, std::move(error));
}

void Engine::allow_all() {
  const std::lock_guard lock(mutex_);
  refused_.clear();
}

void Engine::add_database(const std::string& name) {
  const std::lock_guard lock(mutex_);
  databases_.insert(name);
}

void Engine::add_stage(const std::string& name, Stage stage) {
  const std::lock_guard lock(mutex_);
  const std::string schema = name.substr(0, name.rfind('.'));
  if (schemas_.insert(schema).second) duck("CREATE SCHEMA " + quote(schema));
  stages_[name] = std::move(stage);
}

std::vector<Rows> Engine::run(std::string_view sql, const std::vector<std::string>& binds, std::optional<int> wanted_count,
                              const Session& session) {
  const std::lock_guard lock(mutex_);
  const std::vector<std::vector<Token>> statements = take_apart(sql);
  const int count = static_cast<int>(statements.size());
  if (wanted_count.value_or(1) != 0 && count != wanted_count.value_or(1)) {
    throw SqlError("000008", "0A000",
                   "Actual statement count " + std::to_string(count) + " did not match the desired statement count " +
                       std::to_string(wanted_count.value_or(1)) + ".");
  }
  if (count > 1 && !binds.empty()) throw SqlError("002049", "42601", "Variable binding is not supported in multi-statement requests.");
  std::vector<Rows> results;
  for (const std::vector<Token>& tokens : statements) {
    TokenReader reader(tokens);
    ++statements_;
    try {
      for (const auto& [words, error] : refused_) {
        if (TokenReader(tokens).takes(words)) throw SqlError(error);
      }
      const bool is_control = reader.next().text == "BEGIN" || reader.next().text == "COMMIT" || reader.next().text == "ROLLBACK";
      if (is_control && count == 1) throw SqlError("391911", "0A000", "Unsupported statement type '" + reader.next().text + "'.");
      results.push_back(run_one(reader, binds, session));
    } catch (const SqlError& error) {
      if (in_transaction_) duck("ROLLBACK");  // the session ends with the request, and what it left open with it
      in_transaction_ = false;
      if (count == 1) throw;
      throw SqlError(error.code, error.sql_state,
                     "Uncaught Execution of multiple statements failed on statement \"" + tokens[0].text + " …\" (at line " +
                         std::to_string(results.size() + 1) + ", position 0).\n" + error.what() + " in SYSTEM$MULTISTMT");
    }
  }
  if (in_transaction_) duck("ROLLBACK");
  in_transaction_ = false;
  for (std::size_t at = 0, from = 0; from < sql.size(); from = at + 2) {
    at = std::min(sql.find(";\n", from), sql.size());
    texts_.emplace(sql.substr(from, at - from));
  }
  return results;
}

Rows Engine::run_one(TokenReader& tokens, const std::vector<std::string>& binds, const Session& session) {
  const std::string verb = tokens.next().text;
  if (verb == "SELECT") return select(tokens, binds, session);
  if (verb == "MERGE") return merge(tokens);
  if (verb == "COPY") return copy(tokens);
  if (verb == "DELETE") return remove(tokens);
  if (verb == "DESCRIBE") return describe_stage(tokens);
  if (tokens.takes("BEGIN TRANSACTION")) {
    tokens.expect_end();
    commit_open();
    duck("BEGIN TRANSACTION");
    in_transaction_ = true;
    return status("Statement executed successfully.");
  }
  if (verb == "COMMIT" || verb == "ROLLBACK") {
    tokens.expect(verb);
    tokens.expect_end();
    if (in_transaction_) duck(verb);
    in_transaction_ = false;
    return status("Statement executed successfully.");
  }
  // From here on DDL, which ends the transaction that is open.
  commit_open();
  if (verb == "CREATE") return create(tokens);
  if (verb == "ALTER") return alter(tokens);
  if (verb == "COMMENT") return comment(tokens);
  if (verb == "DROP") return drop(tokens);
  syntax_error(verb);
}

void Engine::commit_open() {
  if (in_transaction_) duck("COMMIT");
  in_transaction_ = false;
}

void Engine::duck(const std::string& sql) {
  if (const auto done = duck_->run(sql); !done) throw SqlError("100038", "22018", done.error().message + "\n" + sql);
}

Cells Engine::ask(const std::string& sql, const std::vector<std::string>& binds) {
  auto rows = duck_->query(sql, binds);
  if (!rows) throw SqlError("100038", "22018", rows.error().message + "\n" + sql);
  return std::move(*rows);
}

std::string Engine::table_name(TokenReader& tokens) {
  const std::string database = tokens.identifier();
  tokens.expect(".");
  const std::string schema = tokens.identifier();
  tokens.expect(".");
  const std::string table = tokens.identifier();
  if (!databases_.contains(database)) missing("Database", database);
  if (!schemas_.contains(database + "." + schema)) missing("Schema", database + "." + schema);
  return database + "." + schema + "." + table;
}

Engine::Table& Engine::known(const std::string& table) {
  const auto found = tables_.find(table);
  if (found == tables_.end()) missing("Table", table);
  return found->second;
}

Engine::Column& Engine::column_of(Table& table, const std::string& column) {
  const auto found = std::ranges::find(table.columns, column, &Column::name);
  if (found == table.columns.end()) {
    throw SqlError("000904", "42000", "SQL compilation error:\ninvalid identifier '\"" + column + "\"'");
  }
  return *found;
}

std::string Engine::type(TokenReader& tokens) {
  for (const std::string_view each : {"VARCHAR", "NUMBER(38,0)", "FLOAT", "BOOLEAN", "TIMESTAMP_TZ(9)", "VARIANT"}) {
    if (tokens.takes(each)) return std::string(each);
  }
  syntax_error(tokens.next().text);
}

std::string Engine::value(TokenReader& tokens, Table* table) {
  std::string sql;
  if (tokens.takes("NULL")) {
    sql = "NULL";
  } else if (tokens.takes("COALESCE(")) {
    std::vector<std::string> parts;
    do {
      parts.push_back(tokens.next().kind == TokenKind::text ? literal(tokens.text()) : value(tokens, table));
    } while (tokens.takes(","));
    tokens.expect(")");
    return "coalesce(" + chimplift::join(parts, ", ") + ")";
  } else {
    const std::string column = tokens.identifier();
    if (table != nullptr) column_of(*table, column);
    sql = quote(column);
    if (tokens.takes(":")) {
      if (table != nullptr && column_of(*table, column).type != "VARIANT") syntax_error(":");
      const std::string key = literal(tokens.identifier());
      if (!tokens.takes("::")) return "(" + sql + " -> " + key + ")";
      const std::string cast = type(tokens);
      // As text without its quotes; everything else from that text. A JSON null is NULL.
      sql = "CAST((" + sql + " ->> " + key + ") AS " + duck_type(cast) + ")";
    }
  }
  while (tokens.takes("::")) sql = "CAST(" + sql + " AS " + duck_type(type(tokens)) + ")";
  return sql;
}

std::vector<Engine::Column> Engine::column_definitions(TokenReader& tokens) {
  std::vector<Column> columns;
  tokens.expect("(");
  do {
    Column column;
    column.name = tokens.identifier();
    column.type = type(tokens);
    if (tokens.takes("COMMENT")) column.comment = tokens.text();
    if (std::ranges::find(columns, column.name, &Column::name) != columns.end()) {
      throw SqlError("002025", "42S21", "SQL compilation error:\nduplicate column name '" + column.name + "'");
    }
    columns.push_back(column);
  } while (tokens.takes(","));
  tokens.expect(")");
  return columns;
}

Rows Engine::create(TokenReader& tokens) {
  if (tokens.takes("CREATE SCHEMA IF NOT EXISTS")) {
    const std::string database = tokens.identifier();
    tokens.expect(".");
    const std::string schema = database + "." + tokens.identifier();
    tokens.expect_end();
    if (!databases_.contains(database)) missing("Database", database);
    if (schemas_.insert(schema).second) duck("CREATE SCHEMA " + quote(schema));
    return status("Schema successfully created.");
  }
  const bool is_new = tokens.takes("CREATE OR REPLACE TRANSIENT TABLE");
  if (!is_new) tokens.expect("CREATE TABLE IF NOT EXISTS");
  const std::string table = table_name(tokens);
  const std::vector<Column> columns = column_definitions(tokens);
  if (is_new) {
    tokens.expect("DATA_RETENTION_TIME_IN_DAYS = 0");
  } else {
    tokens.expect("COMMENT =");
    tokens.text();
  }
  tokens.expect_end();
  if (!is_new && tables_.contains(table)) return status(table + " already exists, statement succeeded.");
  std::vector<std::string> parts;
  for (const Column& column : columns) parts.push_back(quote(column.name) + " " + duck_type(column.type));
  duck("CREATE OR REPLACE TABLE " + in_duckdb(table) + " (" + chimplift::join(parts, ", ") + ")");
  tables_[table] = {columns, {}};
  return status("Table successfully created.");
}

Rows Engine::alter(TokenReader& tokens) {
  tokens.expect("ALTER TABLE");
  const std::string table = table_name(tokens);
  tokens.expect("ADD COLUMN IF NOT EXISTS");
  Column column;
  column.name = tokens.identifier();
  column.type = type(tokens);
  tokens.expect_end();
  Table& into = known(table);
  if (std::ranges::find(into.columns, column.name, &Column::name) == into.columns.end()) {
    duck("ALTER TABLE " + in_duckdb(table) + " ADD COLUMN " + quote(column.name) + " " + duck_type(column.type));
    into.columns.push_back(column);
  }
  return status("Statement executed successfully.");
}

Rows Engine::comment(TokenReader& tokens) {
  tokens.expect("COMMENT ON COLUMN");
  const std::string table = table_name(tokens);
  tokens.expect(".");
  Column& column = column_of(known(table), tokens.identifier());
  tokens.expect("IS");
  column.comment = tokens.text();
  tokens.expect_end();
  return status("Statement executed successfully.");
}

Rows Engine::drop(TokenReader& tokens) {
  tokens.expect("DROP TABLE IF EXISTS");
  const std::string table = table_name(tokens);
  tokens.expect_end();
  if (tables_.erase(table) != 0) duck("DROP TABLE " + in_duckdb(table));
  return status("Drop statement executed successfully.");
}

Rows Engine::describe_stage(TokenReader& tokens) {
  tokens.expect("DESCRIBE STAGE");
  const std::string name = table_name(tokens);
  tokens.expect_end();
  const auto stage = stages_.find(name);
  if (stage == stages_.end()) missing("Stage", name);
  return {{"parent_property", "property", "property_type", "property_value", "property_default"},
          {{"STAGE_FILE_FORMAT", "TYPE", "String", "CSV", "CSV"},
           {"STAGE_LOCATION", "URL", "String", "[\"" + stage->second.url + "\"]", ""},
           {"STAGE_INTEGRATION", "STORAGE_INTEGRATION", "String", "CHIMPLIFT_S3", ""}}};
}

std::vector<std::vector<std::string>> Engine::read(const std::string& table, const std::vector<std::string>& columns) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> parts;
  for (const std::string& column : columns) parts.push_back("CAST(" + quote(column_of(known(table), column).name) + " AS VARCHAR)");
  std::vector<std::vector<std::string>> rows;
  for (const auto& cells : ask("SELECT " + chimplift::join(parts, ", ") + " FROM " + in_duckdb(table))) {
    auto& row = rows.emplace_back();
    for (const auto& cell : cells) row.push_back(cell.value_or("NULL"));
  }
  std::ranges::sort(rows);
  return rows;
}

void Engine::lose_a_row(const std::string& table) {
  const std::lock_guard lock(mutex_);
  duck("DELETE FROM " + in_duckdb(table) + " WHERE rowid = (SELECT min(rowid) FROM " + in_duckdb(table) + ")");
}

bool Engine::has_table(const std::string& table) {
  const std::lock_guard lock(mutex_);
  return tables_.contains(table);
}

std::vector<std::string> Engine::tables() {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, table] : tables_) names.push_back(name);
  return names;
}

std::int64_t Engine::statements() {
  const std::lock_guard lock(mutex_);
  return statements_;
}

std::set<std::string> Engine::texts() {
  const std::lock_guard lock(mutex_);
  return texts_;
}

}  // namespace snowflake_standin
