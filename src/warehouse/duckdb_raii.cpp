#include "warehouse/duckdb_raii.hpp"

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <system_error>

namespace chimplift::duck {
namespace {

bool has_any(const std::string& message, std::initializer_list<std::string_view> parts) {
  return std::ranges::any_of(parts, [&message](std::string_view part) { return message.find(part) != std::string::npos; });
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  if (what.empty()) return text;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) text.replace(at, what.size(), by);
  return text;
}

/// The text without what it quotes: names and values, which may be called anything.
std::string unquoted(const std::string& text) {
  std::string rest;
  bool is_quoted = false;
  for (const char c : text) {
    if (c == '"') is_quoted = !is_quoted;
    if (!is_quoted) rest += c;
  }
  return rest;
}

std::string text_or(const char* text, const char* otherwise) { return text == nullptr ? otherwise : text; }

struct Config {
  Config() { duckdb_create_config(&config); }
  ~Config() { duckdb_destroy_config(&config); }
  Config(const Config&) = delete;
  Config& operator=(const Config&) = delete;
  duckdb_config config = nullptr;
};

struct QueryResult {
  QueryResult() = default;
  ~QueryResult() { duckdb_destroy_result(&result); }
  QueryResult(const QueryResult&) = delete;
  QueryResult& operator=(const QueryResult&) = delete;
  duckdb_result result{};
};

struct Prepared {
  Prepared() = default;
  ~Prepared() { duckdb_destroy_prepare(&statement); }
  Prepared(const Prepared&) = delete;
  Prepared& operator=(const Prepared&) = delete;
  duckdb_prepared_statement statement = nullptr;
};

void read_chunk(duckdb_data_chunk chunk, std::vector<TextRow>& rows) {
  const idx_t size = duckdb_data_chunk_get_size(chunk);
  const idx_t columns = duckdb_data_chunk_get_column_count(chunk);
  const std::size_t first = rows.size();
  rows.resize(first + size, TextRow(columns));
  for (idx_t column = 0; column < columns; ++column) {
    duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, column);
    auto* texts = static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector));
    std::uint64_t* validity = duckdb_vector_get_validity(vector);
    for (idx_t row = 0; row < size; ++row) {
      if (validity != nullptr && !duckdb_validity_row_is_valid(validity, row)) continue;
      rows[first + row][column] = std::string(duckdb_string_t_data(&texts[row]), duckdb_string_t_length(texts[row]));
    }
  }
}

}  // namespace

Error error_of(const std::string& message, const std::filesystem::path& file, const std::filesystem::path& at) {
  const std::string name = file.string();
  std::string said = message;
  std::string words = message;  // DuckDB's own: a folder called corrupted-2024 says nothing of the file in it
  std::error_code ignored;
  for (const std::filesystem::path& path : {at, std::filesystem::weakly_canonical(at, ignored)}) {  // DuckDB follows links
    said = replaced(said, path.string(), name);
    words = replaced(words, path.string(), "");
  }
  words = unquoted(replaced(words, "Original error: \"", ""));  // which is quoted as a whole
  if (has_any(words, {"Could not set lock", "Conflicting lock"})) {
    return {ErrorKind::busy, "another program has " + name + " open: " + said,
            "Close it there (a DuckDB shell or a notebook counts too), then run this again."};
  }
  if (has_any(words, {"No space left", "ENOSPC", "disk quota", "Disk quota", "File too large"})) {
    return {ErrorKind::destination, "there is no space left for " + name + ": " + said,
            "Free some space, or name another file; what is committed is safe."};
  }
  if (has_any(words, {"Out of Memory Error"})) {
    // The lines behind the first are advice to change settings of DuckDB's, which nobody can reach here.
    return {ErrorKind::destination, "DuckDB needs more memory for " + name + ": " + said.substr(0, said.find('\n')),
            "Free disk space beside it: what does not fit into memory goes to " + name +
                ".tmp. Where this program has less than 1.5 GB of memory, give it more. Then run this again; what is committed is safe."};
  }
  if (has_any(words, {"not a valid DuckDB database file", "Serialization Error", "orrupt"})) {
    return {ErrorKind::destination, name + " is not a DuckDB file that can be read: " + said,
            "Move it away, or name another file with --warehouse; `chimplift load` makes all tables again from the archive."};
  }
  const bool is_place = has_any(
      words, {"File name too long", "Is a directory", "Not a directory", "No such file", "Permission denied", "Read-only file system"});
  return {ErrorKind::destination, "DuckDB cannot use " + name + ": " + said,
          is_place
              ? "Name a file that can be written, in a folder that can be written: --warehouse duckdb:FILE"
              : "Run this again. Where it stays so, name another file with --warehouse; `chimplift load` makes all tables again from the "
                "archive."};
}

Result<Database> Database::open(const std::filesystem::path& file, const std::vector<Option>& options, const std::filesystem::path& named) {
  const std::filesystem::path& shown = named.empty() ? file : named;
  const Config config;
  for (const auto& [name, value] : options) {
    if (duckdb_set_config(config.config, name.c_str(), value.c_str()) == DuckDBError) {
      return fail(ErrorKind::internal, "DuckDB does not take " + name + " = " + value);
    }
  }
  duckdb_database database = nullptr;
  char* why = nullptr;
  if (duckdb_open_ext(":memory:", &database, config.config, &why) == DuckDBError) {
    const std::string message = text_or(why, "it cannot be opened");
    duckdb_free(why);
    return tl::unexpected<Error>(error_of(message, shown, file));
  }
  Database opened;
  opened.file_ = file;
  opened.named_ = shown;
  opened.database_.reset(database);
  duckdb_connection connection = nullptr;
  if (duckdb_connect(database, &connection) == DuckDBError)
    return fail(ErrorKind::destination, "DuckDB cannot connect to " + shown.string(), "Run this again.");
  opened.connection_.reset(connection);
  // Attached under a name of our own: a file called mailchimp.duckdb would otherwise be a catalog "mailchimp" with a schema "mailchimp" in
  // it, and DuckDB takes mailchimp.lists for ambiguous then.
  std::string path;
  for (const char c : file.string()) path += c == '\'' ? std::string("''") : std::string(1, c);
  // With the type, because DuckDB goes by the name otherwise: a data.json becomes a database in memory, whatever is written to it is gone.
  TRY(opened.run("ATTACH '" + path + "' AS warehouse (TYPE duckdb)"));
  TRY(opened.run("USE warehouse"));
  return opened;
}

Result<void> Database::run(const std::string& sql) const {
  QueryResult result;
  if (duckdb_query(connection(), sql.c_str(), &result.result) == DuckDBError) {
    return tl::unexpected<Error>(error(text_or(duckdb_result_error(&result.result), "a statement failed")));
  }
  return {};
}

Result<std::vector<TextRow>> Database::query(const std::string& sql, const std::vector<std::string>& parameters) const {
  Prepared prepared;
  if (duckdb_prepare(connection(), sql.c_str(), &prepared.statement) == DuckDBError) {
    return tl::unexpected<Error>(error(text_or(duckdb_prepare_error(prepared.statement), "a statement failed")));
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (duckdb_bind_varchar_length(prepared.statement, i + 1, parameters[i].data(), parameters[i].size()) == DuckDBError) {
      return fail(ErrorKind::internal, "DuckDB does not take parameter " + std::to_string(i + 1) + " of: " + sql);
    }
  }
  QueryResult result;
  if (duckdb_execute_prepared(prepared.statement, &result.result) == DuckDBError) {
    return tl::unexpected<Error>(error(text_or(duckdb_result_error(&result.result), "a statement failed")));
  }
  std::vector<TextRow> rows;
  if (duckdb_result_return_type(result.result) != DUCKDB_RESULT_TYPE_QUERY_RESULT) return rows;
  for (idx_t column = 0; column < duckdb_column_count(&result.result); ++column) {
    if (duckdb_column_type(&result.result, column) != DUCKDB_TYPE_VARCHAR)
      return fail(ErrorKind::internal, "a column is not VARCHAR: " + sql);
  }
  while (duckdb_data_chunk chunk = duckdb_fetch_chunk(result.result)) {
    read_chunk(chunk, rows);
    duckdb_destroy_data_chunk(&chunk);
  }
  // A chunk that cannot be had looks like the end: fewer rows would be no rows to merge with, and no keys that are missing.
  if (const idx_t all = duckdb_row_count(&result.result); rows.size() != all) {
    return tl::unexpected<Error>(error(text_or(duckdb_result_error(&result.result), "a result could not be read to its end")));
  }
  return rows;
}

}  // namespace chimplift::duck
