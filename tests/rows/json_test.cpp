#include "rows/json.hpp"

#include <gtest/gtest.h>

namespace chimplift {
namespace {

std::optional<i64> count_in(const std::string& body, const std::vector<std::string>& path) {
  const Result<JsonDocument> document = JsonDocument::parse(body);
  EXPECT_TRUE(document) << body;
  return count_at(document->root(), path);
}

TEST(FindPath, GoesFromObjectToObject) {
  const Result<JsonDocument> document = JsonDocument::parse(R"({"a":{"b":{"c":1,"c":"last"}},"l":[{"b":2}],"n":null})");
  ASSERT_TRUE(document);
  const JsonNode& root = document->root();
  EXPECT_EQ(find_path(root, {}), &root);
  ASSERT_NE(find_path(root, {"a", "b", "c"}), nullptr);
  EXPECT_EQ(find_path(root, {"a", "b", "c"})->text, "last");
  EXPECT_EQ(find_path(root, {"n"})->kind, JsonKind::null);
  for (const std::vector<std::string>& path :
       {std::vector<std::string>{"x"}, {"a", "x", "c"}, {"a", "b", "c", "d"}, {"l", "b"}, {"n", "b"}, {"a.b"}})
    EXPECT_EQ(find_path(root, path), nullptr) << path.back();
}

TEST(CountAt, IsAWholeNumberOfNoughtOrMore) {
  const auto count = [](const std::string& token) { return count_in(R"({"stats":{"n":)" + token + "}}", {"stats", "n"}); };
  EXPECT_EQ(count("0"), 0);
  EXPECT_EQ(count("12"), 12);
  EXPECT_EQ(count(R"("12")"), 12);
  EXPECT_EQ(count("120.0"), 120);
  EXPECT_EQ(count("1.5e6"), 1'500'000);
  EXPECT_EQ(count("9223372036854775807"), 9'223'372'036'854'775'807) << "digits alone never go through a floating-point number";
  for (const std::string token : {"-1", "-0.5", "9223372036854775808", "1e17", "1e400", "null", "true", "[1]", R"({"n":1})", R"("")",
                                  R"("many")", R"("12 ")", R"("inf")", R"("nan")"})
    EXPECT_EQ(count(token), std::nullopt) << token;
  EXPECT_EQ(count_in(R"({"stats":3})", {"stats", "n"}), std::nullopt);
  EXPECT_EQ(count_in("{}", {"n"}), std::nullopt);
}

}  // namespace
}  // namespace chimplift
