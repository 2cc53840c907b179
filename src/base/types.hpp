// Sizes, counts and offsets are all i64: nobody has to think about the right width.
#pragma once

#include <cstdint>

namespace chimplift {
using i64 = std::int64_t;
using u64 = std::uint64_t;
}  // namespace chimplift
