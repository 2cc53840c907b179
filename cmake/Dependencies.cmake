# Debian's packages, and DuckDB, which Debian does not have: an installed one, or the one that ./run fetches.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(CURL REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(simdjson REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(gumbo REQUIRED IMPORTED_TARGET gumbo)

set(DUCKDB_ROOT "${PROJECT_SOURCE_DIR}/build/deps/duckdb" CACHE PATH "Folder with DuckDB's include/duckdb.h and lib/libduckdb.so")
find_path(DUCKDB_INCLUDE_DIR duckdb.h HINTS ${DUCKDB_ROOT}/include REQUIRED)
find_library(DUCKDB_LIBRARY duckdb HINTS ${DUCKDB_ROOT}/lib REQUIRED)
add_library(duckdb::duckdb SHARED IMPORTED)
set_target_properties(duckdb::duckdb PROPERTIES
  IMPORTED_LOCATION ${DUCKDB_LIBRARY} IMPORTED_NO_SONAME ON INTERFACE_INCLUDE_DIRECTORIES ${DUCKDB_INCLUDE_DIR})
# The program finds the library beside itself ($ORIGIN/../lib), wherever the folder is moved.
file(COPY ${DUCKDB_LIBRARY} DESTINATION ${PROJECT_BINARY_DIR}/lib)
