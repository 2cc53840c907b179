#include "warehouse/duckdb_warehouse.hpp"

#include <optional>
#include <set>

#include "warehouse/duckdb_file.hpp"
#include "warehouse/duckdb_sql.hpp"
#include "warehouse/duckdb_stage.hpp"
#include "warehouse/overwritten.hpp"
#include "warehouse/text_rows.hpp"

namespace chimplift {
namespace {

using duck::Database;
using duck::Stage;

constexpr const char* kCheckpoints =
    "CREATE TABLE IF NOT EXISTS chimplift.checkpoints (archive_id VARCHAR, account_name VARCHAR, table_name VARCHAR, last_page BIGINT, "
    "\"rows\" BIGINT, misfits BIGINT, last_page_sha256 VARCHAR, mapping VARCHAR)";
// A file of an earlier version has the table without them.
constexpr const char* kNewInCheckpoints =
    "ALTER TABLE chimplift.checkpoints ADD COLUMN IF NOT EXISTS last_page_sha256 VARCHAR; "
    "ALTER TABLE chimplift.checkpoints ADD COLUMN IF NOT EXISTS mapping VARCHAR";
constexpr const char* kCompareStage = "compared keys";

class DuckDbWarehouse final : public Warehouse {
 public:
  DuckDbWarehouse(Database database, std::filesystem::path file) : database_(std::move(database)), file_(std::move(file)) {}

  Result<void> prepare(std::vector<Table>& tables) override {
    return in_transaction([&]() -> Result<void> {
      TRY(database_.run("CREATE SCHEMA IF NOT EXISTS mailchimp"));
      TRY(database_.run("CREATE SCHEMA IF NOT EXISTS chimplift"));
      TRY(database_.run(kCheckpoints));
      TRY(database_.run(kNewInCheckpoints));
      TRY(read_columns());
      for (Table& table : tables) TRY(prepare_table(table));
      return {};
    });
  }

  Result<std::map<std::string, Checkpoint>> checkpoints(const std::string& archive_id, const std::string& account_name) override {
    TRY_ASSIGN(const std::vector<TextRow> rows,
               database_.query("SELECT table_name, CAST(last_page AS VARCHAR), CAST(\"rows\" AS VARCHAR), CAST(misfits AS VARCHAR), "
                               "last_page_sha256, mapping FROM chimplift.checkpoints WHERE archive_id = ? AND account_name = ?",
                               {archive_id, account_name}));
    overwritten_.loads(archive_id, account_name);
    return checkpoints_of(rows, archive_id, account_name);
  }

  Result<void> append(const Table& table, std::span<const Row> rows) override {
    TRY(extend_target(table));
    auto staged = staged_.find(table.name);
    if (staged == staged_.end()) {
      TRY_ASSIGN(Stage stage, Stage::create(database_, "stage of " + table.name, table.columns));
      staged = staged_.emplace(table.name, Staged{table, std::move(stage)}).first;
    }
    Staged& into = staged->second;
    if (table.columns.size() > into.table.columns.size()) {
      TRY(into.stage.extend(table.columns));
      into.table = table;
    }
    for (const Row& row : rows) TRY(into.stage.append(row));
    overwritten_.append(table, rows);
    return {};
  }

  Result<void> commit(std::span<const Checkpoint> checkpoints) override {
    for (auto& [name, staged] : staged_) TRY(staged.stage.flush());
    std::map<std::string, ChangesByTable> changes;
    TRY(in_transaction([&]() -> Result<void> {
      for (const auto& [name, staged] : staged_) {
        TRY(count_changes(staged, changes));
        const bool is_first = !held_rows_[name] && !filled_.contains(name);
        TRY(database_.run(is_first ? duck::insert(staged.stage.name(), staged.table) : duck::merge(staged.stage.name(), staged.table)));
      }
      for (const Checkpoint& each : overwritten_.by(checkpoints)) TRY(remove_others(each));
      for (const Checkpoint& checkpoint : checkpoints) TRY(store(checkpoint));
      return {};
    }));
    for (const auto& [name, staged] : staged_) filled_.insert(name);
    for (const auto& [account, tables] : changes) {  // only now, because the transaction could have failed
      for (const auto& [name, more] : tables) {
        changes_[account][name].added += more.added;
        changes_[account][name].changed += more.changed;
      }
    }
    duck::make_private(file_);
    return rollback();  // what was staged is in the tables now
  }

  Result<void> rollback() override {
    for (auto& [name, staged] : staged_) TRY(staged.stage.drop());
    staged_.clear();
    overwritten_.clear();
    return {};
  }

  Result<void> flush() override { return database_.run("CHECKPOINT"); }

  [[nodiscard]] ChangesByTable changes(const std::string& account_name) const override {
    const auto found = changes_.find(account_name);
    return found == changes_.end() ? ChangesByTable() : found->second;
  }

  Result<i64> count_rows(const Table& table, const std::string& account_name) override {
    const std::string sql = "SELECT CAST(count(*) AS VARCHAR) FROM " + duck::target_name(table.name) + " WHERE account_name = ?";
    TRY_ASSIGN(const std::vector<TextRow> rows, database_.query(sql, {account_name}));
    return only_count_of(rows);
  }

  Result<void> compare_begin(const Table& table) override {
    TRY_ASSIGN(compared_, Stage::create(database_, kCompareStage, compared_columns(table)));
    return {};
  }

  Result<void> compare_append(const Table& table, std::span<const Row> rows) override {
    if (!compared_) return fail(ErrorKind::internal, "compare_append() without compare_begin()");
    std::vector<Column> columns = compared_->columns();
    extend_compared(table, columns);
    TRY(compared_->extend(columns));
    for (const Row& row : project(table, rows, columns)) TRY(compared_->append(row));
    return {};
  }

  Result<std::vector<KeyCount>> compare_finish(const Table& table) override {
    TRY(compare_append(table, {}));
    TRY(compared_->flush());
    TRY_ASSIGN(const std::vector<TextRow> rows, database_.query(duck::compare(compared_->name(), table, known_.known_key(table))));
    TRY_ASSIGN(std::vector<KeyCount> counts, key_counts_of(rows, table.parents.size()));
    TRY(compared_->drop());
    compared_.reset();
    return counts;
  }

 private:
  struct Staged {
    Table table;
    Stage stage;
  };

  /// Only for tables that held rows before this object's first commit; see RowChanges.
  Result<void> count_changes(const Staged& staged, std::map<std::string, ChangesByTable>& by_account) {
    const std::string& name = staged.table.name;
    if (!held_rows_.contains(name)) {
      TRY_ASSIGN(const std::vector<TextRow> rows, database_.query("SELECT 'x' FROM " + duck::target_name(name) + " LIMIT 1"));
      held_rows_[name] = !rows.empty();
    }
    if (!held_rows_[name]) return {};
    TRY_ASSIGN(const std::vector<TextRow> rows, database_.query(duck::count_changes(staged.stage.name(), staged.table)));
    for (const TextRow& row : rows) {
      RowChanges& changes = by_account[row[0].value_or("")][name];
      TRY_ASSIGN(const i64 added, count_of(row[1]));
      TRY_ASSIGN(const i64 changed, count_of(row[2]));
      changes.added += added;
      changes.changed += changed;
    }
    return {};
  }

  template <typename F>
  Result<void> in_transaction(F work) {
    TRY(database_.run("BEGIN TRANSACTION"));
    Result<void> done = work();
    if (done) done = database_.run("COMMIT");
    if (!done)
      static_cast<void>(database_.run("ROLLBACK"));  // fails where DuckDB has rolled back by itself; the first error is the one to tell
    return done;
  }

  /// Reads which columns the warehouse's tables have.
  Result<void> read_columns() {
    TRY_ASSIGN(
        const std::vector<TextRow> rows,
        database_.query("SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE database_name = current_database() AND "
                        "schema_name = 'mailchimp' ORDER BY table_name, column_index"));
    std::map<std::string, std::vector<Column>> listed;
    for (const TextRow& row : rows) listed[row[0].value_or("")].push_back({row[1].value_or(""), duck::type_of(row[2].value_or(""))});
    known_ = KnownColumns(std::move(listed));
    return {};
  }

  Result<void> prepare_table(Table& table) {
    if (known_.complete(table)) return extend_target(table);
    TRY(database_.run(duck::create_table(duck::target_name(table.name), table)));
    known_.add(table);
    return {};
  }

  /// Adds the columns that the warehouse's table lacks.
  Result<void> extend_target(const Table& table) {
    TRY_ASSIGN(const std::vector<Column> lacking, known_.accept(table));
    for (const Column& column : lacking) TRY(database_.run(duck::add_column(duck::target_name(table.name), column)));
    return {};
  }

  /// Other archives begin there anew: the rows are not theirs any more.
  Result<void> remove_others(const Checkpoint& overwritten) {
    TRY(database_.query("DELETE FROM chimplift.checkpoints WHERE archive_id <> ? AND account_name = ? AND table_name = ?",
                        {overwritten.archive_id, overwritten.account_name, overwritten.table}));
    return {};
  }

  Result<void> store(const Checkpoint& checkpoint) {
    const std::vector<std::string> key = {checkpoint.archive_id, checkpoint.account_name, checkpoint.table};
    TRY(database_.query("DELETE FROM chimplift.checkpoints WHERE archive_id = ? AND account_name = ? AND table_name = ?", key));
    const std::string numbers =
        std::to_string(checkpoint.last_page) + ", " + std::to_string(checkpoint.rows) + ", " + std::to_string(checkpoint.misfits);
    std::vector<std::string> values = key;
    values.insert(values.end(), {checkpoint.last_page_sha256, checkpoint.mapping});
    TRY(
        database_.query("INSERT INTO chimplift.checkpoints (archive_id, account_name, table_name, last_page, \"rows\", misfits, "
                        "last_page_sha256, mapping) VALUES (?, ?, ?, " +
                            numbers + ", ?, ?)",
                        values));
    return {};
  }

  Database database_;
  std::filesystem::path file_;
  KnownColumns known_;
  std::map<std::string, bool> held_rows_;          // by table: before this object's first commit
  std::set<std::string> filled_;                   // tables that this object has put rows into
  std::map<std::string, ChangesByTable> changes_;  // by account
  std::map<std::string, Staged> staged_;           // by table; destroyed before the database
  Overwritten overwritten_;
  std::optional<Stage> compared_;
};

}  // namespace

Result<std::unique_ptr<Warehouse>> open_duckdb(const DuckDbSettings& settings) {
  TRY_ASSIGN(Database database, duck::open_file(settings));
  return std::make_unique<DuckDbWarehouse>(std::move(database), settings.file);
}

Result<void> try_duckdb(const DuckDbSettings& settings) { return duck::try_file(settings); }

}  // namespace chimplift
