// What DuckDB itself calls the catalog of a file.
#include "warehouse/duckdb_catalog.hpp"

#include "warehouse/duckdb_harness.hpp"

namespace chimplift {
namespace {

/// As a shell opens it, which is not how the program does.
std::string asked(const std::filesystem::path& file) {
  duckdb_database database = nullptr;
  duckdb_connection connection = nullptr;
  duckdb_result result{};
  std::string name = "cannot be opened";
  if (duckdb_open(file.c_str(), &database) == DuckDBSuccess && duckdb_connect(database, &connection) == DuckDBSuccess &&
      duckdb_query(connection, "SELECT current_database()", &result) == DuckDBSuccess) {
    duckdb_data_chunk chunk = duckdb_fetch_chunk(result);
    auto* text = static_cast<duckdb_string_t*>(duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0)));
    name.assign(duckdb_string_t_data(text), duckdb_string_t_length(*text));
    duckdb_destroy_data_chunk(&chunk);
  }
  duckdb_destroy_result(&result);
  duckdb_disconnect(&connection);
  duckdb_close(&database);
  return name;
}

TEST(DuckDbCatalog, IsWhatDuckDbCallsIt) {
  const DuckDbHarness harness;
  for (const char* name : {"mailchimp.duckdb",
                           "mailchimp.2024.duckdb",
                           "all.duckdb",
                           "main.duckdb",
                           "temp.2.db",
                           "system",
                           "Main.duckdb",
                           "my-brand.duckdb",
                           ".duckdb",
                           "..x.duckdb",
                           "...",
                           "x..",
                           "no-ending",
                           "a b.duckdb",
                           "a\"b.duckdb",
                           "a\\b.duckdb",
                           "x:y.duckdb",
                           "Fête.duckdb",
                           "a?b.duckdb",
                           "?b.duckdb",
                           "?.duckdb",
                           ".?x.db",
                           "a.b?c.db",
                           "memory.duckdb",
                           "warehouse.duckdb",
                           "1.duckdb"}) {
    EXPECT_EQ(catalog_of(std::filesystem::path("folder.of.it") / name), asked(harness.file().parent_path() / name)) << name;
  }
  EXPECT_EQ(catalog_of("mailchimp.2024.duckdb"), "mailchimp");
  EXPECT_EQ(catalog_of("main.duckdb"), "main_db");
}

}  // namespace
}  // namespace chimplift
