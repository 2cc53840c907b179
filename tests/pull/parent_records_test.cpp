// Which records of a page changed since they were read before.
#include "pull/parent_records.hpp"

#include <gmock/gmock.h>

#include "mailchimp/catalogue.hpp"

namespace chimplift {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const UnitId kConversations{"conversations", {}, 0};

class ParentRecordsTest : public testing::Test {
 protected:
  [[nodiscard]] PageContents page(const std::string& listed) const {
    return *read_page(R"({"conversations":[)" + listed + R"(],"total_items":1})", discoverer.shape());
  }
  void remember(const std::string& page_records) { records.remember(discoverer, kConversations, page(page_records)); }
  /// Ids of the page's records, with a mark behind those that are the same.
  std::vector<std::string> compare(const std::string& page_records) {
    std::vector<std::string> compared;
    for (const ParentRecords::Record& record : records.compare(discoverer, kConversations, page(page_records)))
      compared.push_back(record.ids.back() + (record.is_same ? " same" : ""));
    return compared;
  }

  const Selection selection = *Selection::of({}, {"conversations"});
  const Discoverer discoverer{*find_stream("conversations"), selection};
  ParentRecords records;
};

constexpr const char* kOne = R"({"id":"c1","message_count":1})";
constexpr const char* kOneWithMore = R"({"id":"c1","message_count":2})";
constexpr const char* kOther = R"({"id":"c2","message_count":1})";

TEST_F(ParentRecordsTest, ARecordThatWasNotReadBeforeIsNotTheSame) { EXPECT_THAT(compare(kOne), ElementsAre("c1")); }

TEST_F(ParentRecordsTest, ARecordWithOtherBytesIsNotTheSame) {
  remember(std::string(kOne) + "," + kOther);
  EXPECT_THAT(compare(std::string(kOneWithMore) + "," + kOther), ElementsAre("c1", "c2 same"));
}

TEST_F(ParentRecordsTest, WhatWasComparedIsWhatWasRead) {
  remember(kOne);
  EXPECT_THAT(compare(kOneWithMore), ElementsAre("c1"));
  EXPECT_THAT(compare(kOneWithMore), ElementsAre("c1 same"));
}

TEST_F(ParentRecordsTest, OfARecordThatWasReadTwiceTheFirstCounts) {
  remember(kOne);
  remember(kOneWithMore);
  EXPECT_THAT(compare(kOne), ElementsAre("c1 same"));
}

TEST_F(ParentRecordsTest, OnlyWhatGatesCollectionsIsRemembered) {
  EXPECT_TRUE(ParentRecords::gates_children(*find_stream("conversations")));
  EXPECT_FALSE(ParentRecords::gates_children(*find_stream("templates")));
  const Discoverer templates(*find_stream("templates"), *Selection::of({}, {"templates"}));
  const PageContents contents = *read_page(R"({"templates":[{"id":1}],"total_items":1})", templates.shape());
  EXPECT_THAT(records.compare(templates, {"templates", {}, 0}, contents), IsEmpty());
}

// The campaign's report gates collections of another step.
TEST_F(ParentRecordsTest, CollectionsOfOtherStepsCountToo) {
  EXPECT_TRUE(ParentRecords::gates_children(*find_stream("campaign_stats")));
  EXPECT_TRUE(ParentRecords::gates_children(*by_id(*find_stream("campaign_stats"))));
}

}  // namespace
}  // namespace chimplift
