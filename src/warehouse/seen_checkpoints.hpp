// Which checkpoints a run believes to be stored: those that it read or wrote last. What it commits holds only as long as they are. No
// effects here.
#pragma once

#include <map>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "warehouse/warehouse.hpp"

namespace chimplift {

class SeenCheckpoints {
 public:
  /// All that is stored for this account of this archive, by table.
  void read(const std::string& archive_id, const std::string& account_name, const std::map<std::string, Checkpoint>& stored);
  void wrote(std::span<const Checkpoint> checkpoints);

  /// What has to be stored still when a batch is committed: for each table of each account that it has rows of or writes a checkpoint of
  /// (`touched`), last_page 0 where none was seen. A batch that `writes_none` is held to all that was seen besides.
  [[nodiscard]] std::vector<Checkpoint> expected(std::span<const Checkpoint> touched, bool writes_none) const;

 private:
  using Key = std::tuple<std::string, std::string, std::string>;  // archive id, account name, table
  static Key key_of(const Checkpoint& checkpoint) { return {checkpoint.archive_id, checkpoint.account_name, checkpoint.table}; }

  std::map<Key, Checkpoint> seen_;
};

}  // namespace chimplift
