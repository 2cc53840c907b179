// Random choices that can be repeated: from CHIMPLIFT_TEST_SEED or a new seed, which a test tells where it fails.
#pragma once

#include <cstdlib>
#include <random>
#include <string>

#include "base/types.hpp"

namespace chimplift {

/// CHIMPLIFT_TEST_SEED, or else a new one.
inline u64 chosen_seed() {
  const char* text = std::getenv("CHIMPLIFT_TEST_SEED");
  return text != nullptr ? std::strtoull(text, nullptr, 10) : std::random_device()();
}

class Chance {
 public:
  Chance() : seed_(chosen_seed()) { engine_.seed(seed_); }
  i64 between(i64 low, i64 high) { return std::uniform_int_distribution<i64>(low, high)(engine_); }
  /// True once in so many times.
  bool once_in(i64 times) { return between(1, times) == 1; }
  template <typename List>
  const auto& one_of(const List& list) {
    return *(std::begin(list) + between(0, static_cast<i64>(std::size(list)) - 1));
  }
  std::string bytes(i64 size) {
    std::string text(static_cast<std::size_t>(size), '\0');
    for (char& c : text) c = static_cast<char>(engine_());
    return text;
  }
  [[nodiscard]] std::string seed() const { return "CHIMPLIFT_TEST_SEED=" + std::to_string(seed_); }

 private:
  u64 seed_;
  std::mt19937_64 engine_;
};

}  // namespace chimplift
