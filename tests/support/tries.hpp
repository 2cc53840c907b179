// How often a test tried what it tries: `./run torture` adds it up.
#pragma once

#include <gtest/gtest.h>

#include <string>

namespace chimplift {

/// Once in a test, at its end. A test that does not say is one try.
inline void tried(long long tries) { testing::Test::RecordProperty("tries", std::to_string(tries)); }

}  // namespace chimplift
