// A collection as a server has it: records with keys, answered by offset and count.
#pragma once

#include <algorithm>
#include <optional>
#include <random>
#include <vector>

#include "pull/collection.hpp"

namespace chimplift {

inline Stream stream_of(i64 page_size, Total total = Total::exact) {
  return {.table = "things", .step = "things", .path = "/things", .items = "things", .key = "id", .total = total, .page_size = page_size};
}

/// A page of records with these keys, as read_page would hand it out.
inline PageContents page_of(const std::vector<u64>& keys, std::optional<i64> total) {
  PageContents page;
  page.records = static_cast<i64>(keys.size());
  page.total_items = total;
  page.key_hashes = keys;
  for (const u64 key : keys) page.digest = page.digest * 0x9E3779B97F4A7C15U + key;
  return page;
}

struct Listing {
  std::vector<u64> keys;
  u64 next_key = 1;

  explicit Listing(i64 size) {
    for (i64 i = 0; i < size; ++i) keys.push_back(next_key++);
  }
  [[nodiscard]] i64 size() const { return static_cast<i64>(keys.size()); }
  [[nodiscard]] std::vector<u64> slice(i64 offset, i64 count) const {
    const i64 from = std::min(offset, size());
    const i64 to = std::min(offset + count, size());
    return {keys.begin() + from, keys.begin() + to};
  }
  [[nodiscard]] PageContents answer(const Stretch& stretch) const { return page_of(slice(stretch.offset, stretch.count), size()); }
  void insert(i64 place) { keys.insert(keys.begin() + place, next_key++); }
  void remove(i64 place) { keys.erase(keys.begin() + place); }
};

inline constexpr i64 kNoLimit = std::numeric_limits<i64>::max();

/// Asks one stretch after the other until the collection ends. `answer` makes the server; `most_requests` ends what would never end.
template <typename Server>
Collection::Ending read_all(Collection& collection, const Server& answer, int most_requests = 10'000) {
  while (most_requests > 0) {
    while (const std::optional<Stretch> stretch = collection.next(kNoLimit)) {
      collection.take(*stretch, answer(*stretch));
      if (--most_requests == 0) break;
    }
    if (!collection.pass_done()) break;
    const Collection::Ending ending = collection.end_pass();
    if (ending.outcome != Collection::Outcome::again) return ending;
  }
  return {Collection::Outcome::again, "it never ends"};
}

}  // namespace chimplift
