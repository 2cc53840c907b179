// Where rows end up. One thread uses a warehouse at a time. tests/warehouse/contract_test.cpp holds for every implementation.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "rows/table.hpp"

namespace chimplift {

/// How far a load has come: pages of one stream of one account of one archive, numbered in the order of the archive's ledger.
struct Checkpoint {
  std::string archive_id;
  std::string account_name;
  std::string table;
  i64 last_page = 0;  // 0: none yet
  i64 rows = 0;       // rows handed to append() so far
  i64 misfits = 0;    // values kept in <column>__text so far
  /// Of that page, as the ledger has it: an archive that came back from a copy uses the number again. "": by a version that kept none.
  std::string last_page_sha256 = {};
  /// How pages became these rows (load/mapping.hpp): another version of this program may do it in another way. "": by one that did not say.
  std::string mapping = {};
};

/// Keys that the archive holds against keys that the table holds, for one combination of parent ids.
struct KeyCount {
  std::vector<std::string> parents;  // as text, in the order of Table::parents
  i64 archived = 0;                  // distinct keys in the archive
  i64 loaded = 0;                    // of these, found in the table
};

/// How much is worth one commit().
struct BatchSize {
  i64 rows = 0;
  i64 bytes = 0;  // of the pages that the rows come from
};

/// What commits did to rows that a table held before. A table that was empty counts as nothing: all of it is new.
struct RowChanges {
  i64 added = 0;
  i64 changed = 0;  // in any column but synced_at
};
using ChangesByTable = std::map<std::string, RowChanges>;

class Warehouse {
 public:
  virtual ~Warehouse() = default;

  /// A batch is one transaction: large enough that a merge is worth its fixed cost, small enough to hold in memory.
  [[nodiscard]] virtual BatchSize batch_size() const { return {.rows = 100'000, .bytes = 64'000'000}; }

  /// Makes the schema and every table that is not there, adds declared columns that a table lacks, and extends each Table by the columns
  /// that the warehouse's table already has beyond it.
  virtual Result<void> prepare(std::vector<Table>& tables) = 0;

  /// For writers: waits until any transaction left open by a crashed run has ended. Only then can checkpoints be believed.
  virtual Result<void> settle() { return {}; }

  /// Checkpoints of one account of one archive, by table.
  virtual Result<std::map<std::string, Checkpoint>> checkpoints(const std::string& archive_id, const std::string& account_name) = 0;

  /// Hands over rows of a table; nothing is visible before commit(). Columns that `table` has beyond the warehouse's are added.
  /// Use one Table for one table: copies that have grown apart are refused (internal).
  virtual Result<void> append(const Table& table, std::span<const Row> rows) = 0;

  /// Upserts all that was appended by key (of equal keys the one appended last counts; NULL equals NULL) and stores the checkpoints, in one
  /// transaction. That also removes what other archives' checkpoints say of rows that may be overwritten: of the account whose rows these
  /// are, those of their tables and those of the names under which checkpoints come with them. Error: busy, and nothing changed, where
  /// another run has stored or removed checkpoints, so that they are others than this object read or wrote last (a DuckDB file is open in
  /// one process at a time, so never there).
  virtual Result<void> commit(std::span<const Checkpoint> checkpoints) = 0;

  /// Forgets what was appended since the last commit.
  virtual Result<void> rollback() = 0;

  /// The end of a load: brings all that was committed to where it stays, as far as closing would, of whose errors nobody hears.
  virtual Result<void> flush() { return {}; }

  /// What this object's commits added to an account's tables, and changed in them. Empty where the warehouse does not count that.
  [[nodiscard]] virtual ChangesByTable changes(const std::string& account_name) const {
    static_cast<void>(account_name);
    return {};
  }

  /// Rows that a table holds for an account.
  virtual Result<i64> count_rows(const Table& table, const std::string& account_name) = 0;

  /// Compares keys: begin, append rows decoded from the archive (any number of times), finish. Bounded in memory.
  virtual Result<void> compare_begin(const Table& table) = 0;
  virtual Result<void> compare_append(const Table& table, std::span<const Row> rows) = 0;
  virtual Result<std::vector<KeyCount>> compare_finish(const Table& table) = 0;
};

}  // namespace chimplift
