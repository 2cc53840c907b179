// What is kept packed while an archive is judged comes out as it went in, in the same order.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/hash.hpp"
#include "inventory/page_list.hpp"
#include "inventory/unit_set.hpp"
#include "support/chance.hpp"

namespace chimplift {
namespace {

std::string odd_text(Chance& chance) {
  // Mostly what keys are made of, so that they come close to each other.
  static const std::string kBytes(
      "\0\0\0\xFF\xFF\x01"
      "ab",
      8);
  std::string text;
  for (i64 size = chance.between(0, 4); size > 0; --size) text += kBytes[static_cast<std::size_t>(chance.between(0, 7))];
  return text;
}

TEST(Packed, UnitsSortAsTheyDidAndComeBackWhateverTheirIdsHold) {
  Chance chance;
  SCOPED_TRACE(chance.seed());
  std::set<UnitId> plain;
  UnitSet packed;
  for (int i = 0; i < 3'000; ++i) {
    UnitId unit{chance.between(0, 1) == 0 ? "list_members" : "lists", {}, static_cast<int>(chance.between(0, 3))};
    // As in the catalogue: a stream's units have as many parents each.
    for (int parent = unit.stream == "lists" ? 1 : 2; parent > 0; --parent) unit.parents.push_back(odd_text(chance));
    EXPECT_EQ(packed.contains(unit), plain.contains(unit));
    EXPECT_EQ(packed.insert(unit), plain.insert(unit).second);
    if (i % 7 == 0) {
      EXPECT_TRUE(packed.erase(unit));
      plain.erase(unit);
    }
  }
  ASSERT_EQ(packed.size(), plain.size());
  auto expected = plain.begin();
  for (const UnitId& unit : packed) EXPECT_EQ(unit, *expected++);
  packed.erase_if([](const UnitId& unit) { return unit.stream == "lists"; });
  EXPECT_EQ(packed.size(), static_cast<std::size_t>(std::ranges::count_if(plain, [](const UnitId& u) { return u.stream != "lists"; })));
}

void expect_same(const PageRecord& a, const PageRecord& b) {
  EXPECT_EQ(a.number, b.number);
  EXPECT_EQ(a.unit, b.unit);
  EXPECT_EQ(a.pass, b.pass);
  EXPECT_EQ(a.offset, b.offset);
  EXPECT_EQ(a.count, b.count);
  EXPECT_EQ(a.records, b.records);
  EXPECT_EQ(a.total, b.total);
  EXPECT_EQ(a.segment, b.segment);
  EXPECT_EQ(a.at, b.at);
  EXPECT_EQ(a.bytes, b.bytes);
  EXPECT_EQ(a.sha256, b.sha256);
  EXPECT_EQ(a.received_at, b.received_at);
}

TEST(Packed, PagesComeBackAsTheyWere) {
  Chance chance;
  SCOPED_TRACE(chance.seed());
  std::vector<PageRecord> plain;
  PageList packed;
  const auto number = [&chance] { return chance.between(0, i64{1} << chance.between(0, 50)) - 1; };
  for (int i = 0; i < 2'000; ++i) {
    PageRecord page;
    page.number = number();
    page.unit = {"list_members", {odd_text(chance), chance.bytes(chance.between(0, 300))}, static_cast<int>(chance.between(0, 2))};
    page.pass = static_cast<int>(chance.between(1, 4));
    page.offset = number();
    page.count = number();
    page.records = number();
    if (chance.between(0, 1) == 0) page.total = number();
    page.segment = std::to_string(chance.between(1, 5)) + ".ndjson.zst";
    page.at = number();
    page.bytes = number();
    const std::string sums[] = {sha256_hex(page.unit.parents[1]), "", "no sum", std::string(64, 'A'), std::string(64, 'z')};
    page.sha256 = sums[chance.between(0, 4)];
    page.received_at = i == 1'000 ? std::string(100'000, 'x') : "2026-05-01T12:00:00.000000Z";
    packed.add(page);
    plain.push_back(page);
  }
  ASSERT_EQ(packed.size(), plain.size());
  std::size_t at = 0;
  for (const PageRecord& page : packed) expect_same(page, plain[at++]);
  for (at = plain.size(); at-- > 0;) expect_same(packed[at], plain[at]);
}

}  // namespace
}  // namespace chimplift
