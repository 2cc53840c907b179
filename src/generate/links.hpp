// A view that gives each file of the archive a link: presigned by Snowflake for an archive on S3, a plain path for one in a folder. Links
// are made when they are asked for and stand in no table: a presigned one dies within the hour.
#pragma once

#include <string>
#include <string_view>

#include "generate/sql_words.hpp"
#include "warehouse/snowflake_setup.hpp"

namespace chimplift {

inline constexpr std::string_view kLinksView = "file_links";

/// Statements for an administrator. `archive` is "s3://bucket/prefix"; "" stands as a place to fill in.
std::string snowflake_links_sql(const snowflake::Setup& setup, std::string_view archive);

std::string duckdb_links_sql(const TablePlace& place);

}  // namespace chimplift
