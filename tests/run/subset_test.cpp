#include "run/subset.hpp"

#include <gtest/gtest.h>

namespace chimplift {
namespace {

TEST(Subset, PartsAreEverythingOnce) {
  for (const i64 parts : {1, 3, 7, 10}) {
    std::vector<int> sizes(static_cast<std::size_t>(parts));
    for (int i = 0; i < 2000; ++i) {
      int in = 0;
      for (i64 part = 1; part <= parts; ++part) {
        const bool has = Subset::parse(std::to_string(part) + "/" + std::to_string(parts))->has("files/" + std::to_string(i));
        in += has ? 1 : 0;
        sizes[static_cast<std::size_t>(part - 1)] += has ? 1 : 0;
      }
      EXPECT_EQ(in, 1) << i;
    }
    for (const int size : sizes) EXPECT_NEAR(size, 2000.0 / static_cast<double>(parts), 100);
  }
}

TEST(Subset, APercentageIsTheFirstPart) {
  for (i64 at = 0; at < 1000; ++at) {
    EXPECT_EQ(Subset::parse("10%")->has("raw/a", at), Subset::parse("1/10")->has("raw/a", at));
    EXPECT_TRUE(Subset::parse("100%")->has("raw/a", at));
  }
}

TEST(Subset, RefusesWhatIsNoPart) {
  for (const char* text : {"", "%", "0%", "101%", "-1%", "10", "0/3", "4/3", "1/", "/1", "a/b", "1/2/3", "nan%"}) {
    const Result<Subset> subset = Subset::parse(text);
    ASSERT_FALSE(subset) << text;
    EXPECT_EQ(subset.error().kind, ErrorKind::usage);
  }
}

}  // namespace
}  // namespace chimplift
