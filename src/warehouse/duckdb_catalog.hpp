// What a DuckDB shell calls a file that it is given.
#pragma once

#include <filesystem>
#include <string>

namespace chimplift {

/// The catalog: mailchimp of mailchimp.2024.duckdb, main_db of main.duckdb. To be quoted: it may be a word that SQL has reserved.
std::string catalog_of(const std::filesystem::path& file);

}  // namespace chimplift
