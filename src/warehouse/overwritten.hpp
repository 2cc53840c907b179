// Which tables of which accounts a batch puts rows into: what another archive's checkpoints say of them holds no longer. No effects here.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rows/table.hpp"
#include "warehouse/warehouse.hpp"

namespace chimplift {

class Overwritten {
 public:
  /// From here on rows of this account are taken for this archive's.
  void loads(const std::string& archive_id, const std::string& account_name) { archives_[account_name] = archive_id; }
  /// Rows of a batch.
  void append(const Table& table, std::span<const Row> rows);
  /// The batch is over.
  void clear() { tables_.clear(); }

  /// Under which names no other archive may have a checkpoint of the same account once the batch is committed: those of the tables that it
  /// has rows of, and of the checkpoints that it writes for accounts with rows ("assets of …" stands for rows of two tables). Without
  /// numbers.
  [[nodiscard]] std::vector<Checkpoint> by(std::span<const Checkpoint> written);

 private:
  std::map<std::string, std::string> archives_;          // by account
  std::map<std::string, std::set<std::string>> tables_;  // by account: with rows in the batch
};

}  // namespace chimplift
