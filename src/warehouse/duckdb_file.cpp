#include "warehouse/duckdb_file.hpp"

#include <unistd.h>

#include <system_error>
#include <vector>

#include "base/files.hpp"

namespace chimplift::duck {
namespace {

namespace fs = std::filesystem;

std::vector<Option> options_for(const DuckDbSettings& settings) {
  return {
      {"memory_limit", std::to_string(settings.memory_limit_bytes) + "B"},
      {"threads", std::to_string(settings.threads)},
      {"temp_directory", settings.file.string() + ".tmp"},
      {"autoinstall_known_extensions", "false"},
      {"autoload_known_extensions", "false"},
      {"preserve_insertion_order", "false"},  // a stage's sequence column tells what came last; order would cost memory
  };
}

constexpr const char* kFresh = ".new-";  // and the process that makes it

/// Removes what killed runs left beside the file while they created it. Only for a process that has opened the file: no other can then need
/// it.
void remove_left_behind(const fs::path& file) {
  const std::string beginning = file.filename().string() + kFresh;
  std::error_code ignored;
  std::vector<fs::path> left_behind;
  fs::directory_iterator at(file.has_parent_path() ? file.parent_path() : ".", ignored);
  for (const fs::directory_iterator end; !ignored && at != end; at.increment(ignored)) {
    if (at->path().filename().string().starts_with(beginning)) left_behind.push_back(at->path());
  }
  for (const fs::path& path : left_behind) fs::remove_all(path, ignored);
}

/// Tables in memory would be loaded, verified and certified, and gone with the process.
Result<void> check_is_on_disk(const Database& database, const fs::path& named) {
  TRY_ASSIGN(const std::vector<TextRow> rows, database.query("SELECT path FROM duckdb_databases() WHERE database_name = 'warehouse'"));
  if (rows.size() == 1 && rows[0][0]) return {};
  return fail(ErrorKind::internal, "DuckDB keeps no file for " + named.string(), "Name another file with --warehouse.");
}

/// Makes an empty database beside the file and moves it into place when it is whole: a kill in the middle leaves no half file.
Result<void> create(const DuckDbSettings& settings, const fs::path& named) {
  const fs::path file = settings.file;
  const fs::path fresh = file.string() + kFresh + std::to_string(::getpid());
  std::error_code ignored;
  fs::remove(fresh, ignored);
  {
    TRY_ASSIGN(const Database database, Database::open(fresh, options_for(settings), named));
    make_private(fresh);
    TRY(database.run("CREATE SCHEMA IF NOT EXISTS mailchimp"));
    TRY(database.run("CHECKPOINT"));
  }
  make_private(fresh);
  std::error_code failed;
  // A log without its file belongs to a database that was deleted; DuckDB would apply it to the new one.
  fs::remove(file.string() + ".wal", ignored);
  // A link does not replace a file that another process made meanwhile. A rename would, and is for file systems without links.
  fs::create_hard_link(fresh, file, failed);
  if (failed && failed != std::errc::file_exists) {
    failed.clear();
    fs::rename(fresh, file, failed);
  }
  fs::remove(fresh, ignored);
  if (failed && !fs::exists(file, ignored)) {
    return fail(ErrorKind::destination, "cannot make " + named.string() + ": " + failed.message(),
                "Name a file in a folder that can be written: --warehouse duckdb:FILE");
  }
  return sync_folder(file.parent_path());
}

}  // namespace

void make_private(const fs::path& file) {
  std::error_code ignored;
  const fs::perms owner = fs::perms::owner_read | fs::perms::owner_write;
  fs::permissions(file, owner, ignored);
  fs::permissions(file.string() + ".wal", owner, ignored);
}

Result<Database> open_file(const DuckDbSettings& given) {
  std::error_code failed;
  // From the root on: ":memory:", "s3://…" and "sqlite:…" are no files to DuckDB.
  DuckDbSettings settings = given;
  settings.file = fs::absolute(given.file, failed);
  if (failed) return fail(ErrorKind::destination, "cannot find " + given.file.string() + ": " + failed.message(), "Name it from / on.");
  const fs::file_status status = fs::status(settings.file, failed);
  const bool is_empty = fs::is_regular_file(status) && fs::file_size(settings.file, failed) == 0;
  if (is_empty) fs::remove(settings.file, failed);  // DuckDB refuses an empty file; there is nothing in it to lose
  if (is_empty || !fs::exists(status)) TRY(create(settings, given.file));
  TRY_ASSIGN(Database database, Database::open(settings.file, options_for(settings), given.file));
  TRY(check_is_on_disk(database, given.file));
  make_private(settings.file);
  remove_left_behind(settings.file);
  TRY(database.run("SET TimeZone = 'UTC'"));
  TRY(database.run("SET lock_configuration = true"));
  return database;
}

}  // namespace chimplift::duck
