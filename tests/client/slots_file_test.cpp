// A file's request took one of the ten: what waits for a slot gets it when the file has come.
#include <gtest/gtest.h>

#include "client/slots.hpp"

namespace chimplift {
namespace {

TEST(SlotOfAFile, GoesToWhatWaitsForOne) {
  const std::unique_ptr<HttpLoop> loop = make_http_loop({});
  Slots slots(*loop, {}, [] {});
  for (int i = 0; i < kSlots; ++i) slots.take();
  bool used = false;
  slots.when_free([&] {
    used = true;
    slots.take();
  });
  ASSERT_FALSE(used);
  slots.release();
  EXPECT_TRUE(used);
  EXPECT_EQ(slots.in_flight(), kSlots);
}

}  // namespace
}  // namespace chimplift
