#include "mailchimp/stream.hpp"

#include <gmock/gmock.h>

#include "mailchimp/catalogue.hpp"

namespace chimplift {
namespace {

TEST(PathOf, EncodesHostileIds) {
  const Stream stream{.table = "t", .path = "/a/{x}/b/{y}/c"};
  const auto path = [&stream](const std::string& x, const std::string& y) { return path_of(stream, std::vector<std::string>{x, y}); };
  EXPECT_EQ(path("1", "2"), "/a/1/b/2/c");
  EXPECT_EQ(path("a/b", "#?&="), "/a/a%2Fb/b/%23%3F%26%3D/c");
  EXPECT_EQ(path("..%2F", "a b"), "/a/..%252F/b/a%20b/c");
  EXPECT_EQ(path("{y}", "}{"), "/a/%7By%7D/b/%7D%7B/c");
  EXPECT_EQ(path("\xF0\x9F\x90\xB5", "\xE9\r\n"), "/a/%F0%9F%90%B5/b/%E9%0D%0A/c");
}

TEST(PathOf, ADotSegmentDoesNotClimb) {
  const Stream stream{.table = "t", .path = "/a/{x}/c"};
  // A server, and libcurl before it, takes "/a/../c" for "/c": another collection would come in its place.
  for (const std::string id : {".", ".."}) {
    const std::string path = path_of(stream, std::vector<std::string>{id});
    EXPECT_EQ(path.find("/" + id + "/"), std::string::npos) << path;
  }
}

TEST(PathOf, IsTheStreamsOwnWithoutParents) {
  for (const Stream& stream : catalogue()) {
    const std::vector<std::string> ids(parent_columns(stream).size(), "id");
    EXPECT_EQ(path_of(stream, ids).find_first_of("{}"), std::string::npos) << stream.table;
  }
}

TEST(QueryOf, LeavesLinksOutAndAsksForAStretch) {
  const Stream stream{.table = "t", .items = "things", .sort = "sort_field=x", .sweeps = {"", "status=archived"}};
  EXPECT_EQ(query_of(stream, 0, {0, 10, {}}), "exclude_fields=_links,things._links&sort_field=x&count=10&offset=0");
  EXPECT_EQ(query_of(stream, 1, {3'000'000'000, 1000, {}}),
            "exclude_fields=_links,things._links&status=archived&sort_field=x&count=1000&offset=3000000000");
  const Stream object{.table = "o"};
  EXPECT_EQ(query_of(object, 0, {0, 0, {}}), "exclude_fields=_links");
}

TEST(QueryOf, LeavesOutTheLinksInsideRecordsTooAndAsksForFieldsThatComeOnlyThen) {
  const Stream stream{.table = "t", .items = "things", .sort = "sort_field=x", .query = "include_y=true", .linked = {"lines", "customer"}};
  EXPECT_EQ(query_of(stream, 0, {0, 10, {}}),
            "exclude_fields=_links,things._links,things.lines._links,things.customer._links&include_y=true&sort_field=x&count=10&offset=0");
  const Stream one{.table = "t", .query = "include_y=true", .linked = {"lines"}};
  EXPECT_EQ(query_of(one, 0, {0, 0, {}}), "exclude_fields=_links,lines._links&include_y=true");
  // Where OpenAPI 3.0.55 has links of their own inside records.
  const std::vector<std::pair<std::string, std::string>> places = {{"orders", "orders.customer._links"},
                                                                   {"orders", "orders.lines._links"},
                                                                   {"carts", "carts.customer._links"},
                                                                   {"carts", "carts.lines._links"},
                                                                   {"products", "products.variants._links"},
                                                                   {"products", "products.images._links"},
                                                                   {"member_activity", "activity.order_items._links"}};
  for (const auto& [table, path] : places) {
    EXPECT_NE(query_of(*find_stream(table), 0, {}).find(path), std::string::npos) << table << " " << path;
  }
}

TEST(Stream, WhatAQuerySaysOfThePageFollowsThePaging) {
  Stream stream{.path = "/contacts", .items = "contacts", .paging = Paging::cursor};
  EXPECT_EQ(query_of(stream, 0, {0, 100, {}}), "exclude_fields=_links,contacts._links&count=100");
  EXPECT_EQ(query_of(stream, 0, {100, 100, "a+b/c="}), "exclude_fields=_links,contacts._links&count=100&cursor=a%2Bb%2Fc%3D");
  stream.paging = Paging::count;
  EXPECT_EQ(query_of(stream, 0, {0, 1000, {}}), "exclude_fields=_links,contacts._links&count=1000");
}

TEST(Stream, AnOffsetIsSentWhereItLeadsToEachPage) {
  Stream stream{.path = "/things", .items = "things"};
  for (const Paging paging : {Paging::offset, Paging::undocumented, Paging::count, Paging::cursor, Paging::object}) {
    stream.paging = paging;
    EXPECT_EQ(pages_by_offset(stream), paging == Paging::offset || paging == Paging::undocumented) << name_of(paging);
    EXPECT_EQ(query_of(stream, 0, {5, 10, {}}).find("offset=5") != std::string::npos, pages_by_offset(stream)) << name_of(paging);
  }
}

TEST(Stream, AnEmbeddedListIsWholeWhenItIsShortOrHasAllThatItsParentSays) {
  EXPECT_TRUE(is_whole_when_embedded(0));
  EXPECT_TRUE(is_whole_when_embedded(kMostEmbedded - 1));
  EXPECT_FALSE(is_whole_when_embedded(kMostEmbedded)) << "it may have been cut there";
  EXPECT_FALSE(is_whole_when_embedded(-1)) << "there is no list";
}

}  // namespace
}  // namespace chimplift
