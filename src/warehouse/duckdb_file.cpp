#include "warehouse/duckdb_file.hpp"

#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/file_presence.hpp"
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

constexpr std::string_view kFresh = ".new-";  // and the process that makes it

/// True for what create() makes beside the file of that name, and DuckDB beside that. Whatever else has a name that begins so, a copy of
/// somebody's say, is not ours.
bool is_fresh(std::string_view name, const std::string& file) {
  if (!name.starts_with(file)) return false;
  name.remove_prefix(file.size());
  if (!name.starts_with(kFresh)) return false;
  name.remove_prefix(kFresh.size());
  const std::size_t digits = std::min(name.find_first_not_of("0123456789"), name.size());
  constexpr std::size_t kMostDigits = 7;  // a process has no higher number than 4194304: what has more is a date
  if (digits == 0 || digits > kMostDigits) return false;
  name.remove_prefix(digits);
  return name.empty() || name == ".wal" || name == ".wal.checkpoint" || name == ".wal.recovery";
}

/// Removes what killed runs left beside the file while they created it. Only for a process that has opened the file: no other can then need
/// it.
void remove_left_behind(const fs::path& file) {
  const std::string name = file.filename().string();
  std::error_code ignored;
  std::vector<fs::path> left_behind;
  fs::directory_iterator at(file.has_parent_path() ? file.parent_path() : ".", ignored);
  for (const fs::directory_iterator end; !ignored && at != end; at.increment(ignored)) {
    if (is_fresh(at->path().filename().string(), name) && at->symlink_status(ignored).type() == fs::file_type::regular)
      left_behind.push_back(at->path());
  }
  for (const fs::path& path : left_behind) fs::remove(path, ignored);
}

/// Tables in memory would be loaded, verified and certified, and gone with the process.
Result<void> check_is_on_disk(const Database& database, const fs::path& named) {
  TRY_ASSIGN(const std::vector<TextRow> rows, database.query("SELECT path FROM duckdb_databases() WHERE database_name = 'warehouse'"));
  if (rows.size() == 1 && rows[0][0]) return {};
  return fail(ErrorKind::internal, "DuckDB keeps no file for " + named.string(), "Name another file with --warehouse.");
}

void remove_database(const fs::path& file) {
  std::error_code ignored;
  fs::remove(file, ignored);
  fs::remove(file.string() + ".wal", ignored);
}

/// Makes an empty database beside the file, under a name of this process's. Where that fails, nothing of it is left.
Result<fs::path> make_fresh(const DuckDbSettings& settings, const fs::path& named) {
  const fs::path fresh = settings.file.string() + std::string(kFresh) + std::to_string(::getpid());
  remove_database(fresh);
  const auto make = [&]() -> Result<void> {
    TRY_ASSIGN(const Database database, Database::open(fresh, options_for(settings), named));
    make_private(fresh);
    TRY(database.run("CREATE SCHEMA IF NOT EXISTS mailchimp"));
    return database.run("CHECKPOINT");
  };
  if (const Result<void> made = make(); !made) {
    remove_database(fresh);
    return tl::unexpected(made.error());
  }
  return fresh;
}

/// Makes an empty database beside the file and moves it into place when it is whole: a kill in the middle leaves no half file.
Result<void> create(const DuckDbSettings& settings, const fs::path& named) {
  const fs::path file = settings.file;
  TRY_ASSIGN(const fs::path fresh, make_fresh(settings, named));
  std::error_code ignored;
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

struct Target {
  DuckDbSettings settings;  // with the file's path from the root on: ":memory:", "s3://…" and "sqlite:…" are no files to DuckDB
  bool is_empty = false;
  bool is_there = false;  // and not empty
};

Result<Target> look_at(const DuckDbSettings& given) {
  constexpr const char* kAdvice = "Name a file that can be written, in a folder that can be written: --warehouse duckdb:FILE";
  std::error_code failed;
  Target target{given};
  fs::path& file = target.settings.file;
  file = fs::absolute(given.file, failed);
  if (failed) return fail(ErrorKind::destination, "cannot find " + given.file.string() + ": " + failed.message(), "Name it from / on.");
  const Result<bool> is_there = is_file_there(file);
  if (!is_there) return fail(is_there.error().kind, is_there.error().message, kAdvice);
  target.is_empty = *is_there && fs::is_regular_file(file, failed) && fs::file_size(file, failed) == 0;
  target.is_there = *is_there && !target.is_empty;
  return target;
}

}  // namespace

void make_private(const fs::path& file) {
  std::error_code ignored;
  const fs::perms owner = fs::perms::owner_read | fs::perms::owner_write;
  fs::permissions(file, owner, ignored);
  fs::permissions(file.string() + ".wal", owner, ignored);
}

Result<Database> open_file(const DuckDbSettings& given) {
  TRY_ASSIGN(const Target target, look_at(given));
  const DuckDbSettings& settings = target.settings;
  std::error_code ignored;
  if (target.is_empty) fs::remove(settings.file, ignored);  // DuckDB refuses an empty file; there is nothing in it to lose
  if (!target.is_there) TRY(create(settings, given.file));
  TRY_ASSIGN(Database database, Database::open(settings.file, options_for(settings), given.file));
  TRY(check_is_on_disk(database, given.file));
  make_private(settings.file);
  remove_left_behind(settings.file);
  TRY(database.run("SET TimeZone = 'UTC'"));
  // A file that could not be written while it is closed is an error that nobody hears of, behind a run that said that all is well. It may
  // even be unreadable then: blocks are written over where they lie.
  TRY(database.run("PRAGMA disable_checkpoint_on_shutdown"));
  TRY(database.run("SET lock_configuration = true"));
  return database;
}

Result<void> try_file(const DuckDbSettings& given) {
  TRY_ASSIGN(Target target, look_at(given));
  if (!target.is_there) {
    const Result<fs::path> fresh = make_fresh(target.settings, given.file);
    if (fresh) {
      remove_database(*fresh);
      return {};
    }
    // A run that has made the file meanwhile takes what lies beside it for left behind.
    TRY_ASSIGN(target, look_at(given));
    if (!target.is_there) return tl::unexpected(fresh.error());
  }
  TRY(open_file(given));
  return {};
}

}  // namespace chimplift::duck
