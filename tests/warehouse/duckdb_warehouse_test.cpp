#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "base/files.hpp"
#include "rows/decode.hpp"
#include "warehouse/duckdb_harness.hpp"

namespace chimplift {
namespace {

using testing::HasSubstr;

unsigned mode_of(const std::filesystem::path& file) {
  struct stat status{};
  return ::stat(file.c_str(), &status) == 0 ? status.st_mode & 0777U : 0U;
}

/// Runs `work` in a child process; its exit code, or minus the signal that ended it.
template <typename F>
pid_t in_child(F work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work());
  return child;
}

int wait_for(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST(DuckDb, TheFileIsTheOwnersAlone) {
  const DuckDbHarness harness;
  const mode_t before = ::umask(0);
  {
    auto warehouse = open_duckdb({harness.file(), 500'000'000, 1});
    ASSERT_TRUE(warehouse) << warehouse.error().message;
    std::vector<Table> tables{members_table()};
    ASSERT_TRUE((*warehouse)->prepare(tables));
    ASSERT_TRUE((*warehouse)->commit({}));
    EXPECT_EQ(mode_of(harness.file()), 0600U);
    EXPECT_EQ(mode_of(harness.file().string() + ".wal"), 0600U);
  }
  ::umask(before);
  EXPECT_EQ(mode_of(harness.file()), 0600U);
}

TEST(DuckDb, AFileInUseIsBusy) {
  const DuckDbHarness harness;
  int ready[2];
  int done[2];
  ASSERT_EQ(::pipe(ready) + ::pipe(done), 0);
  char byte = 0;
  const pid_t child = in_child([&] {
    auto warehouse = open_duckdb({harness.file(), 500'000'000, 1});
    if (::write(ready[1], "x", 1) != 1) return 1;
    return ::read(done[0], &byte, 1) == 1 && warehouse ? 0 : 1;
  });
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  const auto second = open_duckdb({harness.file(), 500'000'000, 1});
  EXPECT_EQ(::write(done[1], "x", 1), 1);
  EXPECT_EQ(wait_for(child), 0);
  for (const int each : {ready[0], ready[1], done[0], done[1]}) ::close(each);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::busy);
  EXPECT_THAT(second.error().message, HasSubstr(harness.file().string()));
  EXPECT_TRUE(open_duckdb({harness.file(), 500'000'000, 1}));
}

TEST(DuckDb, AFileThatIsNotDuckDbsIsRefusedAndLeftAlone) {
  const DuckDbHarness harness;
  std::ofstream(harness.file()) << std::string(20'000, 'x');
  const auto opened = open_duckdb({harness.file(), 500'000'000, 1});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::destination);
  EXPECT_THAT(opened.error().message, HasSubstr("not a DuckDB file"));
  EXPECT_EQ(std::filesystem::file_size(harness.file()), 20'000U);
}

std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// By these names DuckDB read them into a database in memory, and whatever was loaded into it went with the program.
TEST(DuckDb, AFileOfAnotherKindIsRefusedByWhateverNameAndLeftAlone) {
  const DuckDbHarness harness;
  const std::string gzip("\x1F\x8B\x08\0\0\0\0\0\0\x03\xABV\xAA\x05\0", 13);
  const std::pair<std::string, std::string> files[] = {
      {"data.json", "[{\"a\": 1}]\n"}, {"data.ndjson", "{\"a\": 1}\n"}, {"data.jsonl", "{\"a\": 1}\n"},
      {"data.csv", "a,b\n1,2\n"},      {"data.tsv", "a\tb\n1\t2\n"},    {"data.parquet", "PAR1....PAR1"},
      {"data.json.gz", gzip},          {"data.csv.gz", gzip},           {"data.sqlite", std::string("SQLite format 3\0", 16) + "page"}};
  for (const auto& [name, content] : files) {
    const std::filesystem::path file = harness.file().parent_path() / name;
    std::ofstream(file, std::ios::binary) << content;
    const auto opened = open_duckdb({file, 500'000'000, 1});
    ASSERT_FALSE(opened) << name;
    EXPECT_EQ(opened.error().kind, ErrorKind::destination) << name;
    EXPECT_THAT(opened.error().message, HasSubstr("not a DuckDB file")) << name;
    EXPECT_NE(opened.error().advice, "") << name;
    EXPECT_EQ(content_of(file), content) << name;
  }
}

/// What DuckDB takes for something else than a file is one all the same.
TEST(DuckDb, TablesAreInAFileWhateverItsName) {
  const DuckDbHarness harness;
  const std::filesystem::path folder = harness.file().parent_path();
  std::filesystem::create_directories(folder / "s3:" / "bucket");
  for (const char* name : {":memory:", ":memory:x", "data.json", "data.parquet", "sqlite:x", "md:x", "s3://bucket/x.duckdb", "a'b"}) {
    const pid_t child = in_child([&] {
      std::filesystem::current_path(folder);
      std::vector<Table> tables{members_table()};
      const auto warehouse = open_duckdb({name, 500'000'000, 1});
      return warehouse && (*warehouse)->prepare(tables) && (*warehouse)->commit({}) ? 0 : 1;
    });
    EXPECT_EQ(wait_for(child), 0) << name;
    const auto again = duck::Database::open(folder / name, {});
    ASSERT_TRUE(again) << name << ": " << again.error().message;
    EXPECT_TRUE(again->run("FROM mailchimp.list_members")) << name;
  }
}

TEST(DuckDb, AnEmptyFileIsTakenAsNew) {
  const DuckDbHarness harness;
  std::ofstream(harness.file()).flush();
  std::ofstream(harness.file().string() + ".wal") << "left over";
  EXPECT_TRUE(open_duckdb({harness.file(), 500'000'000, 1}));
}

/// What killed runs left beside it while they made it goes; a user's own copies and folders do not, whatever their names begin with.
TEST(DuckDb, OnlyWhatThisProgramMakesBesideItsFileIsRemoved) {
  const DuckDbHarness harness;
  const auto beside = [&harness](const std::string& ending) { return std::filesystem::path(harness.file().string() + ending); };
  const std::vector<std::string> users = {".new-",          ".new-customers",  ".new-2024-copy", ".new-20240131",
                                          ".new-12.wal.gz", ".new-12.parquet", ".new-x12",       ".newest"};
  const std::vector<std::string> ours = {".new-4194303", ".new-12.wal", ".new-12.wal.checkpoint", ".new-12.wal.recovery"};
  for (const std::string& ending : users) std::ofstream(beside(ending)) << "a user's";
  for (const std::string& ending : ours) std::ofstream(beside(ending)) << "left behind";
  for (const char* folder : {".new-backups", ".new-77", ".new-78.tmp"}) {
    std::filesystem::create_directory(beside(folder));
    std::ofstream(beside(folder) / "copy.parquet") << "a user's";
  }
  ASSERT_TRUE(open_duckdb({harness.file(), 500'000'000, 1}));
  for (const std::string& ending : users) EXPECT_TRUE(std::filesystem::exists(beside(ending))) << ending;
  for (const std::string& ending : ours) EXPECT_FALSE(std::filesystem::exists(beside(ending))) << ending;
  for (const char* folder : {".new-backups", ".new-77", ".new-78.tmp"}) {
    EXPECT_TRUE(std::filesystem::exists(beside(folder) / "copy.parquet")) << folder;
  }
}

TEST(DuckDb, ATrialLeavesAFileThatIsThereAndMakesNone) {
  const DuckDbHarness harness;
  const std::filesystem::path folder = harness.file().parent_path();
  const DuckDbSettings settings{harness.file(), 500'000'000, 1};
  EXPECT_TRUE(try_duckdb(settings));
  EXPECT_TRUE(std::filesystem::is_empty(folder));
  std::ofstream(harness.file()).flush();
  EXPECT_TRUE(try_duckdb(settings));
  EXPECT_EQ(std::filesystem::file_size(harness.file()), 0U);
  ASSERT_TRUE(open_duckdb(settings));
  const std::string before = content_of(harness.file());
  EXPECT_TRUE(try_duckdb(settings));
  EXPECT_EQ(content_of(harness.file()), before);
  std::ofstream(harness.file()) << std::string(20'000, 'x');
  EXPECT_FALSE(try_duckdb(settings));
  EXPECT_EQ(std::filesystem::file_size(harness.file()), 20'000U);
  EXPECT_FALSE(try_duckdb({folder / "no such folder" / "x.duckdb", 500'000'000, 1}));
}

TEST(DuckDb, AFolderThatIsNotThereIsADestinationError) {
  const auto opened = open_duckdb({"/nonexistent/folder/x.duckdb", 500'000'000, 1});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::destination);
  EXPECT_THAT(opened.error().message, HasSubstr("\"/nonexistent/folder/x.duckdb\": No such file"));  // and not the one it is made as
  EXPECT_THAT(opened.error().advice, HasSubstr("--warehouse duckdb:FILE"));
}

TEST(DuckDb, AFolderIsNoFile) {
  const DuckDbHarness harness;
  std::filesystem::create_directories(harness.file());
  const auto opened = open_duckdb({harness.file(), 500'000'000, 1});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::destination);
  EXPECT_THAT(opened.error().message, HasSubstr("Is a directory"));
  EXPECT_THAT(opened.error().advice, HasSubstr("--warehouse duckdb:FILE"));
}

/// The words that errors are told apart by may stand in the name, which DuckDB says from the root on and without links.
TEST(DuckDb, TheNameOfAFileSaysNothingOfWhatIsWrong) {
  const DuckDbHarness harness;
  const std::filesystem::path folder = harness.file().parent_path();
  for (const char* name : {"corrupted-2024", "No space left", "Out of Memory Error", "a \"disk quota\" Could not set lock"}) {
    std::filesystem::create_directories(folder / name / "x.duckdb");
    std::filesystem::remove(folder / "link");
    std::filesystem::create_directory_symlink(folder / name, folder / "link");
    for (const std::filesystem::path& file : {folder / name / "x.duckdb", folder / "link" / "x.duckdb"}) {
      const auto opened = open_duckdb({file, 500'000'000, 1});
      ASSERT_FALSE(opened);
      EXPECT_EQ(opened.error().kind, ErrorKind::destination) << file;
      EXPECT_THAT(opened.error().message, testing::StartsWith("DuckDB cannot use " + file.string() + ": "));
      EXPECT_THAT(opened.error().message, HasSubstr("\"" + file.string() + "\": Is a directory"));
    }
  }
}

TEST(DuckDb, ADamagedFileIsAnErrorNotACrash) {
  const DuckDbHarness harness;
  {
    auto warehouse = open_duckdb({harness.file(), 500'000'000, 1});
    std::vector<Table> tables{members_table()};
    ASSERT_TRUE((*warehouse)->prepare(tables));
  }
  std::filesystem::resize_file(harness.file(), 5'000);
  const pid_t child = in_child([&] {
    auto warehouse = open_duckdb({harness.file(), 500'000'000, 1});
    if (!warehouse) return warehouse.error().kind == ErrorKind::destination ? 0 : 1;
    std::vector<Table> tables{members_table()};
    return (*warehouse)->prepare(tables) ? 2 : 0;
  });
  EXPECT_EQ(wait_for(child), 0);
}

TEST(DuckDb, AFullDiskIsADestinationErrorAndNothingIsTorn) {
  DuckDbHarness harness;
  std::vector<Table> tables{members_table()};
  ASSERT_TRUE((*open_duckdb({harness.file(), 500'000'000, 1}))->prepare(tables));
  const pid_t child = in_child([&] {
    // A limit on the size of files stands in for the disk: the signal ignored, writes fail.
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{2'000'000, 2'000'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    auto warehouse = open_duckdb({harness.file(), 500'000'000, 1});
    if (!warehouse || !(*warehouse)->prepare(tables)) return 1;
    std::vector<Row> rows;
    for (i64 i = 0; i < 50'000; ++i)
      rows.push_back(member("shop", "L", i, std::to_string(i * 7'919) + std::string(150, static_cast<char>('a' + i % 26))));
    if (!(*warehouse)->append(tables[0], rows)) return 2;
    const std::vector<Checkpoint> checkpoints{{"archive", "shop", "list_members", 1, 50'000, 0}};
    const auto committed = (*warehouse)->commit(checkpoints);
    if (committed) return 3;
    return committed.error().kind == ErrorKind::destination && !committed.error().advice.empty() ? 0 : 4;
  });
  EXPECT_EQ(wait_for(child), 0);
  EXPECT_EQ(harness.query("SELECT count(*) FROM mailchimp.list_members"), (std::vector<std::vector<std::string>>{{"0"}}));
  EXPECT_EQ(harness.query("SELECT count(*) FROM chimplift.checkpoints"), (std::vector<std::vector<std::string>>{{"0"}}));
}

/// Rows enough for blocks of their own in the file.
void load_many(Warehouse& warehouse, std::vector<Table>& tables) {
  ASSERT_TRUE(warehouse.prepare(tables));
  std::vector<Row> rows;
  for (i64 i = 0; i < 5'000; ++i) rows.push_back(member("shop", "L", i, "a reader"));
  ASSERT_TRUE(warehouse.append(tables[0], rows));
  ASSERT_TRUE(warehouse.commit({}));
}

// Nobody hears of an error in closing: a file that DuckDB could not write then would stand behind a run that says that all is well.
TEST(DuckDb, WhatIsFlushedNeedsNothingOfItsClosing) {
  DuckDbHarness harness;
  auto warehouse = *harness.open();
  std::vector<Table> tables{members_table()};
  load_many(*warehouse, tables);
  ASSERT_TRUE(warehouse->flush());
  std::filesystem::remove(harness.file().string() + ".wal");
  const std::string flushed = *read_file(harness.file());
  warehouse.reset();
  EXPECT_EQ(*read_file(harness.file()), flushed);
  EXPECT_EQ(harness.query("SELECT count(*) FROM mailchimp.list_members"), (std::vector<std::vector<std::string>>{{"5000"}}));
}

TEST(DuckDb, ClosingChangesNoByteOfTheFile) {
  DuckDbHarness harness;
  auto warehouse = *harness.open();
  std::vector<Table> tables{members_table()};
  load_many(*warehouse, tables);
  const std::string committed = *read_file(harness.file());
  warehouse.reset();
  EXPECT_EQ(*read_file(harness.file()), committed);
  EXPECT_EQ(harness.query("SELECT count(*) FROM mailchimp.list_members"), (std::vector<std::vector<std::string>>{{"5000"}}));
}

TEST(DuckDb, WhatCannotBeFlushedIsAnError) {
  DuckDbHarness harness;
  const pid_t child = in_child([&] {
    auto warehouse = *harness.open();
    std::vector<Table> tables{members_table()};
    load_many(*warehouse, tables);
    ::signal(SIGXFSZ, SIG_IGN);
    const std::uintmax_t size = std::filesystem::file_size(harness.file());
    const rlimit limit{size, size};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const Result<void> flushed = warehouse->flush();
    if (flushed) return 1;
    return flushed.error().kind == ErrorKind::destination && !flushed.error().advice.empty() ? 0 : 2;
  });
  EXPECT_EQ(wait_for(child), 0);
}

TEST(DuckDb, CheckpointsOfAVersionThatKeptLessAreReadAndGetIt) {
  DuckDbHarness harness;
  std::vector<Table> tables{members_table()};
  const auto open = [&] {
    auto warehouse = *harness.open();
    EXPECT_TRUE(warehouse->prepare(tables));
    return warehouse;
  };
  EXPECT_TRUE(open()->commit(std::vector<Checkpoint>{{"archive", "shop", "list_members", 3, 100, 1}}));
  EXPECT_TRUE(
      duck::Database::open(harness.file(), {})
          ->run("ALTER TABLE chimplift.checkpoints DROP COLUMN last_page_sha256; ALTER TABLE chimplift.checkpoints DROP COLUMN mapping"));
  const auto warehouse = open();
  const Checkpoint old = warehouse->checkpoints("archive", "shop")->at("list_members");
  EXPECT_EQ(old.last_page, 3);
  EXPECT_EQ(old.last_page_sha256, "");
  EXPECT_EQ(old.mapping, "");
  EXPECT_TRUE(warehouse->commit(std::vector<Checkpoint>{{"archive", "shop", "list_members", 4, 120, 2, "5e1f", "a1"}}));
  const Checkpoint stored = warehouse->checkpoints("archive", "shop")->at("list_members");
  EXPECT_EQ(stored.last_page_sha256, "5e1f");
  EXPECT_EQ(stored.mapping, "a1");
}

TEST(DuckDb, ChangesOfACommitThatFailedAreNotCounted) {
  DuckDbHarness harness;
  std::vector<Table> tables{members_table()};
  {
    const auto warehouse = *harness.open();
    ASSERT_TRUE(warehouse->prepare(tables));
    ASSERT_TRUE(warehouse->append(tables[0], std::vector<Row>{member("shop", "L", i64{1}, "a")}));
    ASSERT_TRUE(warehouse->commit({}));
  }
  // What fails is the last step before COMMIT.
  ASSERT_TRUE(duck::Database::open(harness.file(), {})
                  ->run("DROP TABLE chimplift.checkpoints; CREATE TABLE chimplift.checkpoints (archive_id VARCHAR, account_name VARCHAR, "
                        "table_name VARCHAR, last_page BIGINT CHECK (last_page < 10), \"rows\" BIGINT, misfits BIGINT, "
                        "last_page_sha256 VARCHAR, mapping VARCHAR)"));
  const auto warehouse = *harness.open();
  ASSERT_TRUE(warehouse->prepare(tables));
  for (const i64 last_page : {i64{10}, i64{9}}) {
    ASSERT_TRUE(warehouse->append(tables[0], std::vector<Row>{member("shop", "L", i64{1}, "changed"), member("shop", "L", i64{2}, "new")}));
    const Result<void> committed = warehouse->commit(std::vector<Checkpoint>{{"archive", "shop", "list_members", last_page, 2, 0}});
    EXPECT_EQ(committed.has_value(), last_page < 10);
    if (!committed) {
      EXPECT_TRUE(warehouse->changes("shop").empty());
      EXPECT_TRUE(warehouse->rollback());
    }
  }
  const ChangesByTable changes = warehouse->changes("shop");
  EXPECT_EQ(changes.at("list_members").added, 1);
  EXPECT_EQ(changes.at("list_members").changed, 1);
}

/// Names and values at the edge of what JSON, the rows and DuckDB each take for one and the same.
TEST(DuckDb, WhateverDecodingMakesCanBeLoadedAndRead) {
  DuckDbHarness harness;
  const std::string body =
      R"({"items":[{"id":1,"Email":"a","email":"b","É":1,"é":2,"":3,"c\u0000d":4,"rowid":5,"q\"q":6,"sequence":7,"o":{"s":"\ud800 \u0000","n":[1e400]}},)"
      R"({"id":"odd","o":"","email":["x"]},{"id":12345678901234567890,"o":-0},{"id":"odd","o":[{}]}]})";
  std::vector<Table> tables{members_table()};
  {
    auto warehouse = *open_duckdb({harness.file(), 500'000'000, 2});
    ASSERT_TRUE(warehouse->prepare(tables));
    const auto page = decode_page(body, "items", {"shop", 0, {"L"}}, tables[0]);
    ASSERT_TRUE(page) << page.error().message;
    ASSERT_TRUE(warehouse->append(tables[0], page->rows));
    const auto committed = warehouse->commit({});
    ASSERT_TRUE(committed) << committed.error().message;
    ASSERT_TRUE(warehouse->compare_begin(tables[0]));
    ASSERT_TRUE(warehouse->compare_append(tables[0], page->rows));
    EXPECT_THAT(*warehouse->compare_finish(tables[0]), testing::ElementsAre(KeyCount{{"L"}, 3, 3}));
  }
  EXPECT_EQ(
      harness.query("SELECT id, id__text, json_extract_string(o, '$.s'), json_array_length(o) FROM mailchimp.list_members"),
      (std::vector<std::vector<std::string>>{
          {"1", "NULL", std::string("\uFFFD \0", 5), "0"}, {"NULL", "12345678901234567890", "NULL", "0"}, {"NULL", "odd", "NULL", "1"}}));
}

/// Commits batches of 500 rows, 100 of them upserts, each with its checkpoint and every tenth with a new column, until it is killed.
int load_for_ever(const std::filesystem::path& file) {
  auto warehouse = open_duckdb({file, 500'000'000, 1});
  if (!warehouse) return 1;
  std::vector<Table> tables{members_table()};
  if (!(*warehouse)->prepare(tables)) return 2;
  const auto found = (*warehouse)->checkpoints("archive", "shop");
  if (!found) return 3;
  for (i64 page = found->contains("list_members") ? found->at("list_members").last_page : 0;; ++page) {
    if (page % 10 == 9) tables[0].columns.push_back({"column " + std::to_string(tables[0].columns.size()), ColumnType::text});
    std::vector<Row> rows;
    for (i64 i = 0; i < 500; ++i) rows.push_back(member("shop", "L", page * 400 + i, std::to_string(page)));
    if (!(*warehouse)->append(tables[0], rows)) return 4;
    const std::vector<Checkpoint> checkpoints{{"archive", "shop", "list_members", page + 1, (page + 1) * 500, 0}};
    if (!(*warehouse)->commit(checkpoints)) return 5;
  }
}

TEST(DuckDb, KilledAtAnyMomentRowsAndCheckpointAgree) {
  const DuckDbHarness harness;
  i64 last = 0;
  for (int round = 0; round < 12 || last <= 10; ++round) {  // on a slow machine more of them, each a little longer
    const pid_t child = in_child([&] { return load_for_ever(harness.file()); });
    std::this_thread::sleep_for(std::chrono::milliseconds(30 + 37 * round));
    ::kill(child, SIGKILL);
    ASSERT_EQ(wait_for(child), -SIGKILL);
    auto warehouse = open_duckdb({harness.file(), 500'000'000, 1});
    ASSERT_TRUE(warehouse) << warehouse.error().message;
    std::vector<Table> tables{members_table()};
    const auto prepared = (*warehouse)->prepare(tables);
    ASSERT_TRUE(prepared) << prepared.error().message;
    const auto found = *(*warehouse)->checkpoints("archive", "shop");
    const i64 pages = found.contains("list_members") ? found.at("list_members").last_page : 0;
    EXPECT_EQ(*(*warehouse)->count_rows(tables[0], "shop"), pages == 0 ? 0 : pages * 400 + 100);
    EXPECT_GE(pages, last);
    last = pages;
  }
}

}  // namespace
}  // namespace chimplift
