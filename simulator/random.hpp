// Random numbers that are the same on every machine and with every compiler: the generated accounts stand in tests.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/types.hpp"

namespace mailchimp_sim {

using chimplift::i64;
using chimplift::u64;

/// No two of its functions in one expression whose parts have no order: compilers would make different accounts of one seed.
class Random {
 public:
  explicit Random(u64 seed) : state_(seed) {}
  /// A generator of its own for one thing, so that adding another thing does not change this one.
  Random(u64 seed, std::string_view purpose) : state_(seed) {
    for (const char c : purpose) state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;  // FNV-1a's prime
    next();
  }

  /// SplitMix64 (Steele, Lea, Flood 2014): small, fast and good enough for test data.
  u64 next() {
    u64 z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31U);
  }
  i64 below(i64 end) { return end <= 0 ? 0 : static_cast<i64>(next() % static_cast<u64>(end)); }
  /// Both ends included.
  i64 between(i64 low, i64 high) { return low + below(high - low + 1); }
  double unit() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }
  bool chance(double probability) { return unit() < probability; }
  template <typename T>
  const T& pick(std::span<const T> choices) {
    return choices[static_cast<std::size_t>(below(static_cast<i64>(choices.size())))];
  }
  std::string hex(std::size_t digits) {
    std::string text;
    while (text.size() < digits) text += "0123456789abcdef"[next() & 15U];
    return text;
  }

 private:
  u64 state_;
};

}  // namespace mailchimp_sim
