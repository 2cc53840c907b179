// See world.hpp.
#include "simulator/world.hpp"

#include <fmt/format.h>

#include <array>

#include "base/text.hpp"
#include "simulator/make.hpp"

namespace mailchimp_sim {

Collection& Account::add(Collection collection) {
  const std::string path = collection.path;
  return collections.insert_or_assign(path, std::move(collection)).first->second;
}

void Account::add(Single single) {
  const std::string path = single.path;
  singles.insert_or_assign(path, std::move(single));
}

const std::string* Account::record(std::string_view path) const {
  if (const auto found = singles.find(path); found != singles.end()) return &found->second.json;
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return nullptr;
  const Collection* parent = collection(path.substr(0, slash));
  if (parent == nullptr) return nullptr;
  const std::lock_guard lock(mutex_);
  Ids& ids = ids_[parent];
  if (ids.empty())
    for (std::size_t i = 0; i < parent->rows.size(); ++i)
      if (!parent->rows[i].id.empty()) ids.emplace(chimplift::percent_encode(parent->rows[i].id), i);
  const auto found = ids.find(path.substr(slash + 1));
  return found == ids.end() ? nullptr : &parent->rows[found->second].json;
}

const Collection* Account::collection(std::string_view path) const {
  if (const auto found = collections.find(path); found != collections.end()) return &found->second;
  const std::size_t slash = path.rfind('/');
  const Collection* empty = slash == std::string_view::npos ? nullptr : empty_member_detail(path.substr(slash + 1));
  if (empty == nullptr || path.find("/members/") == std::string_view::npos) return nullptr;
  return record(path.substr(0, slash)) == nullptr ? nullptr : empty;
}

World::World(const SimulatorOptions& options, const std::string& files_base) {
  static constexpr std::array<std::string_view, 6> kNames = {"harbor_coffee", "atlas_outdoor", "bluete_gmbh",
                                                             "sakura_studio", "maple_books",   "north_star"};
  for (int i = 0; i < options.accounts; ++i) {
    const auto at = static_cast<std::size_t>(i);
    auto account = std::make_unique<Account>();
    Random random(options.seed, fmt::format("account {}", i));
    account->name = at < kNames.size() ? std::string(kNames[at]) : fmt::format("brand_{}", i + 1);
    account->server = fmt::format("us{}", 12 + i);
    account->key = random.hex(32) + '-' + account->server;
    Maker maker{options, *account, options.seed * 1000 + static_cast<u64>(i), fmt::format("{}/files/{}", files_base, i), {}, {}, {}};
    make_account(maker);
    accounts_.push_back(std::move(account));
  }
}

i64 World::index_of(const Account& account) const {
  for (std::size_t i = 0; i < accounts_.size(); ++i)
    if (accounts_[i].get() == &account) return static_cast<i64>(i);
  return -1;
}

std::string canonical_path(const std::vector<std::string>& parts) {
  std::string path;
  for (const std::string& part : parts) path += '/' + chimplift::percent_encode(part);
  return path.empty() ? "/" : path;
}

}  // namespace mailchimp_sim
