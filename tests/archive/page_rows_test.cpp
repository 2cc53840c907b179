// A record can be rebuilt from its line in the archive: it gives the same rows as the answer itself, however that was written.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>

#include "archive/page_line.hpp"
#include "base/zstd.hpp"
#include "rows/decode.hpp"
#include "support/chance.hpp"

namespace chimplift {
namespace {

using Node = nlohmann::ordered_json;

class Answers {
 public:
  /// An answer as some server might write it: with line breaks or without, with escapes or without.
  std::string answer() {
    Node items = Node::array();
    for (i64 records = chance.between(0, 5); records > 0; --records) items.push_back(record());
    const bool is_plain = chance.once_in(2);
    return Node{{"items", items}, {"total_items", items.size()}}.dump(is_plain ? -1 : static_cast<int>(chance.between(0, 3)), ' ',
                                                                      chance.once_in(2));
  }

  Chance chance;

 private:
  Node record() {
    Node record = Node::object();
    record["id"] = std::to_string(chance.between(0, 1'000'000));
    for (i64 fields = chance.between(0, 6); fields > 0; --fields) record["f" + std::to_string(fields)] = value(3);
    return record;
  }
  // NOLINTNEXTLINE(misc-no-recursion)
  Node value(int depth) {
    static const std::vector<Node> kScalars = {nullptr,     true,        0, -7, 1.5, "", "a\nb", "\r\n", "caf\xC3\xA9 \xF0\x9F\x90\xB5",
                                               "\"body\":", "2019-04-05"};
    if (depth == 0 || chance.once_in(2)) return chance.one_of(kScalars);
    Node node = chance.once_in(2) ? Node::array() : Node::object();
    for (i64 children = chance.between(0, 3); children > 0; --children) {
      if (node.is_array())
        node.push_back(value(depth - 1));
      else
        node["k" + std::to_string(children)] = value(depth - 1);
    }
    return node;
  }
};

/// The rows as text; JSON without the white space between its tokens, which is the one thing that a line may change.
std::vector<std::string> rows_of(std::string_view body) {
  Table table{
      "things",
      {{"account_name", ColumnType::text}, {"synced_at", ColumnType::timestamp}, {"id", ColumnType::text}, {"f1", ColumnType::json}},
      {},
      {"account_name", "id"},
      ""};
  const auto page = decode_page(body, "items", {"shop", 1'554'467'696'000'000, {}}, table);
  EXPECT_TRUE(page) << page.error().message;
  std::vector<std::string> rows;
  for (const Row& row : page->rows) {
    std::string text;
    for (const Value& value : row) {
      const auto* json = std::get_if<Json>(&value);
      const auto* plain = std::get_if<std::string>(&value);
      const std::string tokens = json != nullptr ? json->text : plain != nullptr ? *plain : std::string();
      const Node node = Node::parse(tokens, nullptr, false);  // a list or an object may also stand in a column of texts
      text += node.is_structured() ? node.dump() : bytes_of(value);
      text += '|';
    }
    rows.push_back(std::move(text));
  }
  return rows;
}

TEST(PageRows, ALineOfTheArchiveGivesTheRowsOfTheAnswer) {
  Answers answers;
  SCOPED_TRACE(answers.chance.seed());
  for (int round = 0; round < 500; ++round) {
    const std::string body = answers.answer();
    PageEnvelope envelope;
    envelope.stream = "things";
    const auto line = decompress(compress(page_line(envelope, body)));
    ASSERT_TRUE(line);
    const auto kept = body_of(*line);
    ASSERT_TRUE(kept);
    // Whoever has only jq reads the same from it.
    ASSERT_EQ(Node::parse(*line).at("body"), Node::parse(body)) << body;
    ASSERT_EQ(rows_of(*kept), rows_of(body)) << body;
  }
}

}  // namespace
}  // namespace chimplift
