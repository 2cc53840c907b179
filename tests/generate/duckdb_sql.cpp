// For tests in Python, which Debian gives no DuckDB: runs statements on a file. usage: duckdb-sql FILE < JSON list of statements
// Prints a JSON list: of each statement its rows, all values as text (cast them in the statement), or {"error": …}.
#include <nlohmann/json.hpp>

#include <iostream>
#include <string>

#include "warehouse/duckdb_raii.hpp"

int main(int argc, char** argv) {
  // What looks like an option is none, and would become the name of a new file.
  if (argc != 2 || argv[1][0] == '-') {
    std::cerr << "usage: duckdb-sql FILE < JSON list of statements\n";
    return 2;
  }
  // Attached, so that its catalog has the file's name, as in DuckDB's own shell.
  const auto database = chimplift::duck::Database::open(":memory:", {});
  const auto attached = database ? database->run("ATTACH '" + std::string(argv[1]) + "'") : tl::unexpected(database.error());
  if (!attached) {
    std::cerr << attached.error().message << "\n";
    return 1;
  }
  nlohmann::json answers = nlohmann::json::array();
  for (const auto& statement : nlohmann::json::parse(std::cin)) {
    const auto rows = database->query(statement.get<std::string>());
    if (!rows) {
      answers.push_back({{"error", rows.error().message}});
      continue;
    }
    nlohmann::json list = nlohmann::json::array();
    for (const auto& row : *rows) {
      nlohmann::json values = nlohmann::json::array();
      for (const auto& value : row) values.push_back(value ? nlohmann::json(*value) : nlohmann::json(nullptr));
      list.push_back(values);
    }
    answers.push_back(list);
  }
  std::cout << answers.dump() << "\n";
}
