#include "warehouse/snowflake_warehouse.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "base/text.hpp"
#include "warehouse/snowflake_client.hpp"
#include "warehouse/snowflake_files.hpp"
#include "warehouse/snowflake_leftovers.hpp"

namespace chimplift {
namespace {

using snowflake::BatchFiles;
using snowflake::Client;
using snowflake::ResultSet;

constexpr std::size_t kStatementsOfOneRequest = 50;  // of DDL, so that one request stays far below a megabyte
constexpr std::size_t kFilesOfOneCopy = 1'000;       // FILES = (…) takes no more
constexpr i64 kMostStagedRows = 5'000'000;           // then the staging table is made anew
constexpr i64 kLastPatienceMillis = 10'000;          // for clearing away at the end

i64 number_of(const std::optional<std::string>& text) {
  i64 number = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

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

  ~SnowflakeWarehouse() override {
    static_cast<void>(batch_files_.remove());
    static_cast<void>(compared_files_.remove());
    if (!has_stage_table_) return;
    // Not with the client of the run: that one may have been interrupted, or may have given up.
    SnowflakeSettings last = settings_;
    last.interrupted = nullptr;
    last.patience_millis = std::min(last.patience_millis, kLastPatienceMillis);
    if (const auto client = Client::open(last)) static_cast<void>((*client)->run({.sql = snowflake::drop_table(place_, stage_table_)}));
  }
  SnowflakeWarehouse(const SnowflakeWarehouse&) = delete;
  SnowflakeWarehouse& operator=(const SnowflakeWarehouse&) = delete;

  /// Every statement costs seconds and money.
  [[nodiscard]] BatchSize batch_size() const override { return {.rows = 1'000'000, .bytes = 512'000'000}; }

  Result<void> prepare(std::vector<Table>& tables) override {
    TRY_ASSIGN(const bool is_there, read_columns());
    TRY(clear_away());
    std::vector<std::string> ddl;
    if (!is_there) {
      // Asked first: who may not make schemas may still be given one that is there and empty.
      TRY_ASSIGN(const ResultSet schema, client_->run({.sql = snowflake::find_schema(place_), .binds = {place_.schema}}));
      if (schema.rows.empty()) ddl.push_back(snowflake::create_schema(place_));
    }
    Table checkpoints = snowflake::checkpoints_table();
    prepare_table(checkpoints, ddl);
    for (Table& table : tables) prepare_table(table, ddl);
    if (ddl.empty()) return {};
    TRY(run_ddl(ddl));
    // Another run may have made the same at the same moment, with other types: what is there now counts.
    TRY(read_columns());
    std::vector<std::string> unlisted;
    for (Table& table : tables) prepare_table(table, unlisted);
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
    std::map<std::string, Checkpoint> found;
    for (const auto& row : result.rows) {
      const std::string table = row.at(0).value_or("");
      found[table] = {archive_id,           account_name,          table, number_of(row.at(1)), number_of(row.at(2)),
                      number_of(row.at(3)), row.at(4).value_or("")};
    }
    return found;
  }

  Result<void> append(const Table& table, std::span<const Row> rows) override {
    TRY(accept(table));
    if (!rows.empty()) TRY(begin_batch());
    for (const Row& row : rows) TRY(batch_files_.add(table, row));
    if (!rows.empty()) staged_.insert_or_assign(table.name, table);
    return {};
  }

  Result<void> commit(std::span<const Checkpoint> checkpoints) override {
    std::vector<std::string> ddl;
    for (const auto& [table, column] : new_columns_) {
      ddl.push_back(snowflake::add_column(place_, table, column));
      ddl.push_back(snowflake::comment_on_column(place_, table, column));
    }
    TRY(run_ddl(ddl));
    TRY(confirm_new_columns());
    if (!checkpoints.empty()) TRY(begin_batch());
    const Table& kept = snowflake::checkpoints_table();
    for (const Checkpoint& each : checkpoints) {
      TRY(batch_files_.add(
          kept, {each.archive_id, each.account_name, each.table, each.last_page, each.rows, each.misfits, each.last_page_sha256}));
    }
    if (!has_batch_) return {};
    TRY(batch_files_.finish());
    TRY(or_displaced(load(batch_files_, batch_), batch_files_));
    // Beyond this point all rows of the batch are in the staging table, counted. The checkpoints come first: they lock out every other
    // writer until the transaction ends, one that we believe dead among them.
    std::vector<std::string> transaction{"BEGIN TRANSACTION"};
    if (!checkpoints.empty()) transaction.push_back(snowflake::merge(place_, stage_table_, batch_, kept));
    for (const auto& [name, table] : staged_) transaction.push_back(snowflake::merge(place_, stage_table_, batch_, table));
    // Should the network bring this request a second time, when the next batch is in the tables already, it finds nothing to do.
    transaction.push_back(snowflake::forget(place_, stage_table_, batch_));
    transaction.emplace_back("COMMIT");
    TRY(or_displaced(client_->run_all(transaction), batch_files_));
    return rollback();  // what was staged is in the tables now
  }

  Result<void> rollback() override {
    TRY(batch_files_.remove());
    staged_.clear();
    has_batch_ = false;
    return {};
  }

  Result<i64> count_rows(const Table& table, const std::string& account_name) override {
    TRY_ASSIGN(const ResultSet result, client_->run({.sql = snowflake::count_rows(place_, table), .binds = {account_name}}));
    return only_number(result);
  }

  Result<void> compare_begin(const Table& table) override {
    compared_ = {table.name, compared_columns(table), {}, {}, ""};
    compared_batch_ = ++batch_;
    return compared_files_.begin(compared_batch_);
  }

  Result<void> compare_append(const Table& table, std::span<const Row> rows) override {
    if (compared_.columns.empty()) return fail(ErrorKind::internal, "compare_append() without compare_begin()");
    // Columns that decoding has added meanwhile (a key's first misfit) come behind those that are there.
    for (const Column& column : compared_columns(table)) {
      if (std::ranges::find(compared_.columns, column) == compared_.columns.end()) compared_.columns.push_back(column);
    }
    Row projected(compared_.columns.size());
    for (const Row& row : rows) {
      for (std::size_t i = 0; i < projected.size(); ++i) {
        const i64 at = table.find(compared_.columns[i].name);
        projected[i] = at >= 0 && at < static_cast<i64>(row.size()) ? row[static_cast<std::size_t>(at)] : Value();
      }
      TRY(compared_files_.add(compared_, projected));
    }
    return {};
  }

  Result<std::vector<KeyCount>> compare_finish(const Table& table) override {
    TRY(compare_append(table, {}));
    std::vector<KeyCount> counts;
    if (compared_files_.rows() == 0) return counts;
    TRY(compared_files_.finish());
    TRY(or_displaced(load(compared_files_, compared_batch_), compared_files_));
    std::vector<std::string> in_target;
    for (const std::string& column : key_columns(table)) {
      if (find_column(known_[table.name], column) != nullptr) in_target.push_back(column);
    }
    const std::string sql = snowflake::compare(place_, stage_table_, compared_batch_, table, compared_.columns, in_target);
    TRY_ASSIGN(ResultSet result, or_displaced(client_->run({.sql = sql, .is_long = true}), compared_files_));
    std::ranges::sort(result.rows);
    for (const auto& row : result.rows) {
      KeyCount& count = counts.emplace_back();
      for (std::size_t i = 0; i < table.parents.size(); ++i) count.parents.push_back(row.at(i).value_or(""));
      count.archived = number_of(row.at(table.parents.size()));
      count.loaded = number_of(row.at(table.parents.size() + 1));
      // Rows were handed over, so each group has one at least. Anything else would read as "nothing is missing".
      if (count.archived <= 0) return tl::unexpected(compared_nothing(table));
    }
    if (counts.empty()) return tl::unexpected(compared_nothing(table));
    TRY(compared_files_.remove());
    return counts;
  }

 private:
  static Error compared_nothing(const Table& table) {
    return {ErrorKind::destination, fmt::format("Snowflake compared no rows of {}, though some were handed to it", table.name),
            "Run the same command again; if it stays so, see whether something else changes tables named CHIMPLIFT_STAGE_…."};
  }
  static Result<i64> only_number(const ResultSet& result) {
    if (result.rows.size() != 1 || result.rows[0].empty()) return fail(ErrorKind::internal, "Snowflake's count has no number");
    return number_of(result.rows[0][0]);
  }

  /// Where one command runs twice on one archive, the one that begins later clears away what the other has under way, as if that were dead
  /// (clear_away()). Snowflake's own words for it would send its user after rights that are all there.
  template <typename T>
  Result<T> or_displaced(Result<T> done, const BatchFiles& files) {
    if (done) return done;
    const std::string& said = done.error().message;
    const bool has_lost_table = said.find(stage_table_) != std::string::npos && said.find("does not exist") != std::string::npos;
    if (!has_lost_table && !(said.find("(091016/") != std::string::npos && has_lost_files(files))) return done;
    return fail(
        ErrorKind::busy,
        fmt::format("another run of the same command has taken this one's place in Snowflake: {} and its files are gone", stage_table_),
        "What was committed is kept. Let one of them run at a time: wait until the other has ended, then run this again.");
  }
  /// Files that we put there, and that somebody has removed.
  bool has_lost_files(const BatchFiles& files) {
    const Result<std::vector<std::string>> names = files_->list();
    return names && std::ranges::any_of(files.staged(), [&](const snowflake::StagedFile& file) {
             return std::ranges::find(*names, run_ + "/" + file.name) == names->end();
           });
  }

  Result<void> begin_batch() {
    if (has_batch_) return {};
    TRY(batch_files_.begin(++batch_));
    has_batch_ = true;
    return {};
  }

  /// Reads which columns the schema's tables have, and which staging tables stand about. False where there is no table at all.
  Result<bool> read_columns() {
    accepted_.clear();
    new_columns_.clear();
    stage_tables_.clear();
    TRY_ASSIGN(known_, list_columns(&stage_tables_));
    return !known_.empty() || !stage_tables_.empty();
  }

  /// By table. Staging tables go to `stage_tables` in their stead, where it is given.
  Result<std::map<std::string, std::vector<Column>>> list_columns(std::set<std::string>* stage_tables) {
    TRY_ASSIGN(const ResultSet result, client_->run({.sql = snowflake::list_columns(place_), .binds = {place_.schema}}));
    std::map<std::string, std::vector<Column>> columns;
    for (const auto& row : result.rows) {
      const std::string table = row.at(0).value_or("");
      if (snowflake::is_stage_table(table)) {
        if (stage_tables != nullptr) stage_tables->insert(table);
      } else {
        columns[to_lower(table)].push_back(
            {snowflake::column_of(row.at(1).value_or(""), row.at(3).value_or("")), snowflake::type_of(row.at(2).value_or(""))});
      }
    }
    return columns;
  }

  /// Where another run has added a column of the same name first, ADD COLUMN IF NOT EXISTS does nothing, and a MERGE into another type
  /// would change values without a word: 1.5 becomes 2.
  Result<void> confirm_new_columns() {
    if (new_columns_.empty()) return {};
    TRY_ASSIGN(const auto there, list_columns(nullptr));
    for (const auto& [table, column] : new_columns_) {
      const auto columns = there.find(table);
      const Column* listed = columns == there.end() ? nullptr : find_column(columns->second, column.name);
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
  Result<void> clear_away() {
    for (const std::string& table : stage_tables_) {
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

  void prepare_table(Table& table, std::vector<std::string>& ddl) {
    add_key_columns(table);
    const auto known = known_.find(table.name);
    if (known == known_.end()) {
      ddl.push_back(snowflake::create_table(place_, table));
      known_[table.name] = table.columns;
      return;
    }
    take_over(known->second, table);
    for (const Column& column : table.columns) {
      if (find_column(known->second, column.name) != nullptr) continue;
      ddl.push_back(snowflake::add_column(place_, table.name, column));
      ddl.push_back(snowflake::comment_on_column(place_, table.name, column));
      known->second.push_back(column);
    }
  }

  /// Takes note of the columns that the warehouse's table lacks; commit() adds them.
  Result<void> accept(const Table& table) {
    const auto known = known_.find(table.name);
    if (known == known_.end()) return fail(ErrorKind::internal, "prepare() was not told of the table " + table.name);
    std::vector<Column>& accepted = accepted_[table.name];
    if (accepted == table.columns) return {};
    for (const Column& column : table.columns) {
      const Column* there = find_column(known->second, column.name);
      if (there == nullptr) {
        new_columns_.emplace_back(table.name, column);
        known->second.push_back(column);
      } else if (there->type != column.type) {
        return fail(ErrorKind::internal, "two copies of the table " + table.name + " have grown apart in column " + column.name);
      }
    }
    const std::size_t shared = std::min(accepted.size(), table.columns.size());
    if (!std::ranges::equal(std::span(accepted).first(shared), std::span(table.columns).first(shared))) {
      return fail(ErrorKind::internal, "two copies of the table " + table.name + " have grown apart");
    }
    accepted = table.columns;
    return {};
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
    // A COPY that was sent twice says of the second time that there was nothing to do: what counts is what is in the table.
    TRY_ASSIGN(const ResultSet counted, client_->run({.sql = snowflake::count_staged(place_, stage_table_, batch)}));
    TRY_ASSIGN(const i64 rows, only_number(counted));
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
  std::optional<std::string> folder_;                    // of the stage files below the stage, with a slash at its end, or ""
  std::set<std::string> stage_tables_;                   // that stood about when we came
  std::map<std::string, std::vector<Column>> known_;     // by table: the warehouse's columns, and those that commit() will add
  std::map<std::string, std::vector<Column>> accepted_;  // by table: what accept() saw last
  std::vector<std::pair<std::string, Column>> new_columns_;
  i64 batch_ = 0;
  bool has_batch_ = false;
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
