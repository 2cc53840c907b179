#include "cli/generate.hpp"

#include <fmt/format.h>

#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/archive_options.hpp"
#include "cli/completion.hpp"
#include "cli/json_output.hpp"
#include "cli/man.hpp"
#include "cli/snowflake_options.hpp"
#include "cli/warehouse_option.hpp"
#include "generate/dbt.hpp"
#include "generate/links.hpp"
#include "generate/lookml.hpp"
#include "warehouse/duckdb_catalog.hpp"

namespace chimplift {
namespace {

int end_with_text(const Output& output, const std::string& text) {
  return end_with_result(output, output.json ? text_document(text) : text, 0);
}

int end_with_sql(const Output& output, const std::string& sql) { return end_with_result(output, output.json ? sql_document(sql) : sql, 0); }

/// Writes all files or, where one is there that somebody else wrote, none.
Result<std::string> write_all(const Values& values, const std::vector<GeneratedFile>& files) {
  if (!values.has("out")) return fail(ErrorKind::usage, "generate needs to know where the files go", "Name a folder: --out FOLDER");
  const std::filesystem::path folder = values.text("out");
  std::error_code ignored;
  for (const GeneratedFile& file : files) {
    if (!std::filesystem::exists(folder / file.path, ignored)) continue;
    TRY_ASSIGN(const std::string there, read_file(folder / file.path));
    if (there.substr(0, there.find('\n')).find(kMadeBy) == std::string::npos) {
      return fail(ErrorKind::usage,
                  fmt::format("{} was not made by chimplift generate, and is not overwritten", (folder / file.path).string()),
                  "Name another folder with --out, or move the file. Nothing was written.");
    }
  }
  for (const GeneratedFile& file : files) {
    TRY(make_folders((folder / file.path).parent_path()));
    TRY(write_file(folder / file.path, file.text));
  }
  return fmt::format("{} files in {}\n", format_count(static_cast<i64>(files.size())), folder.string());
}

int end_with_files(const Values& values, const Output& output, const std::vector<GeneratedFile>& files) {
  const Result<std::string> written = write_all(values, files);
  return written ? end_with_text(output, *written) : end_with_error(output, written.error());
}

/// Where the tables are, for SQL that others run: what --warehouse says, and Snowflake where it says nothing.
TablePlace place_of(const WarehouseOption& warehouse, const Values& values) {
  TablePlace place;
  if (warehouse.kind == WarehouseOption::Kind::duckdb) {
    place.dialect = Dialect::duckdb;
    place.database = catalog_of(warehouse.file);
    place.schema = "mailchimp";
    return place;
  }
  const std::vector<std::string>& parts = warehouse.address;
  place.database = snowflake_name(parts.size() > 1 ? parts[1] : values.text("snowflake-database"));
  place.schema = snowflake_name(parts.size() > 2                 ? parts[2]
                                : values.has("snowflake-schema") ? values.text("snowflake-schema")
                                                                 : "MAILCHIMP");
  return place;
}

int lookml_files(const Values& values, const Output& output) {
  const Result<WarehouseOption> warehouse = parse_warehouse(values.text("warehouse"), values.where("warehouse"));
  if (!warehouse) return end_with_error(output, warehouse.error());
  if (warehouse->kind == WarehouseOption::Kind::none) {
    return end_with_error(output, {ErrorKind::usage, fmt::format("LookML reads tables, and {} is none", values.where("warehouse")),
                                   "Name where they are: --warehouse duckdb:FILE, or snowflake:"});
  }
  const std::string connection = values.has("connection") ? values.text("connection") : "mailchimp";
  return end_with_files(values, output, lookml({connection, place_of(*warehouse, values)}));
}

int snowflake_links(const Values& values, const Output& output) {
  const Result<snowflake::Setup> setup = snowflake_setup_of(values);
  if (!setup) return end_with_error(output, setup.error());
  const std::string archive = values.text("archive");
  if (!archive.empty() && !archive.starts_with("s3://")) {
    return end_with_error(
        output, {ErrorKind::usage, fmt::format("{} is not an archive on S3, and Snowflake can link to no other", values.where("archive")),
                 "As in: --archive s3://my-bucket/mailchimp"});
  }
  if (archive.empty()) return end_with_sql(output, snowflake_links_sql(*setup, archive));
  const Result<std::string> name = s3_archive_name(archive);
  return name ? end_with_sql(output, snowflake_links_sql(*setup, *name)) : end_with_error(output, name.error());
}

int duckdb_links(const Values& values, const Output& output) {
  const Result<WarehouseOption> warehouse = parse_warehouse(values.text("warehouse"), values.where("warehouse"));
  if (!warehouse) return end_with_error(output, warehouse.error());
  if (warehouse->kind == WarehouseOption::Kind::absent)
    return end_with_sql(output, duckdb_links_sql({Dialect::duckdb, "mailchimp", "mailchimp"}));
  if (warehouse->kind != WarehouseOption::Kind::duckdb) {
    return end_with_error(output,
                          {ErrorKind::usage, fmt::format("these links are in a DuckDB file, and {} is none", values.where("warehouse")),
                           "Name the file: --warehouse duckdb:FILE. For Snowflake: chimplift generate snowflake-links"});
  }
  return end_with_sql(output, duckdb_links_sql(place_of(*warehouse, values)));
}

int snowflake_setup(const Values& values, const Output& output) {
  const Result<snowflake::Setup> setup = snowflake_setup_of(values);
  return setup ? end_with_sql(output, setup_sql(*setup)) : end_with_error(output, setup.error());
}

}  // namespace

int run_generate(const CommandLine& line, const Values& values, const Output& output) {
  if (line.topic == "completion") return end_with_text(output, completion_for(line.choice));
  if (line.topic == "man") return end_with_text(output, man_page());
  if (line.topic == "lookml") return lookml_files(values, output);
  if (line.topic == "dbt") return end_with_files(values, output, dbt_project());
  if (line.topic == "snowflake-links") return snowflake_links(values, output);
  if (line.topic == "duckdb-links") return duckdb_links(values, output);
  return snowflake_setup(values, output);
}

}  // namespace chimplift
