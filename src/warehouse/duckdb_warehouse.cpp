#include "warehouse/duckdb_warehouse.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "warehouse/duckdb_file.hpp"
#include "warehouse/duckdb_sql.hpp"
#include "warehouse/duckdb_stage.hpp"

namespace chimplift {
namespace {

using duck::Database;
using duck::Stage;
using duck::TextRow;

constexpr const char* kCheckpoints =
    "CREATE TABLE IF NOT EXISTS chimplift.checkpoints (archive_id VARCHAR, account_name VARCHAR, table_name VARCHAR, last_page BIGINT, "
    "\"rows\" BIGINT, misfits BIGINT, last_page_sha256 VARCHAR)";
// A file of an earlier version has the table without it.
constexpr const char* kNewInCheckpoints = "ALTER TABLE chimplift.checkpoints ADD COLUMN IF NOT EXISTS last_page_sha256 VARCHAR";
constexpr const char* kCompareStage = "compared keys";

i64 number_of(const std::optional<std::string>& text) {
  i64 number = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

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
                               "last_page_sha256 FROM chimplift.checkpoints WHERE archive_id = ? AND account_name = ?",
                               {archive_id, account_name}));
    std::map<std::string, Checkpoint> found;
    for (const TextRow& row : rows) {
      const std::string table = row[0].value_or("");
      found[table] = {archive_id, account_name, table, number_of(row[1]), number_of(row[2]), number_of(row[3]), row[4].value_or("")};
    }
    return found;
  }

  Result<void> append(const Table& table, std::span<const Row> rows) override {
    TRY(extend_target(table));
    auto staged = staged_.find(table.name);
    if (staged == staged_.end()) {
      TRY_ASSIGN(Stage stage, Stage::create(database_, "stage of " + table.name, table.columns));
      staged = staged_.emplace(table.name, Staged{table, std::move(stage)}).first;
    }
    Staged& into = staged->second;
    if (into.table.columns != table.columns) {
      if (!std::ranges::equal(into.table.columns,
                              std::span(table.columns).first(std::min(into.table.columns.size(), table.columns.size())))) {
        return fail(ErrorKind::internal, "two copies of the table " + table.name + " have grown apart");
      }
      TRY(into.stage.extend(table.columns));
      into.table = table;
    }
    for (const Row& row : rows) TRY(into.stage.append(row));
    return {};
  }

  Result<void> commit(std::span<const Checkpoint> checkpoints) override {
    for (auto& [name, staged] : staged_) TRY(staged.stage.flush());
    std::map<std::string, ChangesByTable> changes;
    TRY(in_transaction([&]() -> Result<void> {
      for (const auto& [name, staged] : staged_) {
        TRY(count_changes(staged, changes));
        TRY(database_.run(duck::merge(staged.stage.name(), staged.table)));
      }
      for (const Checkpoint& checkpoint : checkpoints) TRY(store(checkpoint));
      return {};
    }));
    for (const auto& [account, tables] : changes) {  // that did not come about where the transaction failed
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
    return {};
  }

  [[nodiscard]] ChangesByTable changes(const std::string& account_name) const override {
    const auto found = changes_.find(account_name);
    return found == changes_.end() ? ChangesByTable() : found->second;
  }

  Result<i64> count_rows(const Table& table, const std::string& account_name) override {
    const std::string sql = "SELECT CAST(count(*) AS VARCHAR) FROM " + duck::target_name(table.name) + " WHERE account_name = ?";
    TRY_ASSIGN(const std::vector<TextRow> rows, database_.query(sql, {account_name}));
    return number_of(rows.at(0).at(0));
  }

  Result<void> compare_begin(const Table& table) override {
    TRY_ASSIGN(compared_, Stage::create(database_, kCompareStage, compared_columns(table)));
    return {};
  }

  Result<void> compare_append(const Table& table, std::span<const Row> rows) override {
    if (!compared_) return fail(ErrorKind::internal, "compare_append() without compare_begin()");
    // Columns that decoding has added meanwhile (a key's first misfit) come behind those that are there.
    std::vector<Column> columns = compared_->columns();
    for (const Column& column : compared_columns(table)) {
      if (std::ranges::find(columns, column) == columns.end()) columns.push_back(column);
    }
    TRY(compared_->extend(columns));
    Row projected(columns.size());
    for (const Row& row : rows) {
      for (std::size_t i = 0; i < columns.size(); ++i) {
        const i64 at = table.find(columns[i].name);
        projected[i] = at >= 0 && at < static_cast<i64>(row.size()) ? row[static_cast<std::size_t>(at)] : Value();
      }
      TRY(compared_->append(projected));
    }
    return {};
  }

  Result<std::vector<KeyCount>> compare_finish(const Table& table) override {
    TRY(compare_append(table, {}));
    TRY(compared_->flush());
    std::vector<std::string> in_target;
    for (const std::string& column : key_columns(table)) {
      if (find_column(known_[table.name], column) != nullptr) in_target.push_back(column);
    }
    TRY_ASSIGN(std::vector<TextRow> rows, database_.query(duck::compare(compared_->name(), table, in_target)));
    std::vector<KeyCount> counts;
    for (TextRow& row : rows) {
      KeyCount count;
      for (std::size_t i = 0; i < table.parents.size(); ++i) count.parents.push_back(row[i].value_or(""));
      count.archived = number_of(row[table.parents.size()]);
      count.loaded = number_of(row[table.parents.size() + 1]);
      counts.push_back(std::move(count));
    }
    TRY(compared_->drop());
    compared_.reset();
    return counts;
  }

 private:
  struct Staged {
    Table table;
    Stage stage;
  };

  /// Only for tables that held rows when this was opened: the first load of an account need not be told what it adds to nothing.
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
      changes.added += number_of(row[1]);
      changes.changed += number_of(row[2]);
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
    known_.clear();
    accepted_.clear();
    TRY_ASSIGN(
        const std::vector<TextRow> rows,
        database_.query("SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE database_name = current_database() AND "
                        "schema_name = 'mailchimp' ORDER BY table_name, column_index"));
    for (const TextRow& row : rows) known_[row[0].value_or("")].push_back({row[1].value_or(""), duck::type_of(row[2].value_or(""))});
    return {};
  }

  Result<void> prepare_table(Table& table) {
    add_key_columns(table);
    if (!known_.contains(table.name)) {
      TRY(database_.run(duck::create_table(duck::target_name(table.name), table)));
      known_[table.name] = table.columns;
      return {};
    }
    take_over(known_[table.name], table);
    return extend_target(table);
  }

  /// Adds the columns that the warehouse's table lacks.
  Result<void> extend_target(const Table& table) {
    const auto known = known_.find(table.name);
    if (known == known_.end()) return fail(ErrorKind::internal, "prepare() was not told of the table " + table.name);
    std::vector<Column>& accepted = accepted_[table.name];
    if (accepted == table.columns) return {};
    for (const Column& column : table.columns) {
      const Column* there = find_column(known->second, column.name);
      if (there == nullptr) {
        TRY(database_.run(duck::add_column(duck::target_name(table.name), column)));
        known->second.push_back(column);
      } else if (there->type != column.type) {
        return fail(ErrorKind::internal, "two copies of the table " + table.name + " have grown apart in column " + column.name);
      }
    }
    accepted = table.columns;
    return {};
  }

  Result<void> store(const Checkpoint& checkpoint) {
    const std::vector<std::string> key = {checkpoint.archive_id, checkpoint.account_name, checkpoint.table};
    TRY(database_.query("DELETE FROM chimplift.checkpoints WHERE archive_id = ? AND account_name = ? AND table_name = ?", key));
    const std::string numbers =
        std::to_string(checkpoint.last_page) + ", " + std::to_string(checkpoint.rows) + ", " + std::to_string(checkpoint.misfits);
    std::vector<std::string> values = key;
    values.push_back(checkpoint.last_page_sha256);
    TRY(
        database_.query("INSERT INTO chimplift.checkpoints (archive_id, account_name, table_name, last_page, \"rows\", misfits, "
                        "last_page_sha256) VALUES (?, ?, ?, " +
                            numbers + ", ?)",
                        values));
    return {};
  }

  Database database_;
  std::filesystem::path file_;
  std::map<std::string, std::vector<Column>> known_;     // by table: the warehouse's columns
  std::map<std::string, std::vector<Column>> accepted_;  // by table: what extend_target() saw last
  std::map<std::string, bool> held_rows_;                // by table: before this object's first commit
  std::map<std::string, ChangesByTable> changes_;        // by account
  std::map<std::string, Staged> staged_;                 // by table; destroyed before the database
  std::optional<Stage> compared_;
};

}  // namespace

Result<std::unique_ptr<Warehouse>> open_duckdb(const DuckDbSettings& settings) {
  TRY_ASSIGN(Database database, duck::open_file(settings));
  return std::make_unique<DuckDbWarehouse>(std::move(database), settings.file);
}

}  // namespace chimplift
