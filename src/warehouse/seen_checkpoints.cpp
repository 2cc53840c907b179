#include "warehouse/seen_checkpoints.hpp"

namespace chimplift {

void SeenCheckpoints::read(const std::string& archive_id, const std::string& account_name,
                           const std::map<std::string, Checkpoint>& stored) {
  std::erase_if(seen_,
                [&](const auto& entry) { return entry.second.archive_id == archive_id && entry.second.account_name == account_name; });
  for (const auto& [table, checkpoint] : stored) seen_.insert_or_assign(key_of(checkpoint), checkpoint);
}

void SeenCheckpoints::wrote(std::span<const Checkpoint> checkpoints) {
  for (const Checkpoint& checkpoint : checkpoints) seen_.insert_or_assign(key_of(checkpoint), checkpoint);
}

std::vector<Checkpoint> SeenCheckpoints::expected(std::span<const Checkpoint> touched, bool writes_none) const {
  std::map<Key, Checkpoint> all;
  for (const Checkpoint& each : touched) {
    const auto seen = seen_.find(key_of(each));
    all[key_of(each)] = seen != seen_.end() ? seen->second : Checkpoint{each.archive_id, each.account_name, each.table};
  }
  if (writes_none) all.insert(seen_.begin(), seen_.end());
  std::vector<Checkpoint> expected;
  for (auto& [key, checkpoint] : all) expected.push_back(std::move(checkpoint));
  return expected;
}

}  // namespace chimplift
