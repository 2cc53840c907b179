#include "base/text.hpp"

#include <gmock/gmock.h>

#include <limits>
#include <random>

#include "base/clock.hpp"
#include "support/chance.hpp"

namespace chimplift {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST(Text, PercentEncodingLeavesOnlyUnreservedCharacters) {
  EXPECT_EQ(percent_encode("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(percent_encode("a/b#c?d e%f&g"), "a%2Fb%23c%3Fd%20e%25f%26g");
  EXPECT_EQ(percent_encode("\xF0\x9F\x90\xB5"), "%F0%9F%90%B5");
  EXPECT_EQ(percent_encode(std::string_view("\0\r\n\x7F\xFF", 5)), "%00%0D%0A%7F%FF");
  for (int byte = 0; byte < 256; ++byte) {
    const std::string encoded = percent_encode(std::string(1, static_cast<char>(byte)));
    EXPECT_TRUE(encoded.size() == 1 || encoded.size() == 3) << byte;
    EXPECT_EQ(encoded.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-._~%"), std::string::npos) << byte;
  }
}

TEST(Text, NearestFindsWhatWasMeantAndNothingElse) {
  const std::vector<std::string> steps = {"campaigns", "lists", "list_segments", "templates"};
  EXPECT_EQ(nearest("campagins", steps), "campaigns");
  EXPECT_EQ(nearest("list", steps), "lists");
  EXPECT_EQ(nearest("list-segments", steps), "list_segments");
  EXPECT_EQ(nearest("lists", steps), "lists");
  EXPECT_EQ(nearest("surveys", steps), "");
  EXPECT_EQ(nearest("x", std::vector<std::string>{}), "");
  EXPECT_EQ(nearest("", steps), "");
  EXPECT_EQ(nearest(std::string(10'000, 'x'), steps), "");
}

TEST(Text, SplitJoinTrimAndLower) {
  EXPECT_THAT(split("", ','), IsEmpty());
  EXPECT_THAT(split("a", ','), ElementsAre("a"));
  EXPECT_THAT(split("a,,b", ','), ElementsAre("a", "", "b"));
  EXPECT_EQ(join(std::vector<std::string>{"a", "b"}, ", "), "a, b");
  EXPECT_EQ(join(std::vector<std::string>{}, ", "), "");
  EXPECT_EQ(trim(" \t\r\n a b \n"), "a b");
  EXPECT_EQ(trim(" \n "), "");
  EXPECT_EQ(to_lower("ABC-\xC3\x84"), "abc-\xC3\x84");
}

TEST(Text, NumbersForPeople) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1000), "1,000");
  EXPECT_EQ(format_count(12'345'678), "12,345,678");
  EXPECT_EQ(format_count(-999), "-999");
  EXPECT_EQ(format_count(-1000), "-1,000");
  EXPECT_EQ(format_count(std::numeric_limits<i64>::min()), "-9,223,372,036,854,775,808");
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_bytes(999), "999 B");
  EXPECT_EQ(format_bytes(1000), "1.0 kB");
  EXPECT_EQ(format_bytes(999'999), "1.0 MB");
  EXPECT_EQ(format_bytes(1'440'000), "1.4 MB");
  EXPECT_EQ(format_bytes(std::numeric_limits<i64>::max()), "9223.4 PB");
}

TEST(Text, TimesAreRfc3339WithSixDigitsAndSortAsTimeDoes) {
  EXPECT_EQ(format_utc(0), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(format_utc(-1), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(format_utc(1'582'934'400'000'001), "2020-02-29T00:00:00.000001Z");
  EXPECT_EQ(format_duration(3), "3.0 s");
  EXPECT_EQ(format_duration(252), "4 min 12 s");
  EXPECT_EQ(format_duration(7500), "2 h 5 min");
  EXPECT_EQ(format_duration(3 * 86400), "3 d 0 h");
}

TEST(Utf8, WellFormedTextIsLeftAlone) {
  for (const std::string_view text : {"", "abc", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBF",
                                      "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "\xF0\x9F\x90\xB5"}) {
    EXPECT_TRUE(is_utf8(text));
    EXPECT_EQ(to_utf8(text), text);
  }
  EXPECT_TRUE(is_utf8(std::string_view("a\0b", 3)));
}

struct Malformed {
  std::string_view what;
  std::string_view bytes;
  int replacements;
};

constexpr Malformed kMalformed[] = {
    {"a tail alone", "\x80", 1},
    {"two tails", "\xBF\xBF", 2},
    {"overlong of two", "\xC0\x80", 2},
    {"overlong slash", "\xC1\xAF", 2},
    {"overlong of three", "\xE0\x9F\xBF", 3},
    {"overlong of four", "\xF0\x8F\xBF\xBF", 4},
    {"first surrogate", "\xED\xA0\x80", 3},
    {"last surrogate", "\xED\xBF\xBF", 3},
    {"above U+10FFFF", "\xF4\x90\x80\x80", 4},
    {"F5", "\xF5\x80\x80\x80", 4},
    {"five bytes", "\xF8\x88\x80\x80\x80", 5},
    {"FE", "\xFE", 1},
    {"FF", "\xFF", 1},
    {"two cut short", "\xC3", 1},
    {"three cut short", "\xE2\x82", 2},
    {"four cut short", "\xF0\x9F\x90", 3},
};

TEST(Utf8, EveryMalformedClassIsSeenAndReplacedByteByByte) {
  for (const Malformed& bad : kMalformed) {
    for (const std::string& around : {std::string(), std::string("x"), std::string("\xF0\x9F\x90\xB5")}) {
      const std::string text = around + std::string(bad.bytes) + around;
      EXPECT_FALSE(is_utf8(text)) << bad.what;
      EXPECT_EQ(to_utf8(text), around + repeated(kReplacement, bad.replacements) + around) << bad.what;
    }
  }
}

TEST(Utf8, WhateverTheBytesTheReplacementIsWellFormed) {
  const u64 seed = chosen_seed();
  SCOPED_TRACE("CHIMPLIFT_TEST_SEED=" + std::to_string(seed));
  std::mt19937 random(static_cast<unsigned>(seed));
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes(random() % 12, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random() % 4 == 0 ? random() % 128 : 128 + random() % 128);
    const std::string text = to_utf8(bytes);
    ASSERT_TRUE(is_utf8(text));
    ASSERT_EQ(to_utf8(text), text);
    ASSERT_EQ(text == bytes, is_utf8(bytes));
  }
}

TEST(Text, QuotesForAShell) {
  EXPECT_EQ(shell_word("a/b.duckdb"), "a/b.duckdb");
  EXPECT_EQ(shell_word("a b"), "'a b'");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_word(""), "''");
}

TEST(Text, ShowsNothingThatMovesTheCursor) {
  EXPECT_EQ(shown("a\x1b[2Jb\r\nc\td\x7F"), "a [2Jb  c d ");
  for (const std::string unfit : {"\u0080", "\u009B", "\u009F", "\u061C", "\u200E", "\u2028", "\u2029", "\u202E", "\u2066", "\u2069"})
    EXPECT_EQ(shown("a" + unfit + "b"), "a b");
  EXPECT_EQ(shown("a\xC2"), "a\xEF\xBF\xBD");
  for (const std::string fit : {"", "caf\u00E9 \u2615 \u65E5\u672C \U0001F435", "\u00A0\u07FF\u0800\uFFFD\U0010FFFF"})
    EXPECT_EQ(shown(fit), fit);
}

}  // namespace
}  // namespace chimplift
