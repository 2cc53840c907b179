// Which units a run knows of, which of them are settled, and how they are counted.
#include "pull/known_units.hpp"

#include <gmock/gmock.h>

namespace chimplift {
namespace {

using testing::ElementsAre;

const UnitId kConversations{"conversations", {}, 0};
const UnitId kMessages{"conversation_messages", {"c1"}, 0};

TEST(KnownUnits, AUnitIsKnownOnce) {
  KnownUnits units;
  EXPECT_TRUE(units.add(kMessages));
  EXPECT_FALSE(units.add(kMessages));
  EXPECT_TRUE(units.contains(kMessages));
  EXPECT_FALSE(units.contains(kConversations));
  EXPECT_EQ(units.count(), 1);
  EXPECT_EQ(units.ended(), 0);
}

TEST(KnownUnits, WhatIsSettledHasEndedWhenItIsFound) {
  KnownUnits units;
  units.settle(kMessages);
  EXPECT_EQ(units.ended(), 0) << "nobody knows of it yet";
  EXPECT_TRUE(units.add(kMessages));
  EXPECT_EQ(units.ended(), 1);
}

TEST(KnownUnits, WhatIsTakenBackIsFoundAgain) {
  KnownUnits units;
  units.settle(kMessages);
  units.add(kMessages);
  EXPECT_TRUE(units.take_back(kMessages));
  EXPECT_EQ(units.count(), 0);
  EXPECT_EQ(units.ended(), 0);
  EXPECT_FALSE(units.take_back(kMessages));
  EXPECT_TRUE(units.add(kMessages));
  EXPECT_FALSE(units.is_settled(kMessages));
}

TEST(KnownUnits, WhatIsNotSettledIsNotTakenBack) {
  KnownUnits units;
  units.add(kMessages);
  EXPECT_FALSE(units.take_back(kMessages));
  EXPECT_TRUE(units.contains(kMessages));
}

TEST(KnownUnits, WhatWasBegunElsewhereIsTakenBackOnce) {
  KnownUnits units;
  units.set_begun_elsewhere(kMessages);
  EXPECT_TRUE(units.take_back(kMessages));
  EXPECT_FALSE(units.take_back(kMessages));
}

TEST(KnownUnits, WhatWasTakenForGoneIsSoUntilItsParentIsThere) {
  KnownUnits units;
  units.settle(kMessages);
  units.set_gone(kMessages);
  EXPECT_TRUE(units.unset_gone(kMessages));
  EXPECT_FALSE(units.unset_gone(kMessages));
  EXPECT_TRUE(units.is_settled(kMessages));
}

TEST(KnownUnits, ACollectionIsUnsettledInEverySweep) {
  KnownUnits units;
  for (const int sweep : {0, 1}) units.settle({"list_members", {"l1"}, sweep});
  units.settle({"list_members", {"l2"}, 1});
  units.unsettle({"list_members", {"l1"}, 1});
  for (const int sweep : {0, 1}) EXPECT_FALSE(units.is_settled({"list_members", {"l1"}, sweep}));
  EXPECT_TRUE(units.is_settled({"list_members", {"l2"}, 1}));
}

TEST(KnownUnits, WhatIsBegunAnewKeepsWhatParentsTellOf) {
  KnownUnits units;
  for (const UnitId& unit : {kConversations, kMessages}) {
    units.settle(unit);
    units.add(unit);
  }
  units.begin_anew();
  EXPECT_EQ(units.count(), 0);
  EXPECT_EQ(units.ended(), 0);
  EXPECT_FALSE(units.contains(kMessages));
  EXPECT_TRUE(units.is_settled(kMessages));
  EXPECT_FALSE(units.is_settled(kConversations));
}

TEST(KnownUnits, GivesThoseOfATable) {
  KnownUnits units;
  units.add(kConversations);
  units.add(kMessages);
  EXPECT_THAT(units.of({"conversation_messages", "templates"}), ElementsAre(kMessages));
}

}  // namespace
}  // namespace chimplift
