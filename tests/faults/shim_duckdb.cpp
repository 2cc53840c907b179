// The shim's part that fails DuckDB's statements and results, and memory.
#include <duckdb.h>

#include <cstdlib>
#include <new>

#include "faults/shim.hpp"

using chimplift::faults::Class;
using chimplift::faults::real;
using chimplift::faults::strikes;

constexpr std::size_t kLargeAllocation = 16384;  // what holds pages and files; smaller ones are too many to try

extern "C" {

duckdb_state duckdb_query(duckdb_connection connection, const char* sql, duckdb_result* result) {
  REAL(duckdb_query);
  return next(connection, strikes(Class::statement, sql) ? "SELECT error('a fault that was planted')" : sql, result);
}

duckdb_state duckdb_prepare(duckdb_connection connection, const char* sql, duckdb_prepared_statement* statement) {
  REAL(duckdb_prepare);
  return next(connection, strikes(Class::statement, sql) ? "a fault that was planted" : sql, statement);
}

duckdb_state duckdb_execute_prepared(duckdb_prepared_statement statement, duckdb_result* result) {
  REAL(duckdb_execute_prepared);
  if (!strikes(Class::statement, "execute_prepared")) return next(statement, result);
  *result = {};
  return DuckDBError;
}

duckdb_data_chunk duckdb_fetch_chunk(duckdb_result result) {
  REAL(duckdb_fetch_chunk);
  duckdb_data_chunk chunk = next(result);
  // Only what there is can fail to come: asking whether there is more, at the end, is no call that can fail in a way of its own.
  if (chunk != nullptr && strikes(Class::fetch, "fetch_chunk")) duckdb_destroy_data_chunk(&chunk);
  return chunk;
}

duckdb_state duckdb_append_data_chunk(duckdb_appender appender, duckdb_data_chunk chunk) {
  REAL(duckdb_append_data_chunk);
  return strikes(Class::statement, "append_data_chunk") ? DuckDBError : next(appender, chunk);
}

duckdb_state duckdb_appender_close(duckdb_appender appender) {
  REAL(duckdb_appender_close);
  return strikes(Class::statement, "appender_close") ? DuckDBError : next(appender);
}

duckdb_state duckdb_connect(duckdb_database database, duckdb_connection* connection) {
  REAL(duckdb_connect);
  return strikes(Class::statement, "connect") ? DuckDBError : next(database, connection);
}

}  // extern "C"

// ---- memory

void* operator new(std::size_t size) {
  if (size >= kLargeAllocation && strikes(Class::memory, "operator new")) throw std::bad_alloc();
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
