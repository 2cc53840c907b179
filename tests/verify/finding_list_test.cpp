// How many findings of one cause are named, and that none is silent.
#include "verify/finding_list.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <functional>
#include <iterator>

namespace chimplift {
namespace {

constexpr int kMost = static_cast<int>(kMostOfOneCause);

Finding missing(int i, const std::string& reason = "not read to its end yet") {
  return {"orders", {{"store_id", fmt::format("S{}", i)}}, "", reason, "chimplift sync"};
}

std::vector<Finding> list_of(int count, const std::function<Finding(int)>& make) {
  FindingList list;
  for (int i = 0; i < count; ++i) list.add(make(i));
  EXPECT_EQ(list.count(), count);
  std::vector<Finding> findings = list.take();
  EXPECT_EQ(count_of(findings), count);
  return findings;
}

TEST(FindingList, NamesSoManyOfOneCauseAndCountsTheOthers) {
  for (const int count : {1, kMost}) EXPECT_EQ(std::ssize(list_of(count, [](int i) { return missing(i); })), count);
  for (const int others : {1, 1180}) {
    const std::vector<Finding> findings = list_of(kMost + others, [](int i) { return missing(i); });
    ASSERT_EQ(std::ssize(findings), kMost + 1);
    EXPECT_EQ(findings[kMost - 1].parent[0].second, "S999");
    EXPECT_EQ(findings[kMost].parent.size(), 0U);
    EXPECT_EQ(findings[kMost].command, "chimplift sync") << "what closes the others too";
    EXPECT_EQ(said_reason(findings[kMost]), fmt::format("and {} more like this: not read to its end yet", others == 1 ? "1" : "1,180"));
  }
}

TEST(FindingList, OneCauseMayDifferInNumbersAddressesAndPaths) {
  const auto page = [](int i) { return missing(i, fmt::format("page {} of orders in here/raw/orders/seg-{:x} is damaged", i, i * 77)); };
  EXPECT_EQ(std::ssize(list_of(kMost + 50, page)), kMost + 1);
  const auto image = [](int i) {
    return Finding{"campaigns", {}, fmt::format("https://x/{}.png", i), fmt::format("files/images/{}.png is not in the archive", i), ""};
  };
  const std::vector<Finding> images = list_of(kMost + 50, image);
  ASSERT_EQ(std::ssize(images), kMost + 1);
  EXPECT_EQ(images[kMost].file, "");
}

TEST(FindingList, OtherTablesWordsAndCommandsAreOtherCauses) {
  const auto turned = [](int i) {
    Finding finding = missing(i, i % 2 == 0 ? "404 Resource Not Found" : "503 Service Unavailable");
    if (i % 4 > 1) finding.stream = "carts";
    if (i % 8 > 3) finding.command = "chimplift load";
    return finding;
  };
  EXPECT_EQ(list_of(8 * kMost, turned).size(), 8U * kMost);
}

}  // namespace
}  // namespace chimplift
