// A collection that is read to its end from a server made up for a test, and what came of it.
#pragma once

#include <vector>

#include "pull/collection.hpp"
#include "pull/listing.hpp"

namespace chimplift {

inline constexpr i64 kPage = 100;

struct Read {
  std::vector<Stretch> asked;
  Collection::Ending ending;
  i64 records = 0;
  i64 distinct = 0;
  int passes = 0;
};

template <typename Server>
Read read(const Stream& stream, const Server& server) {
  Read result;
  Collection collection(stream);
  result.ending = read_all(collection, [&](const Stretch& stretch) {
    result.asked.push_back(stretch);
    return server(stretch);
  });
  result.records = collection.records();
  result.distinct = collection.distinct();
  result.passes = collection.pass();
  return result;
}

inline Read read(const Stream& stream, i64 size) {
  const Listing listing(size);
  return read(stream, [&listing](const Stretch& stretch) { return listing.answer(stretch); });
}

}  // namespace chimplift
