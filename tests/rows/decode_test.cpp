#include "rows/decode.hpp"

#include <gmock/gmock.h>

#include "base/hash.hpp"

namespace chimplift {
namespace {

using testing::ElementsAre;

const RowContext kContext{"shop", 1'000'000, {"L1"}};

Table members() {
  return {"list_members",
          {{"account_name", ColumnType::text},
           {"synced_at", ColumnType::timestamp},
           {"list_id", ColumnType::text},
           {"id", ColumnType::text},
           {"rating", ColumnType::integer},
           {"opened", ColumnType::timestamp}},
          {"list_id"},
          {"account_name", "list_id", "id"},
          ""};
}

/// The page of these records, decoded.
DecodedPage decode(Table& table, const std::string& records, const RowContext& context = kContext) {
  auto page = decode_page("{\"items\":[" + records + "]}", "items", context, table);
  EXPECT_TRUE(page) << page.error().message;
  return page ? *page : DecodedPage{};
}

Value at(const Table& table, const Row& row, const std::string& column) {
  const i64 index = table.find(column);
  if (index < 0 || index >= static_cast<i64>(row.size())) return {};
  return row[static_cast<std::size_t>(index)];
}

Value text(const std::string& value) { return value; }

TEST(Decode, StartsWithWhatThePageKnows) {
  Table table = members();
  const DecodedPage page = decode(table, R"({"id":"a","rating":3,"opened":"1970-01-01T00:00:02+00:00","_links":[1]})");
  EXPECT_EQ(page.records, 1);
  EXPECT_EQ(page.misfits, 0);
  EXPECT_THAT(page.rows, ElementsAre(ElementsAre(text("shop"), Value(Timestamp{1'000'000}), text("L1"), text("a"), Value(i64{3}),
                                                 Value(Timestamp{2'000'000}))));
  EXPECT_EQ(table.columns, members().columns);
}

TEST(Decode, AddsColumnsByTheFirstValueThatIsNotNull) {
  Table table = members();
  decode(table, R"({"x":null,"s":"","i":1,"n":1.5,"b":false,"o":{},"a":[]},{"x":"later"})");
  const std::vector<Column> added(table.columns.begin() + 6, table.columns.end());
  EXPECT_THAT(added, ElementsAre(Column{"s", ColumnType::text}, Column{"i", ColumnType::integer}, Column{"n", ColumnType::number},
                                 Column{"b", ColumnType::boolean}, Column{"o", ColumnType::json}, Column{"a", ColumnType::json},
                                 Column{"x", ColumnType::text}));
}

TEST(Decode, AMisfitGoesToASiblingAndIsCounted) {
  Table table = members();
  const DecodedPage page = decode(table, R"({"id":{"a":1},"rating":"five","opened":"soon"},{"id":"b","rating":12345678901234567890})");
  EXPECT_EQ(page.misfits, 4);
  EXPECT_EQ(at(table, page.rows[0], "id"), Value());
  EXPECT_EQ(at(table, page.rows[0], "id__text"), text(R"({"a":1})"));
  EXPECT_EQ(at(table, page.rows[0], "rating__text"), text("five"));
  EXPECT_EQ(at(table, page.rows[0], "opened__text"), text("soon"));
  EXPECT_EQ(at(table, page.rows[1], "rating__text"), text("12345678901234567890"));
  EXPECT_EQ(table.columns[static_cast<std::size_t>(table.find("id__text"))].type, ColumnType::text);
}

TEST(Decode, FieldsWithOurNamesAreKeptBesideOurs) {
  Table table = members();
  const DecodedPage page = decode(table, R"({"account_name":"Theirs","synced_at":7,"list_id":"L1"},{"list_id":"L2"},{"list_id":null})");
  EXPECT_EQ(at(table, page.rows[0], "account_name"), text("shop"));
  EXPECT_EQ(at(table, page.rows[0], "account_name__api"), text("Theirs"));
  EXPECT_EQ(at(table, page.rows[0], "synced_at__api"), Value(i64{7}));
  EXPECT_EQ(at(table, page.rows[0], "list_id__api"), Value());
  EXPECT_EQ(at(table, page.rows[1], "list_id"), text("L1"));
  EXPECT_EQ(at(table, page.rows[1], "list_id__api"), text("L2"));
  EXPECT_EQ(at(table, page.rows[2], "list_id__api"), Value());
}

TEST(Decode, ParentsHaveTheirColumnsType) {
  Table table = members();
  table.columns[2].type = ColumnType::integer;
  EXPECT_EQ(at(table, decode(table, "{\"list_id\":42}", {"shop", 0, {"42"}}).rows[0], "list_id"), Value(i64{42}));
  EXPECT_EQ(table.find("list_id__api"), -1);
  for (const char* odd : {"042", "x", "", "-0", "9223372036854775808"}) {
    const DecodedPage page = decode(table, "{}", {"shop", 0, {odd}});
    EXPECT_EQ(at(table, page.rows[0], "list_id"), Value());
    EXPECT_EQ(at(table, page.rows[0], "list_id__text"), text(odd));
    EXPECT_EQ(page.misfits, 1);
  }
}

TEST(Decode, NamesThatDifferByCaseAreTwoColumns) {
  Table table = members();
  const DecodedPage page = decode(table, R"({"Id":"A","id":"a","ID":"AA"},{"ID":"BB","Id":"B","id":"b"})");
  EXPECT_EQ(at(table, page.rows[0], "id"), text("a"));
  EXPECT_EQ(at(table, page.rows[0], "Id__2"), text("A"));
  EXPECT_EQ(at(table, page.rows[0], "ID__3"), text("AA"));
  EXPECT_EQ(at(table, page.rows[1], "Id__2"), text("B"));
  EXPECT_EQ(at(table, page.rows[1], "ID__3"), text("BB"));
}

TEST(Decode, OddNamesNeverTakeTheColumnsThatWeMake) {
  Table table = members();
  const DecodedPage page = decode(
      table, R"({"id":[1],"id__text":"x","":"empty","_":"bar","a__api":1,"b__2":2,"c\u0000d":3,"account_name":4,"account_name__api":5})");
  EXPECT_EQ(at(table, page.rows[0], "id__text"), text("[1]"));
  EXPECT_EQ(at(table, page.rows[0], "id__text__api"), text("x"));
  EXPECT_EQ(at(table, page.rows[0], "_"), text("empty"));
  EXPECT_EQ(at(table, page.rows[0], "___2"), text("bar"));
  EXPECT_EQ(at(table, page.rows[0], "a__api__api"), Value(i64{1}));
  EXPECT_EQ(at(table, page.rows[0], "b__2__api"), Value(i64{2}));
  EXPECT_EQ(at(table, page.rows[0], "account_name__api"), Value(i64{4}));
  EXPECT_EQ(at(table, page.rows[0], "account_name__api__api"), Value(i64{5}));
  EXPECT_EQ(at(table, page.rows[0], "c_d__" + sha256_hex(std::string("c\0d", 3)).substr(0, 8) + "__api"), Value(i64{3}));
}

TEST(Decode, OfDuplicateKeysTheLastCounts) {
  Table table = members();
  EXPECT_EQ(at(table, decode(table, R"({"id":"a","id":"b"})").rows[0], "id"), text("b"));
}

TEST(Decode, TheWholeBodyMayBeTheRecord) {
  Table table = members();
  const auto page = decode_page(R"({"id":"a"})", "", kContext, table);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->records, 1);
  EXPECT_FALSE(decode_page(R"({"id":"a"})", "items", kContext, table));
}

Table chatter() {
  return {"chimp_chatter",
          {{"account_name", ColumnType::text}, {"synced_at", ColumnType::timestamp}, {"row_hash", ColumnType::text}},
          {},
          {"account_name", "row_hash"},
          ""};
}

TEST(RowHash, IsOfTheRecordsOwnCanonicalJson) {
  Table table = chatter();
  const DecodedPage page =
      decode(table, R"({"b":[1, 2.50],"a":"\u00e9","_links":[]}, { "a" : "é", "b" : [1,2.50] }, {"a":"x","a":"é","b":[1,2.50]})");
  const Value expected = text(sha256_hex(R"({"a":"é","b":[1,2.50]})"));
  for (const Row& row : page.rows) EXPECT_EQ(at(table, row, "row_hash"), expected);
  EXPECT_NE(at(table, decode(table, R"({"a":"é","b":[1,2.5]})").rows[0], "row_hash"), expected);
  const auto hash_of = [&](const char* body) { return at(table, decode(table, body).rows[0], "row_hash"); };
  EXPECT_EQ(hash_of(R"({"a":[{"b":1,"_links":[]}],"_links":[]})"), hash_of(R"({"a":[{"b":1}]})")) << "whether links were asked for";
  EXPECT_EQ(at(table, decode(table, R"({"row_hash":"theirs"})").rows[0], "row_hash__api"), text("theirs"));
}

Table activity() {
  return {"email_activity",
          {{"account_name", ColumnType::text},
           {"synced_at", ColumnType::timestamp},
           {"campaign_id", ColumnType::text},
           {"email_id", ColumnType::text},
           {"action", ColumnType::text},
           {"timestamp", ColumnType::timestamp},
           {"occurrence", ColumnType::integer}},
          {"campaign_id"},
          {"account_name", "campaign_id", "email_id", "action", "timestamp", "occurrence"},
          "activity"};
}

TEST(Explode, MakesARowOfEachElement) {
  Table table = activity();
  const DecodedPage page = decode(
      table, R"({"email_id":"e","activity":[{"action":"open","timestamp":"1970-01-01"},{"action":"click","ip":"1.2.3.4"}],"list_id":"L"})");
  EXPECT_EQ(page.records, 1);
  ASSERT_EQ(page.rows.size(), 2U);
  EXPECT_EQ(at(table, page.rows[0], "email_id"), text("e"));
  EXPECT_EQ(at(table, page.rows[1], "email_id"), text("e"));
  EXPECT_EQ(at(table, page.rows[1], "list_id"), text("L"));
  EXPECT_EQ(at(table, page.rows[1], "action"), text("click"));
  EXPECT_EQ(at(table, page.rows[1], "ip"), text("1.2.3.4"));
  EXPECT_EQ(table.find("activity"), -1);
}

TEST(Explode, CountsEqualElementsOfOneRecord) {
  Table table = activity();
  const std::string click = R"({"action":"click","timestamp":"1970-01-01"})";
  const std::string odd = R"({"action":"click","timestamp":"x"},{"action":"click","timestamp":"y"})";
  const std::string record = "\"activity\":[" + click + "," + odd + "," + click + "]}";
  const DecodedPage page = decode(table, "{\"email_id\":\"e\"," + record + ",{\"email_id\":\"f\"," + record);
  std::vector<Value> occurrences;
  for (const Row& row : page.rows) occurrences.push_back(at(table, row, "occurrence"));
  const Value first = i64{0};
  const Value second = i64{1};
  EXPECT_THAT(occurrences, ElementsAre(first, first, first, second, first, first, first, second));
}

TEST(Explode, NoArrayNoRows) {
  Table table = activity();
  const DecodedPage page = decode(table, R"({"email_id":"a"},{"activity":null},{"activity":[]})");
  EXPECT_EQ(page.records, 3);
  EXPECT_TRUE(page.rows.empty());
}

TEST(Explode, WhatIsNoArrayIsOneElement) {
  Table table = activity();
  const DecodedPage page = decode(table, R"({"email_id":"a","activity":"x"},{"email_id":"b","activity":{"action":"open"}})");
  ASSERT_EQ(page.rows.size(), 2U);
  EXPECT_EQ(at(table, page.rows[0], "activity"), Value(Json{"\"x\""}));
  EXPECT_EQ(at(table, page.rows[1], "action"), text("open"));
  EXPECT_EQ(at(table, page.rows[1], "email_id"), text("b"));
}

// As PHP writes a list that has holes, or nothing in it.
TEST(Explode, AnObjectWithNumbersForNamesIsAList) {
  Table table = activity();
  const DecodedPage page = decode(table, R"({"email_id":"a","activity":{"0":{"action":"open"},"2":{"action":"click"}}},
                                            {"email_id":"b","activity":{}},{"email_id":"c","activity":""})");
  ASSERT_EQ(page.rows.size(), 2U);
  EXPECT_EQ(at(table, page.rows[0], "action"), text("open"));
  EXPECT_EQ(at(table, page.rows[1], "action"), text("click"));
  EXPECT_EQ(at(table, page.rows[1], "email_id"), text("a"));
  EXPECT_EQ(page.records, 3);
}

TEST(Explode, ClashesAndOddElementsAreKept) {
  Table table = activity();
  const DecodedPage page =
      decode(table, R"({"email_id":"a","activity":[{"email_id":"b","occurrence":9},"odd",{"campaign_id":"L1"},null]})");
  ASSERT_EQ(page.rows.size(), 4U);
  EXPECT_EQ(at(table, page.rows[0], "email_id"), text("a"));
  EXPECT_EQ(at(table, page.rows[0], "activity_email_id"), text("b"));
  EXPECT_EQ(at(table, page.rows[0], "occurrence__api"), Value(i64{9}));
  EXPECT_EQ(at(table, page.rows[1], "activity"), Value(Json{"\"odd\""}));
  EXPECT_EQ(table.find("campaign_id__api"), -1);
}

// ---- records inside their parents' records

Table order_lines() {
  return {"order_lines",
          {{"account_name", ColumnType::text},
           {"synced_at", ColumnType::timestamp},
           {"store_id", ColumnType::text},
           {"order_id", ColumnType::text},
           {"id", ColumnType::text}},
          {"store_id", "order_id"},
          {"account_name", "store_id", "order_id", "id"},
          ""};
}

DecodedPage decode_lines(Table& table, const std::string& orders) {
  const Embedded embedded{"lines", "id", [](i64 elements) { return elements < 3; }};
  auto page = decode_embedded("{\"orders\":[" + orders + "]}", "orders", embedded, {"shop", 1, {"S"}}, table);
  EXPECT_TRUE(page) << page.error().message;
  return page ? *page : DecodedPage{};
}

TEST(DecodeEmbedded, MakesARowOfEachElementBelowItsParent) {
  Table table = order_lines();
  const DecodedPage page =
      decode_lines(table, R"({"id":"o/1","lines":[{"id":"a","qty":2,"_links":[]},{"id":"b","qty":3}]},{"id":7,"lines":[{"id":"a"}]})");
  ASSERT_EQ(page.rows.size(), 3U);
  EXPECT_EQ(page.records, 3);
  EXPECT_THAT(page.rows[0], ElementsAre(text("shop"), Value(Timestamp{1}), text("S"), text("o/1"), text("a"), Value(i64{2})));
  EXPECT_EQ(at(table, page.rows[2], "order_id"), text("7"));
}

TEST(DecodeEmbedded, LeavesAloneWhatIsNotWhole) {
  Table table = order_lines();
  EXPECT_TRUE(
      decode_lines(table,
                   R"({"id":"1","lines":[{},{},{}]},{"id":"2"},{"id":"3","lines":null},{"id":"4","lines":[{"id":"x"},5]},{"lines":[{}]})")
          .rows.empty());
}

}  // namespace
}  // namespace chimplift
