// The statements that read and change rows: SELECT, COPY INTO, MERGE INTO. See snowflake_engine.hpp.
#include <algorithm>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "standins/snowflake_engine.hpp"
#include "warehouse/duckdb_sql.hpp"

namespace snowflake_standin {
namespace {

using chimplift::quote;

/// EQUAL_NULL(a."X", b."Y") AND …, and which columns of each side it names.
std::string same(TokenReader& tokens, std::string_view a, std::string_view b, std::vector<std::pair<std::string, std::string>>& columns) {
  std::vector<std::string> parts;
  const std::string left = chimplift::to_lower(a);
  const std::string right = chimplift::to_lower(b);
  do {
    tokens.expect("EQUAL_NULL(" + left + ".");
    const std::string of_a = tokens.identifier();
    tokens.expect(", " + right + ".");
    const std::string of_b = tokens.identifier();
    tokens.expect(")");
    parts.push_back("(" + left + "." + quote(of_a) + " IS NOT DISTINCT FROM " + right + "." + quote(of_b) + ")");
    columns.emplace_back(of_a, of_b);
  } while (tokens.takes("AND"));
  return chimplift::join(parts, " AND ");
}

std::string bound(const std::vector<std::string>& binds, std::size_t index) {
  if (index >= binds.size()) throw SqlError("002049", "42601", "SQL compilation error:\nBind variable ? not set.");
  return binds[index];
}

}  // namespace

Rows Engine::select(TokenReader& tokens, const std::vector<std::string>& binds, const Session& session) {
  tokens.expect("SELECT");
  if (tokens.takes("CURRENT_USER(), CURRENT_ROLE(), CURRENT_WAREHOUSE()")) {
    tokens.expect_end();
    return {{"CURRENT_USER()", "CURRENT_ROLE()", "CURRENT_WAREHOUSE()"}, {{session.user, session.role, session.warehouse}}};
  }
  if (tokens.takes("SCHEMA_NAME FROM")) {
    const std::string database = tokens.identifier();
    if (!databases_.contains(database)) missing_database(database);
    tokens.expect(".INFORMATION_SCHEMA.SCHEMATA WHERE SCHEMA_NAME = ?");
    tokens.expect_end();
    Rows found{{"SCHEMA_NAME"}, {}};
    if (schemas_.contains(database + "." + bound(binds, 0))) found.rows.push_back({bound(binds, 0)});
    return found;
  }
  if (tokens.takes("TABLE_NAME, COLUMN_NAME, DATA_TYPE, COMMENT FROM")) {
    const std::string database = tokens.identifier();
    if (!databases_.contains(database)) missing_database(database);
    tokens.expect(".INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME, ORDINAL_POSITION");
    tokens.expect_end();
    return list_columns(database + "." + bound(binds, 0) + ".");
  }
  if (tokens.takes("COUNT(*) FROM")) {
    const std::string table = table_name(tokens);
    tokens.expect("WHERE");
    const std::string column = tokens.identifier();
    column_of(known(table), column);
    tokens.expect("=");
    const std::string what = tokens.takes("?") ? literal(bound(binds, 0)) : tokens.number();
    tokens.expect_end();
    return {{"COUNT(*)"}, ask("SELECT CAST(count(*) AS VARCHAR) FROM " + in_duckdb(table) + " WHERE " + quote(column) + " = " + what)};
  }
  if (tokens.takes("\"TABLE_NAME\", \"LAST_PAGE\", \"ROWS\", \"MISFITS\", \"LAST_PAGE_SHA256\", \"MAPPING\" FROM")) {
    const std::string table = table_name(tokens);
    tokens.expect("WHERE \"ARCHIVE_ID\" = ? AND \"ACCOUNT_NAME\" = ?");
    tokens.expect_end();
    for (const char* column : {"TABLE_NAME", "LAST_PAGE", "ROWS", "MISFITS", "LAST_PAGE_SHA256", "MAPPING", "ARCHIVE_ID", "ACCOUNT_NAME"})
      column_of(known(table), column);
    return {{"TABLE_NAME", "LAST_PAGE", "ROWS", "MISFITS", "LAST_PAGE_SHA256", "MAPPING"},
            ask("SELECT \"TABLE_NAME\", CAST(\"LAST_PAGE\" AS VARCHAR), CAST(\"ROWS\" AS VARCHAR), CAST(\"MISFITS\" AS VARCHAR), "
                "\"LAST_PAGE_SHA256\", \"MAPPING\" FROM " +
                    in_duckdb(table) + " WHERE \"ARCHIVE_ID\" = ? AND \"ACCOUNT_NAME\" = ?",
                {bound(binds, 0), bound(binds, 1)})};
  }
  if (reads_tables && tokens.next().kind == TokenKind::identifier && tokens.next(1).text != ".") return read_columns(tokens);
  return compare(tokens);
}

Rows Engine::read_columns(TokenReader& tokens) {
  Rows found;
  do found.columns.push_back(tokens.identifier());
  while (tokens.takes(","));
  tokens.expect("FROM");
  const std::string table = table_name(tokens);
  tokens.expect_end();
  std::vector<std::string> parts;
  for (const std::string& column : found.columns) parts.push_back("CAST(" + quote(column_of(known(table), column).name) + " AS VARCHAR)");
  found.rows = ask("SELECT " + chimplift::join(parts, ", ") + " FROM " + in_duckdb(table));
  return found;
}

void Engine::missing_database(const std::string& name) {
  throw SqlError("002003", "02000", "SQL compilation error:\nDatabase '" + name + "' does not exist or not authorized.");
}

Rows Engine::list_columns(const std::string& prefix) {
  Rows found{{"TABLE_NAME", "COLUMN_NAME", "DATA_TYPE", "COMMENT"}, {}};
  for (const auto& [name, table] : tables_) {
    if (!name.starts_with(prefix)) continue;
    for (const Column& column : table.columns) {
      const std::string type = column.type == "VARCHAR" ? "TEXT" : column.type.substr(0, column.type.find('('));
      found.rows.push_back({name.substr(prefix.size()), column.name, type,
                            column.comment.empty() ? std::nullopt : std::optional<std::string>(column.comment)});
    }
  }
  return found;
}

/// SELECT a."P0", …, COUNT(*), COUNT(l."IS_LOADED") FROM (staged keys) AS a LEFT JOIN (loaded keys) AS l ON … GROUP BY …
Rows Engine::compare(TokenReader& tokens) {
  std::vector<std::string> groups;
  Rows result;
  while (tokens.takes("a.")) {
    result.columns.push_back(tokens.identifier());
    groups.push_back("a." + quote(result.columns.back()));
    tokens.expect(",");
  }
  tokens.expect("COUNT(*), COUNT(l.\"IS_LOADED\") FROM (SELECT DISTINCT");
  // The staging table stands behind its columns: they are checked when it is known.
  std::set<std::string> archived;
  const std::string keys = staged_select(tokens, archived);
  tokens.expect(") AS a LEFT JOIN (SELECT DISTINCT");
  std::vector<std::string> loaded;
  std::vector<std::string> of_table;
  do {
    if (tokens.takes("TRUE AS \"IS_LOADED\"")) break;
    if (tokens.next().kind == TokenKind::identifier) of_table.push_back(tokens.next().text);
    const std::string one = value(tokens, nullptr);
    tokens.expect("AS");
    loaded.push_back(one + " AS " + quote(tokens.identifier()));
  } while (tokens.takes(","));
  tokens.expect("FROM");
  const std::string table = table_name(tokens);
  for (const std::string& column : of_table) column_of(known(table), column);
  tokens.expect("WHERE \"ACCOUNT_NAME\" IN (SELECT");
  column_of(known(table), "ACCOUNT_NAME");
  std::set<std::string> none;
  const std::string accounts = staged_select(tokens, none);
  tokens.expect(")) AS l ON");
  std::vector<std::pair<std::string, std::string>> joined;
  const std::string on = same(tokens, "a", "l", joined);
  for (const auto& [a, l] : joined) {
    if (!archived.contains(a)) syntax_error(a);
  }
  if (groups.empty()) {
    tokens.expect("HAVING COUNT(*) > 0");
  } else {
    tokens.expect("GROUP BY");
    for (std::size_t i = 0; i < groups.size(); ++i) {
      if (i > 0) tokens.expect(",");
      tokens.expect(groups[i]);
    }
  }
  tokens.expect_end();
  std::vector<std::string> selected = groups;
  selected.emplace_back("CAST(count(*) AS VARCHAR)");
  selected.emplace_back("CAST(count(l.\"IS_LOADED\") AS VARCHAR)");
  result.columns.insert(result.columns.end(), {"COUNT(*)", "COUNT(L.\"IS_LOADED\")"});
  result.rows =
      ask("SELECT " + chimplift::join(selected, ", ") + " FROM (SELECT DISTINCT " + keys + ") AS a LEFT JOIN (SELECT DISTINCT " +
          chimplift::join(loaded, ", ") + ", true AS \"IS_LOADED\" FROM " + in_duckdb(table) + " WHERE \"ACCOUNT_NAME\" IN (SELECT " +
          accounts + ")) AS l ON " + on + (groups.empty() ? " HAVING count(*) > 0" : " GROUP BY " + chimplift::join(groups, ", ")));
  return result;
}

/// `value [AS "X"], … FROM staging table WHERE "BATCH" = n [AND "TABLE_NAME" = 't'] [QUALIFY …]`: what stands behind SELECT.
std::string Engine::staged_select(TokenReader& tokens, std::set<std::string>& names) {
  std::vector<std::string> values;
  do {
    std::string one = value(tokens, nullptr);
    if (tokens.takes("AS")) {
      const std::string name = tokens.identifier();
      if (!names.insert(name).second) syntax_error(name);
      one += " AS " + quote(name);
    }
    values.push_back(one);
  } while (tokens.takes(","));
  tokens.expect("FROM");
  const std::string staging = table_name(tokens);
  for (const char* column : {"BATCH", "TABLE_NAME", "SEQUENCE", "RECORD"}) column_of(known(staging), column);
  tokens.expect("WHERE \"BATCH\" =");
  std::string sql = chimplift::join(values, ", ") + " FROM " + in_duckdb(staging) + " WHERE \"BATCH\" = " + tokens.number();
  if (tokens.takes("AND \"TABLE_NAME\" =")) sql += " AND \"TABLE_NAME\" = " + literal(tokens.text());
  if (tokens.takes("QUALIFY ROW_NUMBER() OVER (PARTITION BY")) {
    std::vector<std::string> partition;
    do {
      partition.push_back(value(tokens, &known(staging)));
    } while (tokens.takes(","));
    tokens.expect("ORDER BY \"SEQUENCE\" DESC) = 1");
    // NULL is the highest value in Snowflake.
    sql += " QUALIFY row_number() OVER (PARTITION BY " + chimplift::join(partition, ", ") + " ORDER BY \"SEQUENCE\" DESC NULLS FIRST) = 1";
  }
  return sql;
}

Rows Engine::copy(TokenReader& tokens) {
  tokens.expect("COPY INTO");
  const std::string table = table_name(tokens);
  tokens.expect("(\"BATCH\", \"TABLE_NAME\", \"SEQUENCE\", \"RECORD\") FROM (SELECT");
  tokens.expect("$1:b::NUMBER(38,0), $1:t::VARCHAR, $1:n::NUMBER(38,0), $1:r FROM");
  // @"DB"."SCHEMA"."STAGE"/folder/, which has to stand in quotes where the folder's name has anything but plain characters
  const std::string from = tokens.next().kind == TokenKind::text ? tokens.text() : tokens.stage();
  const std::size_t slash = from.find('/');
  if (!from.starts_with('@') || slash == std::string::npos || !from.ends_with('/')) syntax_error(from);
  std::string name = from.substr(1, slash - 1);
  std::erase(name, '"');
  const auto stage = stages_.find(name);
  if (stage == stages_.end())
    throw SqlError("002003", "02000", "SQL compilation error:\nStage '" + name + "' does not exist or not authorized.");
  tokens.expect(") FILES = (");
  std::vector<std::string> files;
  do {
    files.push_back(tokens.text());
  } while (tokens.takes(","));
  if (files.size() > 1000) throw SqlError("001007", "22023", "SQL compilation error:\ntoo many files in FILES.");
  tokens.expect(") FILE_FORMAT = (TYPE = JSON COMPRESSION = ZSTD) ON_ERROR = ABORT_STATEMENT");
  const bool is_forced = tokens.takes("FORCE = TRUE");
  tokens.expect_end();
  Table& into = known(table);
  for (const char* column : {"BATCH", "TABLE_NAME", "SEQUENCE", "RECORD"}) column_of(into, column);
  Rows result{{"file", "status", "rows_parsed", "rows_loaded", "error_limit", "errors_seen", "first_error"}, {}};
  std::set<std::string> loaded = into.loaded;
  if (!in_transaction_) duck("BEGIN TRANSACTION");
  try {
    for (const std::string& file : files) {
      const std::string path = from.substr(slash + 1) + file;
      const std::optional<std::filesystem::path> local = stage->second.fetch(path);
      if (!local) throw SqlError("091016", "22000", "Remote file '" + stage->second.url + path + "' was not found.");
      const auto bytes = chimplift::read_file(*local);
      if (!bytes) throw SqlError("091003", "22000", "Failure using stage area.");
      if (!loaded.insert(path + " " + chimplift::sha256_hex(*bytes)).second && !is_forced) continue;
      const std::string rows = load_file(table, *local, stage->second.url + path);
      result.rows.push_back({stage->second.url + path, "LOADED", rows, rows, "1", "0", std::nullopt});
    }
  } catch (const SqlError&) {
    if (!in_transaction_) duck("ROLLBACK");
    throw;
  }
  if (!in_transaction_) duck("COMMIT");
  into.loaded = loaded;
  if (result.rows.empty()) return {{"status"}, {{"Copy executed with 0 files processed."}}};
  return result;
}

/// Returns how many rows it had.
std::string Engine::load_file(const std::string& table, const std::filesystem::path& file, const std::string& name) {
  const std::string count = "SELECT CAST(count(*) AS VARCHAR) FROM " + in_duckdb(table);
  const std::string before = *ask(count)[0][0];
  try {
    duck("INSERT INTO " + in_duckdb(table) +
         " SELECT CAST(json ->> 'b' AS DECIMAL(38,0)), json ->> 't', CAST(json ->> 'n' AS DECIMAL(38,0)), json -> 'r' FROM "
         "read_ndjson_objects(" +
         literal(file.string()) + ", compression = 'zstd', maximum_object_size = 134217728)");
  } catch (const SqlError& error) {
    throw SqlError("100069", "22P02", "Error parsing JSON: " + std::string(error.what()) + "\nFile '" + name + "', line 1");
  }
  return std::to_string(std::stoll(*ask(count)[0][0]) - std::stoll(before));
}

Rows Engine::remove(TokenReader& tokens) {
  tokens.expect("DELETE FROM");
  const std::string table = table_name(tokens);
  for (const char* column : {"BATCH", "TABLE_NAME"}) column_of(known(table), column);
  tokens.expect("WHERE");
  std::string where = " FROM " + in_duckdb(table) + " WHERE " + batch_condition(tokens);
  if (tokens.takes("AND \"BATCH\" IN (SELECT \"BATCH\" FROM")) {
    const std::string other = table_name(tokens);
    for (const char* column : {"BATCH", "TABLE_NAME"}) column_of(known(other), column);
    tokens.expect("WHERE");
    where += " AND \"BATCH\" IN (SELECT \"BATCH\" FROM " + in_duckdb(other) + " WHERE " + batch_condition(tokens) + ")";
    tokens.expect(")");
  } else if (tokens.takes("AND \"BATCH\" IN (SELECT s.\"BATCH\" FROM (SELECT \"BATCH\",")) {
    where += " AND \"BATCH\" IN (SELECT s.\"BATCH\" FROM (SELECT \"BATCH\", " + expected_but_not_stored(tokens) + ")";
    tokens.expect(")");
  }
  tokens.expect_end();
  const Cells count = ask("SELECT CAST(count(*) AS VARCHAR)" + where);
  duck("DELETE" + where);
  return {{"number of rows deleted"}, count};
}

/// "BATCH" = n [AND "TABLE_NAME" <> 't']
std::string Engine::batch_condition(TokenReader& tokens) {
  tokens.expect("\"BATCH\" =");
  std::string condition = "\"BATCH\" = " + tokens.number();
  if (tokens.takes("AND \"TABLE_NAME\" <>")) condition += " AND \"TABLE_NAME\" <> " + literal(tokens.text());
  return condition;
}

/// values of a batch) AS s LEFT JOIN table AS t ON … WHERE COALESCE(t."X", 0) <> s."X" OR …
std::string Engine::expected_but_not_stored(TokenReader& tokens) {
  std::set<std::string> names;
  std::string sql = staged_select(tokens, names) + ") AS s LEFT JOIN ";
  tokens.expect(") AS s LEFT JOIN");
  const std::string stored = table_name(tokens);
  sql += in_duckdb(stored) + " AS t ON ";
  tokens.expect("AS t ON");
  std::vector<std::pair<std::string, std::string>> columns;
  sql += same(tokens, "t", "s", columns);
  tokens.expect("WHERE");
  std::vector<std::string> differences;
  do {
    tokens.expect("COALESCE(t.");
    const std::string of_stored = tokens.identifier();
    tokens.expect(",");
    const std::string none = tokens.next().kind == TokenKind::text ? literal(tokens.text()) : tokens.number();
    tokens.expect(") <> s.");
    columns.emplace_back(of_stored, tokens.identifier());
    differences.push_back("coalesce(t." + quote(of_stored) + ", " + none + ") <> s." + quote(columns.back().second));
  } while (tokens.takes("OR"));
  for (const auto& [of_stored, of_batch] : columns) {
    column_of(known(stored), of_stored);
    if (!names.contains(of_batch)) syntax_error(of_batch);
  }
  return sql + " WHERE " + chimplift::join(differences, " OR ");
}

Rows Engine::merge(TokenReader& tokens) {
  tokens.expect("MERGE INTO");
  const std::string table = table_name(tokens);
  Table& into = known(table);
  tokens.expect("AS t USING (SELECT");
  std::set<std::string> names;
  std::string source;
  if (tokens.takes("'' AS \"ARCHIVE_ID\"")) {
    source = "SELECT '' AS \"ARCHIVE_ID\"";
    names.insert("ARCHIVE_ID");
  } else {
    source = "SELECT " + staged_select(tokens, names);
  }
  tokens.expect(") AS s ON");
  std::vector<std::pair<std::string, std::string>> joined;
  const std::string on = same(tokens, "t", "s", joined);
  const auto of_source = [&](const std::string& column) {
    if (!names.contains(column)) throw SqlError("000904", "42000", "SQL compilation error:\ninvalid identifier 'S.\"" + column + "\"'");
    return "s." + quote(column);
  };
  for (const auto& [t, s] : joined) {
    column_of(into, t);
    of_source(s);
  }
  if (tokens.takes("WHEN MATCHED AND t.")) {
    const std::string of_table = tokens.identifier();
    column_of(into, of_table);
    tokens.expect("<> s.");
    const std::string differs = "t." + quote(of_table) + " <> " + of_source(tokens.identifier());
    tokens.expect("THEN DELETE");
    tokens.expect_end();
    const Cells count = ask("SELECT CAST(count(DISTINCT t.rowid) AS VARCHAR) FROM " + in_duckdb(table) + " AS t JOIN (" + source +
                            ") AS s ON " + on + " WHERE " + differs);
    duck("MERGE INTO " + in_duckdb(table) + " AS t USING (" + source + ") AS s ON " + on + " WHEN MATCHED AND " + differs + " THEN DELETE");
    return {{"number of rows deleted"}, count};
  }
  std::vector<std::string> updates;
  if (tokens.takes("WHEN MATCHED THEN UPDATE SET")) {
    do {
      const std::string column = tokens.identifier();
      column_of(into, column);
      tokens.expect("=");
      if (tokens.takes("t.")) {
        const std::string from = tokens.identifier();
        column_of(into, from);
        tokens.expect("+ 1");
        updates.push_back(quote(column) + " = t." + quote(from) + " + 1");
      } else {
        tokens.expect("s.");
        updates.push_back(quote(column) + " = " + of_source(tokens.identifier()));
      }
    } while (tokens.takes(","));
  }
  tokens.expect("WHEN NOT MATCHED THEN INSERT (");
  std::vector<std::string> columns;
  do {
    columns.push_back(quote(column_of(into, tokens.identifier()).name));
  } while (tokens.takes(","));
  tokens.expect(") VALUES (");
  std::vector<std::string> values;
  do {
    if (tokens.next().kind == TokenKind::number) {
      values.push_back(tokens.number());
    } else {
      tokens.expect("s.");
      values.push_back(of_source(tokens.identifier()));
    }
  } while (tokens.takes(","));
  tokens.expect(")");
  tokens.expect_end();
  if (columns.size() != values.size())
    throw SqlError("002020", "21S01", "SQL compilation error:\nInsert value list does not match column list");

  // Snowflake refuses to update one row from two; rows that match nothing it inserts as often as they come, as DuckDB does.
  const Cells matched = ask("SELECT CAST(count(*) AS VARCHAR), CAST(count(*) FILTER (n > 1) AS VARCHAR) FROM (SELECT count(*) AS n FROM " +
                            in_duckdb(table) + " AS t JOIN (" + source + ") AS s ON " + on + " GROUP BY t.rowid)");
  if (!updates.empty() && *matched[0][1] != "0") {
    throw SqlError("100090", "42P18", "Duplicate row detected during DML action\nRow Values: [\"secret of a row\"]");
  }
  const std::string count = "SELECT CAST(count(*) AS VARCHAR) FROM " + in_duckdb(table);
  const std::int64_t before = std::stoll(*ask(count)[0][0]);
  duck("MERGE INTO " + in_duckdb(table) + " AS t USING (" + source + ") AS s ON " + on +
       (updates.empty() ? "" : " WHEN MATCHED THEN UPDATE SET " + chimplift::join(updates, ", ")) + " WHEN NOT MATCHED THEN INSERT (" +
       chimplift::join(columns, ", ") + ") VALUES (" + chimplift::join(values, ", ") + ")");
  const std::int64_t inserted = std::stoll(*ask(count)[0][0]) - before;
  return {{"number of rows inserted", "number of rows updated"}, {{std::to_string(inserted), updates.empty() ? "0" : *matched[0][0]}}};
}

}  // namespace snowflake_standin
