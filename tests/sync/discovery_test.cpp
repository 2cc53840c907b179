// What a page leads to.
#include "sync/discovery.hpp"

#include <gtest/gtest.h>

#include "mailchimp/catalogue.hpp"

namespace chimplift {
namespace {

TEST(Discovery, TheRecordThatWasAskedForByItsIdIsKnownByIt) {
  const Selection selection = *Selection::of({}, {});
  for (const char* table : {"campaigns", "campaign_stats"}) {
    const Stream& list = *find_stream(table);
    const Discoverer one(*by_id(list), selection);
    const auto is_asked_for = [&one](const char* body) { return one.is_asked_for({"c1"}, *read_page(body, one.shape())); };
    EXPECT_TRUE(is_asked_for(R"({"id":"c1","emails_sent":3})")) << table;
    EXPECT_FALSE(is_asked_for(R"({"id":"c2","emails_sent":3})")) << table;
    EXPECT_FALSE(is_asked_for(R"({"emails_sent":3})")) << table;
    EXPECT_FALSE(is_asked_for("{}")) << table;
  }
  const Stream& content = *find_stream("campaign_content");
  const Discoverer below(content, selection);
  EXPECT_TRUE(below.is_asked_for({"c1"}, *read_page(R"({"html":""})", below.shape()))) << "other records have no id to be known by";
}

}  // namespace
}  // namespace chimplift
