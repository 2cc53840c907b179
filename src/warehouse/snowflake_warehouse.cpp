#include "warehouse/snowflake_warehouse.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <set>

#include "base/log.hpp"
#include "warehouse/overwritten.hpp"
#include "warehouse/seen_checkpoints.hpp"
#include "warehouse/snowflake_client.hpp"
#include "warehouse/snowflake_files.hpp"
#include "warehouse/snowflake_leftovers.hpp"

namespace chimplift {
namespace {

using snowflake::BatchFiles;
using snowflake::Client;
using snowflake::Listing;
using snowflake::ResultSet;

constexpr std::size_t kStatementsOfOneRequest = 50;  // of DDL, so that one request stays far below a megabyte
constexpr std::size_t kFilesOfOneCopy = 1'000;       // the most that FILES = (…) takes
constexpr i64 kMostStagedRows = 5'000'000;           // then the staging table is made anew
constexpr i64 kLastPatienceMillis = 10'000;          // for clearing away at the end

class SnowflakeWarehouse final : public Warehouse {
 public:
  SnowflakeWarehouse(SnowflakeSettings settings, std::shared_ptr<StageFiles> files, std::unique_ptr<Client> client)
      : settings_(std::move(settings)),
        place_(settings_.place),
        files_(std::move(files)),
        client_(std::move(client)),
        run_(snowflake::name_of_run(settings_.owner)),
        stage_table_(snowflake::stage_table_of(run_)),
        batch_files_(*files_, run_),
        compared_files_(*files_, run_) {}

  /// Not well done is no harm: the next run clears away what is left.
  ~SnowflakeWarehouse() override {
    const auto unless_it_throws = [](const auto& work) {
      try {
        work();
      } catch (const std::exception& problem) {
        log_exception("What was staged in Snowflake could not be cleared away.", problem);
      } catch (...) {  // the same
      }
    };
    unless_it_throws([this] { static_cast<void>(batch_files_.remove()); });
    unless_it_throws([this] { static_cast<void>(compared_files_.remove()); });
    if (has_stage_table_) unless_it_throws([this] { drop_stage_table(); });
  }
  SnowflakeWarehouse(const SnowflakeWarehouse&) = delete;
  SnowflakeWarehouse& operator=(const SnowflakeWarehouse&) = delete;

  /// Every statement costs seconds and money.
  [[nodiscard]] BatchSize batch_size() const override { return {.rows = 1'000'000, .bytes = 512'000'000}; }

  Result<void> prepare(std::vector<Table>& tables) override {
    TRY_ASSIGN(const Listing there, read_columns());
    TRY(clear_away(there.stage_tables));
    std::vector<std::string> ddl;
    if (there.columns.empty() && there.stage_tables.empty()) {
      // Asked first, because a role that may not make schemas may have been given an empty one.
      TRY_ASSIGN(const ResultSet schema, client_->run({.sql = snowflake::find_schema(place_), .binds = {place_.schema}}));
      if (schema.rows.empty()) ddl.push_back(snowflake::create_schema(place_));
    }
    Table checkpoints = snowflake::checkpoints_table();
    TRY(prepare_table(checkpoints, ddl));
    for (Table& table : tables) TRY(prepare_table(table, ddl));
    if (ddl.empty()) return {};
    TRY(run_ddl(ddl));
    // Another run may have made the same at the same moment, with other types: what is there now counts.
    TRY(read_columns());
    std::vector<std::string> unlisted;
    for (Table& table : tables) TRY(prepare_table(table, unlisted));
    return {};
  }

  /// A commit of an earlier run of ours may still be at work in Snowflake, though the run is dead. Its staging table is gone by now, so it
  /// begins no further merge; here we wait for the transaction that it has open.
  Result<void> settle() override {
    TRY(client_->run({.sql = snowflake::wait_for_writers(place_)}));
    return {};
  }

  Result<std::map<std::string, Checkpoint>> checkpoints(const std::string& archive_id, const std::string& account_name) override {
    TRY_ASSIGN(const ResultSet result, client_->run({.sql = snowflake::read_checkpoints(place_), .binds = {archive_id, account_name}}));
    TRY_ASSIGN(auto stored, checkpoints_of(result.rows, archive_id, account_name));
    seen_.read(archive_id, account_name, stored);
    overwritten_.loads(archive_id, account_name);
    return stored;
  }

  Result<void> append(const Table& table, std::span<const Row> rows) override {
    TRY_ASSIGN(const std::vector<Column> lacking, known_.accept(table));
    for (const Column& column : lacking) new_columns_.emplace_back(table.name, column);
    if (rows.empty()) return {};
    TRY(begin_batch());
    for (const Row& row : rows) TRY(batch_files_.add(table, row));
    overwritten_.append(table, rows);
    Table& staged = staged_[table.name];
    if (table.columns.size() > staged.columns.size()) staged = table;
    return {};
  }

  Result<void> commit(std::span<const Checkpoint> checkpoints) override {
    std::vector<std::string> ddl;
    for (const auto& [table, column] : new_columns_) add_column(table, column, ddl);
    TRY(run_ddl(ddl));
    TRY(confirm_new_columns());
    if (!checkpoints.empty()) TRY(begin_batch());
    if (!has_batch_) return {};
    const std::vector<Checkpoint> overwritten = overwritten_.by(checkpoints);
    std::vector<Checkpoint> touched = overwritten;
    touched.insert(touched.end(), checkpoints.begin(), checkpoints.end());
    const std::vector<Checkpoint> expected = seen_.expected(touched, checkpoints.empty());
    TRY(add_checkpoints(snowflake::checkpoints_table(), checkpoints));
    TRY(add_checkpoints(snowflake::expected_checkpoints(), expected));
    TRY(add_checkpoints(snowflake::overwritten_checkpoints(), overwritten));
    TRY(batch_files_.finish());
    TRY(or_displaced(load(batch_files_, batch_), batch_files_));
    // Beyond this point all rows of the batch are in the staging table, counted.
    TRY(or_displaced(client_->run_all(transaction_of(checkpoints, expected, overwritten)), batch_files_));
    if (!expected.empty()) TRY(or_displaced(confirm_not_void(), batch_files_));
    seen_.wrote(checkpoints);
    return rollback();  // what was staged is in the tables now
  }

  Result<void> rollback() override {
    TRY(batch_files_.remove());
    staged_.clear();
    overwritten_.clear();
    has_batch_ = false;
    return {};
  }

  Result<i64> count_rows(const Table& table, const std::string& account_name) override {
    TRY_ASSIGN(const ResultSet result, client_->run({.sql = snowflake::count_rows(place_, table), .binds = {account_name}}));
    return only_count_of(result.rows);
  }

  Result<void> compare_begin(const Table& table) override {
    compared_ = {table.name, compared_columns(table), {}, {}, ""};
    compared_batch_ = ++batch_;
    return compared_files_.begin(compared_batch_);
  }

  Result<void> compare_append(const Table& table, std::span<const Row> rows) override {
    if (compared_.columns.empty()) return fail(ErrorKind::internal, "compare_append() without compare_begin()");
    extend_compared(table, compared_.columns);
    for (const Row& row : project(table, rows, compared_.columns)) TRY(compared_files_.add(compared_, row));
    return {};
  }

  Result<std::vector<KeyCount>> compare_finish(const Table& table) override {
    TRY(compare_append(table, {}));
    if (compared_files_.rows() == 0) return std::vector<KeyCount>();
    TRY(compared_files_.finish());
    TRY(or_displaced(load(compared_files_, compared_batch_), compared_files_));
    const std::string sql = snowflake::compare(place_, stage_table_, compared_batch_, table, compared_.columns, known_.known_key(table));
    TRY_ASSIGN(ResultSet result, or_displaced(client_->run({.sql = sql, .is_long = true}), compared_files_));
    std::ranges::sort(result.rows);
    TRY_ASSIGN(std::vector<KeyCount> counts, key_counts_of(result.rows, table.parents.size()));
    // Rows were handed over, so each group has one at least. Anything else would read as "nothing is missing".
    if (counts.empty() || std::ranges::any_of(counts, [](const KeyCount& count) { return count.archived == 0; })) {
      return fail(ErrorKind::destination, fmt::format("Snowflake compared no rows of {}, though some were handed to it", table.name),
                  "Run the same command again; if it stays so, see whether something else changes tables named CHIMPLIFT_STAGE_….");
    }
    TRY(compared_files_.remove());
    return counts;
  }

 private:
  /// Where one command runs twice on one archive, the one that begins later clears away what the other has under way, as if that were dead
  /// (clear_away()). Snowflake's own message would have the user look for missing rights, and none is missing.
  template <typename T>
  Result<T> or_displaced(Result<T> done, const BatchFiles& files) {
    if (done) return done;
    const std::string& said = done.error().message;
    const bool has_lost_table = said.find(stage_table_) != std::string::npos && said.find("does not exist") != std::string::npos;
    if (!has_lost_table && !(said.find("(091016/") != std::string::npos && files.have_lost_one())) return done;
    return fail(
        ErrorKind::busy,
        fmt::format("another run of the same command has taken this one's place in Snowflake: {} and its files are gone", stage_table_),
        "What was committed is kept. Let one of them run at a time: wait until the other has ended, then run this again.");
  }

  void drop_stage_table() {
    // A client of its own, because the run's may have been interrupted or have given up.
    SnowflakeSettings last = settings_;
    last.interrupted = nullptr;
    last.patience_millis = std::min(last.patience_millis, kLastPatienceMillis);
    if (const auto client = Client::open(last)) static_cast<void>((*client)->run({.sql = snowflake::drop_table(place_, stage_table_)}));
  }

  Result<void> add_checkpoints(const Table& table, std::span<const Checkpoint> checkpoints) {
    for (const Checkpoint& each : checkpoints) {
      TRY(batch_files_.add(table, {each.archive_id, each.account_name, each.table, each.last_page, each.rows, each.misfits,
                                   each.last_page_sha256, each.mapping}));
    }
    return {};
  }

  /// Merges the batch. Where it expects checkpoints or overwrites what others speak of, it first locks out every other writer, one that we
  /// believe dead among them, and only then looks at them: a statement sees what was committed before it began, not before it got its lock.
  [[nodiscard]] std::vector<std::string> transaction_of(std::span<const Checkpoint> written, std::span<const Checkpoint> expected,
                                                        std::span<const Checkpoint> overwritten) const {
    std::vector<std::string> transaction{"BEGIN TRANSACTION"};
    if (!expected.empty() || !overwritten.empty()) transaction.push_back(snowflake::wait_for_writers(place_));
    if (!expected.empty()) transaction.push_back(snowflake::void_unless_expected(place_, stage_table_, batch_));
    if (!overwritten.empty()) transaction.push_back(snowflake::remove_overwritten(place_, stage_table_, batch_));
    if (!written.empty()) transaction.push_back(snowflake::merge(place_, stage_table_, batch_, snowflake::checkpoints_table()));
    for (const auto& [name, table] : staged_) transaction.push_back(snowflake::merge(place_, stage_table_, batch_, table));
    // Should the network bring this request a second time, when the next batch is in the tables already, it finds nothing to do.
    transaction.push_back(snowflake::forget(place_, stage_table_, batch_));
    transaction.emplace_back("COMMIT");
    return transaction;
  }

  /// The answer to the transaction does not tell: of one that was executed twice it is about the second time. The staging table is this
  /// run's alone, and only a void batch leaves something there.
  Result<void> confirm_not_void() {
    TRY_ASSIGN(const ResultSet counted, client_->run({.sql = snowflake::count_staged(place_, stage_table_, batch_)}));
    TRY_ASSIGN(const i64 left, only_count_of(counted.rows));
    if (left == 0) return {};
    return fail(
        ErrorKind::busy, "another run loads the same tables in Snowflake, and has gone on since this one read how far they are loaded",
        "Nothing was overwritten, and what this run committed before is kept. Wait until the other run has ended, then run this again.");
  }

  Result<void> begin_batch() {
    if (has_batch_) return {};
    TRY(batch_files_.begin(++batch_));
    has_batch_ = true;
    return {};
  }

  Result<Listing> read_columns() {
    TRY_ASSIGN(Listing listing, list_columns());
    known_ = KnownColumns(listing.columns);
    new_columns_.clear();
    return listing;
  }

  Result<Listing> list_columns() {
    TRY_ASSIGN(const ResultSet listed, client_->run({.sql = snowflake::list_columns(place_), .binds = {place_.schema}}));
    return snowflake::listing_of(listed);
  }

  /// Where another run has added a column of the same name first, ADD COLUMN IF NOT EXISTS does nothing, and a MERGE into another type
  /// would change values silently: 1.5 becomes 2.
  Result<void> confirm_new_columns() {
    if (new_columns_.empty()) return {};
    TRY_ASSIGN(const Listing there, list_columns());
    for (const auto& [table, column] : new_columns_) {
      const auto columns = there.columns.find(table);
      const Column* listed = columns == there.columns.end() ? nullptr : find_column(columns->second, column.name);
      if (listed == nullptr || listed->type == column.type) continue;
      return fail(ErrorKind::temporary,
                  fmt::format("another run has just added the column {} to {}, as {} where this one has {}", column.name, table,
                              snowflake::sql_type(listed->type), snowflake::sql_type(column.type)),
                  "Run the same command again: it goes on where it was, and takes the column as it is now.");
    }
    new_columns_.clear();
    return {};
  }

  /// Drops the staging tables and removes the files of runs that are over.
  Result<void> clear_away(const std::set<std::string>& stage_tables) {
    for (const std::string& table : stage_tables) {
      if (snowflake::is_left_behind(snowflake::run_of_stage_table(table), run_)) {
        TRY(client_->run({.sql = snowflake::drop_table(place_, table)}));
      }
    }
    TRY_ASSIGN(const std::vector<std::string> names, files_->list());
    for (const std::string& name : names) {
      if (snowflake::is_left_behind(name.substr(0, name.find('/')), run_)) TRY(files_->remove(name));
    }
    return {};
  }

  Result<void> prepare_table(Table& table, std::vector<std::string>& ddl) {
    if (known_.complete(table)) {
      TRY_ASSIGN(const std::vector<Column> lacking, known_.accept(table));
      for (const Column& column : lacking) add_column(table.name, column, ddl);
    } else {
      ddl.push_back(snowflake::create_table(place_, table));
      known_.add(table);
    }
    return {};
  }

  void add_column(const std::string& table, const Column& column, std::vector<std::string>& ddl) const {
    ddl.push_back(snowflake::add_column(place_, table, column));
    ddl.push_back(snowflake::comment_on_column(place_, table, column));
  }

  Result<void> run_ddl(const std::vector<std::string>& ddl) {
    for (std::size_t i = 0; i < ddl.size(); i += kStatementsOfOneRequest) {
      TRY(client_->run_all(std::span(ddl).subspan(i, std::min(kStatementsOfOneRequest, ddl.size() - i))));
    }
    return {};
  }

  /// Brings a batch's files into the staging table and counts what came.
  Result<void> load(const BatchFiles& files, i64 batch) {
    if (!folder_) {
      TRY_ASSIGN(const ResultSet about, client_->run({.sql = snowflake::describe_stage(place_, settings_.stage)}));
      TRY_ASSIGN(folder_, snowflake::folder_below_stage(about, files_->uri(), settings_.stage));
    }
    if (!has_stage_table_ || staged_rows_ + files.rows() > kMostStagedRows) {
      has_stage_table_ = true;  // from here on there may be one, whatever the answer is
      TRY(client_->run({.sql = snowflake::create_stage_table(place_, stage_table_)}));
      staged_rows_ = 0;
    }
    staged_rows_ += files.rows();
    bool is_whole = true;
    for (std::size_t i = 0; i < files.staged().size(); i += kFilesOfOneCopy) {
      const auto some = std::span(files.staged()).subspan(i, std::min(kFilesOfOneCopy, files.staged().size() - i));
      std::vector<std::string> names;
      for (const snowflake::StagedFile& file : some) names.push_back(file.name);
      const std::string sql = snowflake::copy(place_, stage_table_, settings_.stage, *folder_ + run_, names);
      TRY_ASSIGN(const ResultSet result, client_->run({.sql = sql, .is_long = true}));
      is_whole = is_whole && snowflake::says_all_loaded(result, some);
    }
    if (is_whole) return {};
    // A COPY that was executed twice answers that there was nothing to do, so the rows in the table are counted.
    TRY_ASSIGN(const ResultSet counted, client_->run({.sql = snowflake::count_staged(place_, stage_table_, batch)}));
    TRY_ASSIGN(const i64 rows, only_count_of(counted.rows));
    if (rows == files.rows()) return {};
    return fail(ErrorKind::destination, fmt::format("Snowflake took {} of {} staged rows", rows, files.rows()),
                "No table was changed. Run the same command again; if it stays so, compare the stage's folder with the bucket's.");
  }

  SnowflakeSettings settings_;
  snowflake::Place place_;
  std::shared_ptr<StageFiles> files_;
  std::unique_ptr<Client> client_;
  std::string run_;  // names our staging table and the folder of our files
  std::string stage_table_;
  bool has_stage_table_ = false;
  i64 staged_rows_ = 0;
  std::optional<std::string> folder_;  // of the stage files below the stage, with a slash at its end, or ""
  KnownColumns known_;                 // with those that commit() will add
  std::vector<std::pair<std::string, Column>> new_columns_;
  i64 batch_ = 0;
  bool has_batch_ = false;
  SeenCheckpoints seen_;
  Overwritten overwritten_;
  BatchFiles batch_files_;
  std::map<std::string, Table> staged_;  // tables with rows in the batch
  Table compared_;
  i64 compared_batch_ = 0;
  BatchFiles compared_files_;
};

}  // namespace

Result<std::unique_ptr<Warehouse>> open_snowflake(const SnowflakeSettings& settings, std::shared_ptr<StageFiles> files) {
  TRY_ASSIGN(std::unique_ptr<Client> client, Client::open(settings));
  return std::make_unique<SnowflakeWarehouse>(settings, std::move(files), std::move(client));
}

}  // namespace chimplift
