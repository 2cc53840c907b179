#include "warehouse/overwritten.hpp"

#include <variant>

namespace chimplift {

void Overwritten::append(const Table& table, std::span<const Row> rows) {
  const std::string* last = nullptr;
  for (const Row& row : rows) {
    const auto* account = row.empty() ? nullptr : std::get_if<std::string>(&row.front());  // account_name is every table's first column
    if (account == nullptr || (last != nullptr && *last == *account)) continue;
    tables_[*account].insert(table.name);
    last = account;
  }
}

std::vector<Checkpoint> Overwritten::by(std::span<const Checkpoint> written) {
  for (const Checkpoint& each : written) loads(each.archive_id, each.account_name);
  std::map<std::string, std::set<std::string>> names = tables_;
  for (const Checkpoint& each : written) {
    if (const auto found = names.find(each.account_name); found != names.end()) found->second.insert(each.table);
  }
  std::vector<Checkpoint> overwritten;
  for (const auto& [account, of_account] : names) {
    const auto archive = archives_.find(account);
    if (archive == archives_.end()) continue;  // nobody has asked how far a load of it has come: these are no archive's rows
    for (const std::string& name : of_account) overwritten.push_back({archive->second, account, name});
  }
  return overwritten;
}

}  // namespace chimplift
