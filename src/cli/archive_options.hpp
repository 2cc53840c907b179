// The archive as a command line names it: a folder, or a place on S3.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "archive/tree.hpp"
#include "aws/s3.hpp"
#include "cli/config.hpp"
#include "mailchimp/account.hpp"

namespace chimplift {

/// --archive. Errors: usage, for a place on S3 that is none, has no region, or does not go with the other options.
Result<std::shared_ptr<Tree>> archive_of(const Values& values, const Environment& environment);

/// A place on S3 as an archive there has it, without a slash at its end. Errors: usage, where --archive refuses it.
Result<std::string> s3_archive_name(std::string_view text);

/// What is said of every bucket: --s3-kms-key and --s3-bucket-owner.
S3Settings s3_settings_of(const Values& values);

/// The DuckDB file where none is named: in the archive's folder; beside an archive on S3, in the folder where the run is.
std::filesystem::path duckdb_beside(const Values& values);

/// The names that an archive's ledgers give, so that an archive can be loaded years later with nothing beside it.
Result<std::vector<Account>> accounts_of_archive(Tree& archive);

}  // namespace chimplift
