// One collection, read from servers that behave, and from those that do not.
#include "pull/collection.hpp"

#include <gmock/gmock.h>

#include <numeric>

#include "pull/read_collection.hpp"

namespace chimplift {
namespace {

using testing::HasSubstr;
using Outcome = Collection::Outcome;

TEST(Collection, IsReadInWholePagesWithoutAQuestionTooMany) {
  const Stream stream = stream_of(kPage);
  for (const i64 size : {0, 1, 99, 100, 101, 200, 1000, 1234}) {
    const Read result = read(stream, size);
    EXPECT_EQ(result.ending.outcome, Outcome::complete) << size;
    EXPECT_EQ(result.ending.reason, "") << size;
    EXPECT_EQ(result.records, size);
    EXPECT_EQ(result.passes, 1);
    const i64 pages = std::max<i64>(1, (size + kPage - 1) / kPage);
    // A full last page cannot tell that it is the last, whatever the total says.
    EXPECT_LE(static_cast<i64>(result.asked.size()), pages + (size % kPage == 0 ? 1 : 0)) << size;
  }
}

TEST(Collection, AllPagesThatAreKnownOfMayBeUnderWayTogether) {
  const Stream stream = stream_of(kPage);
  const Listing listing(1000);
  Collection collection(stream);
  const Stretch first = *collection.next(kNoLimit);
  EXPECT_FALSE(collection.next(kNoLimit)) << "nobody knows yet that there is more";
  collection.take(first, listing.answer(first));
  std::vector<Stretch> under_way;
  while (const std::optional<Stretch> stretch = collection.next(kNoLimit)) under_way.push_back(*stretch);
  EXPECT_EQ(under_way.size(), 10U) << "ten overlapping pages reach as far as nine that do not";
  EXPECT_FALSE(collection.pass_done());
}

TEST(Collection, ShortPagesAreAskedToTheirEnd) {
  const Stream stream = stream_of(kPage);
  const Listing listing(1000);
  const Read result = read(stream, [&](const Stretch& s) { return listing.answer({s.offset, std::min<i64>(s.count, 37)}); });
  EXPECT_EQ(result.ending.outcome, Outcome::complete);
  EXPECT_EQ(result.records, 1000);
  EXPECT_EQ(result.distinct, 1000);
}

TEST(Collection, AServerThatIgnoresCountAndGivesTenAtATimeIsReadWhole) {
  for (const bool has_total : {true, false}) {
    for (const Total total : {Total::exact, Total::at_least, Total::absent}) {
      const Stream own = stream_of(kPage, total);
      const Listing listing(95);
      const Read result = read(own, [&](const Stretch& s) {
        return page_of(listing.slice(s.offset, std::min<i64>(s.count, 10)), has_total ? std::optional(listing.size()) : std::nullopt);
      });
      EXPECT_EQ(result.ending.outcome, Outcome::complete) << name_of(total) << has_total;
      EXPECT_EQ(result.distinct, 95) << name_of(total) << has_total;
    }
  }
}

TEST(Collection, AServerThatGivesEverythingWhateverTheCountIsReadWhole) {
  const Stream stream = stream_of(kPage);
  const Listing listing(250);
  const Read result = read(stream, [&](const Stretch& s) { return page_of(listing.slice(s.offset, kNoLimit / 2), listing.size()); });
  EXPECT_EQ(result.ending.outcome, Outcome::complete);
  EXPECT_EQ(result.distinct, 250);
}

TEST(Collection, AServerThatIgnoresOffsetsIsToldByItsRepeatedPage) {
  const Stream stream = stream_of(kPage);
  const Listing listing(1000);
  const Read few = read(stream, [&](const Stretch&) { return page_of(listing.slice(0, kPage), 1000); });
  EXPECT_EQ(few.ending.outcome, Outcome::incomplete);
  EXPECT_THAT(few.ending.reason, HasSubstr("1000 records and gave 100"));
  EXPECT_THAT(few.ending.reason, HasSubstr("every offset"));

  const Read all = read(stream, [&](const Stretch&) { return page_of(listing.slice(0, kPage), kPage); });
  EXPECT_EQ(all.ending.outcome, Outcome::complete);
  EXPECT_EQ(all.records, kPage);
}

TEST(Collection, ARepeatedPageIsSeenBeforeItIsTaken) {
  const Stream stream = stream_of(kPage);
  const Listing listing(300);
  Collection collection(stream);
  const Stretch first = *collection.next(kNoLimit);
  collection.take(first, listing.answer(first));
  const Stretch second = *collection.next(kNoLimit);
  EXPECT_TRUE(collection.repeats(second, listing.answer(first)));
  EXPECT_FALSE(collection.repeats(second, listing.answer(second)));
  EXPECT_FALSE(collection.repeats(first, listing.answer(first))) << "the same stretch once more";
  EXPECT_FALSE(collection.repeats(second, page_of({}, 300))) << "empty pages are alike";
}

TEST(Collection, AFullPageForEveryOffsetIsAGapWhereNoTotalSaysThatItIsAll) {
  for (const Total total : {Total::absent, Total::at_least, Total::exact}) {
    const Stream stream = stream_of(kPage, total);
    const Listing listing(250);
    const auto same = [&](std::optional<i64> said) {
      return read(stream, [&, said](const Stretch&) { return page_of(listing.slice(0, kPage), said); });
    };
    EXPECT_EQ(same(std::nullopt).ending.outcome, Outcome::incomplete);
    EXPECT_EQ(same(kPage).ending.outcome, total == Total::exact ? Outcome::complete : Outcome::incomplete);
  }
}

TEST(Collection, AServerThatGivesOneRecordWhateverTheCountIsAGapAndNoLoop) {
  const Stream stream = stream_of(kPage);
  const Listing listing(3);
  const Read result = read(stream, [&](const Stretch& s) { return page_of(listing.slice(s.offset, 1), 3); });
  EXPECT_EQ(result.ending.outcome, Outcome::incomplete);
  EXPECT_THAT(result.ending.reason, HasSubstr("says 3 records and gave 1"));
}

TEST(Collection, ATotalThatShrinksOrGrowsMakesItReadAgain) {
  const Stream stream = stream_of(kPage);
  for (const int change : {-1, 1}) {
    Listing listing(300);
    bool changed = false;
    const Read result = read(stream, [&](const Stretch& s) {
      const PageContents page = listing.answer(s);
      if (!std::exchange(changed, true)) change < 0 ? listing.remove(50) : listing.insert(50);
      return page;
    });
    EXPECT_EQ(result.ending.outcome, Outcome::complete);
    EXPECT_EQ(result.passes, 2);
    EXPECT_EQ(result.distinct, 300 + change);
    EXPECT_THAT(result.ending.reason, HasSubstr("changed while it was read"));
  }
}

TEST(Collection, KeysThatComeTwiceMakeItReadAgain) {
  const Stream stream = stream_of(kPage);
  Listing listing(300);
  listing.keys[250] = listing.keys[10];
  const Read result = read(stream, [&](const Stretch& s) { return listing.answer(s); });
  EXPECT_EQ(result.passes, 2);
  EXPECT_EQ(result.ending.outcome, Outcome::complete) << "they stand there in every pass: it is how the account is";
  EXPECT_THAT(result.ending.reason, HasSubstr("1 records came more than once"));
}

// The newest come first, whatever the offset: what comes in meanwhile makes the second page another one.
TEST(Collection, AServerThatIgnoresOffsetsIsAGapEvenWhereSomethingComesInBetween) {
  const Stream stream = stream_of(kPage);
  Listing listing(150);
  int answers = 0;
  const Read result = read(stream, [&](const Stretch&) {
    if (++answers == 2) listing.insert(0);
    return page_of(listing.slice(0, kPage), 151);
  });
  EXPECT_EQ(result.ending.outcome, Outcome::incomplete);
  EXPECT_THAT(result.ending.reason, HasSubstr("says 151 records and gave 100"));
}

// Records without keys are known by their bytes: where these differ from answer to answer, only the seam tells that it is the first page
// again.
TEST(Collection, APageThatIsWrittenAnewForEveryOffsetIsAGap) {
  Stream stream = stream_of(kPage);
  stream.key = "row_hash";
  const Read result = read(stream, [&](const Stretch& s) {
    std::vector<u64> keys(kPage);
    std::iota(keys.begin(), keys.end(), s.offset == 0 ? 1 : 1001);
    return page_of(keys, 150);
  });
  EXPECT_EQ(result.ending.outcome, Outcome::incomplete);
}

/// A list in which each record stands twice, next to itself: as the total counts them.
TEST(Collection, RecordsThatStandTwiceEverywhereAreHowTheAccountIs) {
  const Stream stream = stream_of(kPage);
  Listing listing(350);
  for (std::size_t i = 1; i < listing.keys.size(); i += 2) listing.keys[i] = listing.keys[i - 1];
  const Read result = read(stream, [&](const Stretch& s) { return listing.answer(s); });
  EXPECT_EQ(result.ending.outcome, Outcome::complete) << result.ending.reason;
  EXPECT_EQ(result.passes, 2);
  EXPECT_LT(result.asked.back().count, kPage) << "in pages of another length";
}

// ORDER BY over equal sort keys with LIMIT and OFFSET: each page is the same each time, and its order is not the first page's.
TEST(Collection, PassesThatAgreeAreNotEnoughWhereTheSeamsDoNotHold) {
  const Stream stream = stream_of(kPage);
  const Listing listing(200);
  const auto server = [&](const Stretch& s) {
    std::vector<u64> keys = listing.keys;
    if (s.offset > 0) std::reverse(keys.begin(), keys.end());
    const i64 from = std::min(s.offset, listing.size());
    const i64 to = std::min(s.offset + s.count, listing.size());
    return page_of({keys.begin() + from, keys.begin() + to}, listing.size());
  };
  const Read result = read(stream, server);
  EXPECT_EQ(result.records, 200);
  EXPECT_EQ(result.ending.outcome, Outcome::incomplete);
  EXPECT_THAT(result.ending.reason, HasSubstr("differs from page to page"));
}

TEST(Collection, PassesThatAgreeAreNotEnoughWhereEachPageBeginsWithARecordFromElsewhere) {
  const Stream stream = stream_of(kPage);
  const Listing listing(350);
  const Read result = read(stream, [&](const Stretch& s) {
    std::vector<u64> keys = listing.slice(s.offset, s.count);
    if (s.offset > 0 && !keys.empty()) keys.front() = 999;
    return page_of(keys, listing.size());
  });
  EXPECT_EQ(result.ending.outcome, Outcome::incomplete);
}

TEST(Collection, AnEmptyPageWithRecordsBehindItDoesNotEndThePlan) {
  const Stream stream = stream_of(kPage);
  const Listing listing(5000);
  bool was_empty = false;
  const Read result = read(stream, [&](const Stretch& s) {
    const bool is_odd = s.offset > 1000 && !std::exchange(was_empty, was_empty || s.offset > 1000);
    return is_odd ? page_of({}, listing.size()) : listing.answer(s);
  });
  EXPECT_EQ(result.ending.outcome, Outcome::complete) << result.ending.reason;
  EXPECT_EQ(result.distinct, 5000);
}

// A server that looks at neither count nor offset gives ten, and without a total nobody knows whether these are all.
TEST(Collection, TenRecordsForEveryOffsetMayBeCut) {
  for (const Total total : {Total::exact, Total::absent}) {
    const Stream stream = stream_of(kPage, total);
    for (const i64 size : {9, 10, 11}) {
      const Listing listing(size);
      const Read result = read(stream, [&](const Stretch&) { return page_of(listing.slice(0, size), std::nullopt); });
      EXPECT_EQ(result.ending.outcome, size == 10 ? Outcome::incomplete : Outcome::complete) << size << result.ending.reason;
    }
  }
}

TEST(Collection, AFullOnlyPageWithoutATotalMayBeCut) {
  Stream stream = stream_of(kPage);
  stream.paging = Paging::count;
  for (const i64 size : {i64{9}, i64{10}, kPage - 1, kPage}) {
    const Listing listing(size);
    const Read result = read(stream, [&](const Stretch& s) { return page_of(listing.slice(0, s.count), std::nullopt); });
    const bool may_be_cut = size == 10 || size == kPage;
    EXPECT_EQ(result.ending.outcome, may_be_cut ? Outcome::incomplete : Outcome::complete) << size;
    EXPECT_EQ(result.ending.reason.find("there may be more") != std::string::npos, may_be_cut) << result.ending.reason;
  }
}

// kill -9 behind a page that a gateway cut short: what is left of the stretch is still to be asked for.
TEST(Collection, AShortLastPageDoesNotEndWhatIsReadOn) {
  for (const Total total : {Total::absent, Total::at_least, Total::exact}) {
    const Stream stream = stream_of(kPage, total);
    const Listing listing(300);
    const std::optional<i64> said = total == Total::absent ? std::nullopt : std::optional<i64>(total == Total::exact ? 300 : 50);
    Collection collection(stream);
    Collection::DurablePage cut;  // not in braces: g++ 12 would warn of its cursor
    cut.stretch.count = kPage;
    cut.contents = page_of(listing.slice(0, 80), said);
    collection.restore({cut});
    const Collection::Ending ending =
        read_all(collection, [&](const Stretch& s) { return page_of(listing.slice(s.offset, s.count), said); });
    EXPECT_EQ(ending.outcome, Outcome::complete) << ending.reason;
    EXPECT_EQ(collection.distinct(), 300) << name_of(total);
  }
}

TEST(Collection, AStretchThatIsTooSlowIsAskedForInHalves) {
  const Stream stream = stream_of(1000);
  const Listing listing(2345);
  Collection collection(stream);
  std::vector<Stretch> waiting;
  std::vector<u64> had;
  i64 largest = 0;
  while (true) {
    const std::optional<Stretch> stretch = collection.next(kNoLimit);
    if (!stretch) break;
    if (stretch->count > 60 && collection.split(*stretch)) continue;
    largest = std::max(largest, stretch->count);
    const std::vector<u64> slice = listing.slice(stretch->offset, stretch->count);
    had.insert(had.end(), slice.begin(), slice.end());
    collection.take(*stretch, listing.answer(*stretch));
  }
  EXPECT_TRUE(collection.pass_done());
  EXPECT_EQ(collection.end_pass().outcome, Outcome::complete);
  EXPECT_LE(largest, 63);
  std::sort(had.begin(), had.end());
  had.erase(std::unique(had.begin(), had.end()), had.end());  // the records at the seams come twice
  EXPECT_EQ(had, listing.keys);
  EXPECT_EQ(collection.records(), listing.size());
  EXPECT_FALSE(Collection(stream).split({0, 25})) << "it is not the page's length that makes it slow";
}

TEST(Collection, AnObjectIsAskedForOnce) {
  Stream stream = stream_of(kPage);
  stream.paging = Paging::object;
  stream.items = "";
  Collection collection(stream);
  EXPECT_EQ(collection.next(kNoLimit), (Stretch{0, 0}));
  EXPECT_FALSE(collection.next(kNoLimit));
  EXPECT_FALSE(collection.pass_done());
  collection.take({0, 0}, page_of({7}, 12));
  EXPECT_TRUE(collection.pass_done());
  EXPECT_EQ(collection.end_pass().outcome, Outcome::complete);
  EXPECT_EQ(collection.total_first(), std::nullopt) << "a field of the object, not a count";
}

TEST(Collection, WhatHasNoOffsetIsReadInOnePageOrIsAGap) {
  Stream stream = stream_of(kPage);
  stream.paging = Paging::count;
  for (const i64 size : {0, 3, 100, 101}) {
    const Listing listing(size);
    const Read result = read(stream, [&listing](const Stretch& stretch) { return listing.answer(stretch); });
    EXPECT_EQ(result.ending.outcome, size <= kPage ? Outcome::complete : Outcome::incomplete) << size;
    EXPECT_EQ(result.records, std::min<i64>(size, kPage));
  }
}

TEST(Collection, ATestRunsLimitEndsItWherever) {
  const Stream stream = stream_of(kPage);
  const Listing listing(1000);
  Collection collection(stream);
  EXPECT_EQ(collection.next(30), (Stretch{0, 30}));
  collection.take({0, 30}, listing.answer({0, 30}));
  EXPECT_FALSE(collection.next(0));
  collection.cap();
  EXPECT_FALSE(collection.next(kNoLimit));
  EXPECT_TRUE(collection.pass_done());
  EXPECT_EQ(collection.end_pass().outcome, Outcome::complete);
  EXPECT_TRUE(collection.capped());
}

}  // namespace
}  // namespace chimplift
