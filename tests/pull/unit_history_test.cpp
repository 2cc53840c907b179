// What the ledger's lines on a unit come to.
#include "pull/unit_history.hpp"

#include <gmock/gmock.h>

namespace chimplift {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

EndRecord end_of(UnitState state, i64 records = 0) {
  return EndRecord{.unit = {"conversations", {}, 0}, .state = state, .records = records};
}

TEST(UnitHistory, IsSettledWhenItHasEndedAndNoPageCameSince) {
  UnitHistory history;
  EXPECT_FALSE(history.is_settled());
  history.pages.emplace_back();
  history.note(end_of(UnitState::complete), true, 0);
  EXPECT_TRUE(history.is_settled());
  EXPECT_FALSE(history.is_gone);
  history.pages.emplace_back();
  EXPECT_FALSE(history.is_settled());
}

TEST(UnitHistory, OnlyCompleteAndGoneAreFinal) {
  UnitHistory history;
  history.note(end_of(UnitState::not_permitted), true, 0);
  EXPECT_FALSE(history.is_final);
  history.note(end_of(UnitState::incomplete), true, 0);
  EXPECT_FALSE(history.is_final);
  EXPECT_FALSE(history.has_records);
  history.note(end_of(UnitState::incomplete, 3), true, 0);
  EXPECT_TRUE(history.has_records);
  history.note(end_of(UnitState::gone), true, 0);
  EXPECT_TRUE(history.is_final);
  EXPECT_TRUE(history.is_gone);
  EXPECT_FALSE(history.has_records);
}

TEST(UnitHistory, KeepsThePagesThatLeadSomewhere) {
  UnitHistory history;
  history.pages.emplace_back();
  history.note(end_of(UnitState::incomplete), true, 0);
  history.pages.emplace_back();
  history.note(end_of(UnitState::complete), true, 0);
  EXPECT_THAT(history.leading, SizeIs(2));
  UnitHistory other;
  other.pages.emplace_back();
  other.note(end_of(UnitState::complete), false, 0);
  EXPECT_THAT(other.leading, IsEmpty());
  EXPECT_THAT(other.pages, IsEmpty());
}

TEST(UnitHistory, OfWhatIsTakenBackTheLastWholeReadingIsRemembered) {
  UnitHistory history;
  history.pages.emplace_back();
  history.note(end_of(UnitState::complete), true, 0);
  history.take_back();
  EXPECT_FALSE(history.is_final);
  EXPECT_THAT(history.earlier, SizeIs(1));
  EXPECT_THAT(history.leading, IsEmpty());
  history.pages.emplace_back();
  history.take_back();
  EXPECT_THAT(history.pages, IsEmpty());
  EXPECT_THAT(history.earlier, SizeIs(1)) << "what was begun since was not read to its end";
}

}  // namespace
}  // namespace chimplift
