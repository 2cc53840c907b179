#include "warehouse/text_rows.hpp"

#include <gmock/gmock.h>

#include "warehouse/harness.hpp"

namespace chimplift {
namespace {

const std::vector<std::optional<std::string>> kNoCounts{std::nullopt, "", "x", "-1", "1.5", "1 ", "99999999999999999999"};

TEST(TextRows, ACountIsAWholeNumberAndNothingElse) {
  EXPECT_EQ(*count_of("0"), 0);
  EXPECT_EQ(*count_of("9223372036854775807"), 9'223'372'036'854'775'807);
  for (const auto& cell : kNoCounts) {
    const auto count = count_of(cell);
    ASSERT_FALSE(count) << cell.value_or("NULL");
    EXPECT_EQ(count.error().kind, ErrorKind::destination);
    EXPECT_THAT(count.error().message, testing::HasSubstr(cell ? "\"" + *cell + "\"" : "nothing"));
  }
}

TEST(TextRows, OneCountIsOneCellOfOneRow) {
  EXPECT_EQ(*only_count_of(std::vector<TextRow>{{"7"}}), 7);
  EXPECT_FALSE(only_count_of({}));
  EXPECT_FALSE(only_count_of(std::vector<TextRow>{{}}));
  EXPECT_FALSE(only_count_of(std::vector<TextRow>{{"7"}, {"8"}}));
}

/// As 0, they would mean that nothing was loaded yet, and that nothing is missing.
TEST(TextRows, MalformedCountsOfCheckpointsAndComparisonsAreErrors) {
  const TextRow checkpoint{"lists", "3", "100", "1", std::nullopt, std::nullopt};
  const auto found = checkpoints_of(std::vector<TextRow>{checkpoint}, "archive", "shop");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->at("lists").rows, 100);
  EXPECT_EQ(found->at("lists").last_page_sha256, "");
  EXPECT_EQ(found->at("lists").mapping, "");
  const TextRow compared{"L", std::nullopt, "3", "2"};
  EXPECT_THAT(*key_counts_of(std::vector<TextRow>{compared}, 2), testing::ElementsAre(KeyCount{{"L", ""}, 3, 2}));
  for (const auto& cell : kNoCounts) {
    for (const std::size_t at : {1U, 2U, 3U}) {
      TextRow row = checkpoint;
      row[at] = cell;
      EXPECT_FALSE(checkpoints_of(std::vector<TextRow>{row}, "archive", "shop"));
    }
    for (const std::size_t at : {2U, 3U}) {
      TextRow row = compared;
      row[at] = cell;
      EXPECT_FALSE(key_counts_of(std::vector<TextRow>{row}, 2));
    }
  }
}

}  // namespace
}  // namespace chimplift
