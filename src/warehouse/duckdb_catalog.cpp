#include "warehouse/duckdb_catalog.hpp"

namespace chimplift {
namespace {

/// What stands before the first of the separators, but for those in front; all of it where there is nothing else.
std::string first_part(const std::string& text, char separator) {
  const std::size_t begin = text.find_first_not_of(separator);
  if (begin == std::string::npos) return text;
  return text.substr(begin, text.find(separator, begin) - begin);
}

}  // namespace

// As DuckDB 1.5.5 does it; tests/warehouse/duckdb_catalog_test.cpp asks it.
std::string catalog_of(const std::filesystem::path& file) {
  const std::string name = first_part(first_part(file.filename().string(), '.'), '?');
  const bool is_taken = name == "main" || name == "temp" || name == "system";
  return is_taken ? name + "_db" : name;
}

}  // namespace chimplift
