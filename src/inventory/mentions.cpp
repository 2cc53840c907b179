#include "inventory/mentions.hpp"

#include <algorithm>

namespace chimplift {

void Mentions::note(const Stream& stream, const Discovery& discovery) {
  if (!discovery.ids.empty()) lists_[std::string(stream.table)].ids.insert(discovery.ids.begin(), discovery.ids.end());
  for (const UnitId& one : discovery.mentioned) add(one);
}

void Mentions::add(const UnitId& one) {
  List& list = lists_[one.stream];
  if (list.named.insert(one).second) list.news.push_back(one);
}

void Mentions::begin_anew(const std::vector<std::string>& tables) {
  for (const std::string& table : tables) {
    const auto found = lists_.find(table);
    if (found == lists_.end()) continue;
    List& list = found->second;
    list.is_read = false;
    list.ids.clear();
    list.news.assign(list.named.begin(), list.named.end());
  }
}

std::vector<UnitId> Mentions::take_unlisted() {
  std::vector<UnitId> unlisted;
  for (auto& [table, list] : lists_) {
    if (!list.is_read) continue;
    for (UnitId& one : list.news) {
      if (!list.ids.contains(one.parents.back())) unlisted.push_back(std::move(one));
    }
    list.news.clear();
  }
  return unlisted;
}

bool Mentions::has_news() const {
  return std::any_of(lists_.begin(), lists_.end(), [](const auto& item) { return item.second.is_read && !item.second.news.empty(); });
}

}  // namespace chimplift
