#include "warehouse/duckdb_raii.hpp"

#include <string_view>

namespace chimplift::duck {
namespace {

bool has(const std::string& message, std::string_view part) { return message.find(part) != std::string::npos; }

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

Error error_of(const std::string& message, const std::filesystem::path& file) {
  const std::string name = file.string();
  if (has(message, "Could not set lock") || has(message, "Conflicting lock")) {
    return {ErrorKind::busy, "another program has " + name + " open: " + message,
            "Close it there (a DuckDB shell or a notebook counts too), then run this again."};
  }
  if (has(message, "No space left") || has(message, "ENOSPC") || has(message, "disk quota") || has(message, "Disk quota") ||
      has(message, "File too large")) {
    return {ErrorKind::destination, "there is no space left for " + name + ": " + message,
            "Free some space, or name another file; what is committed is safe."};
  }
  if (has(message, "Out of Memory Error")) {
    return {ErrorKind::destination, "DuckDB needs more memory for " + name + ": " + message,
            "Free space for " + name + ".tmp, or raise DuckDB's memory limit."};
  }
  if (has(message, "not a valid DuckDB database file") || has(message, "Serialization Error") || has(message, "orrupt")) {
    return {ErrorKind::destination, name + " is not a DuckDB file that can be read: " + message,
            "Move it away, or name another file with --warehouse; `chimplift load` makes all tables again from the archive."};
  }
  return {ErrorKind::destination, "DuckDB cannot use " + name + ": " + message, ""};
}

Result<Database> Database::open(const std::filesystem::path& file, const std::vector<Option>& options) {
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
    return tl::unexpected<Error>(error_of(message, file));
  }
  Database opened;
  opened.file_ = file;
  opened.database_.reset(database);
  duckdb_connection connection = nullptr;
  if (duckdb_connect(database, &connection) == DuckDBError)
    return fail(ErrorKind::destination, "DuckDB cannot connect to " + file.string());
  opened.connection_.reset(connection);
  // Attached under a name of our own: a file called mailchimp.duckdb would otherwise be a catalog "mailchimp" with a schema "mailchimp" in
  // it, and DuckDB takes mailchimp.lists for ambiguous then.
  std::string path;
  for (const char c : file.string()) path += c == '\'' ? std::string("''") : std::string(1, c);
  TRY(opened.run("ATTACH '" + path + "' AS warehouse"));
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
  return rows;
}

}  // namespace chimplift::duck
