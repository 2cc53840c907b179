// Collections whose pages are found by cursors: no offsets, no seams, no total.
#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "pull/read_collection.hpp"

namespace chimplift {
namespace {

using testing::HasSubstr;
using Outcome = Collection::Outcome;

/// A listing by cursors: each answer names the place of the next.
PageContents by_cursor(const Listing& listing, const Stretch& stretch) {
  const i64 at = stretch.cursor.empty() ? 0 : std::stoll(stretch.cursor);
  PageContents page = page_of(listing.slice(at, stretch.count), std::nullopt);
  page.names_next_cursor = true;
  if (at + stretch.count < listing.size()) page.next_cursor = std::to_string(at + stretch.count);
  return page;
}

Stream cursor_stream() {
  Stream stream = stream_of(kPage, Total::absent);
  stream.paging = Paging::cursor;
  return stream;
}

TEST(Collection, CursorsAreFollowedOneByOneToTheirEnd) {
  for (const i64 size : {0, 1, 99, 100, 101, 1000}) {
    const Listing listing(size);
    const Read result = read(cursor_stream(), [&listing](const Stretch& stretch) { return by_cursor(listing, stretch); });
    EXPECT_EQ(result.ending.outcome, Outcome::complete) << size;
    EXPECT_EQ(result.records, size);
    const i64 pages = std::max<i64>(1, (size + kPage - 1) / kPage);
    EXPECT_EQ(static_cast<i64>(result.asked.size()), pages > 1 ? 2 * pages : 1) << size << ": several pages are read twice";
  }
  const Stream stream = cursor_stream();
  Collection collection(stream);
  ASSERT_TRUE(collection.next(kNoLimit));
  EXPECT_FALSE(collection.next(kNoLimit)) << "nobody knows the second page's cursor before the first has come";
}

// A cursor that is an offset: the record that went pulled another one over the edge of a page that was read already.
TEST(Collection, WhatARecordThatGoesPullsAlongComesInTheNextPass) {
  Listing listing(300);
  std::set<u64> had;
  int answers = 0;
  const Read result = read(cursor_stream(), [&](const Stretch& stretch) {
    PageContents page = by_cursor(listing, stretch);
    if (++answers == 1) listing.remove(50);
    had.insert(page.key_hashes.begin(), page.key_hashes.end());
    return page;
  });
  EXPECT_EQ(result.ending.outcome, Outcome::complete);
  EXPECT_EQ(result.passes, 3) << "the second had one that the first had not";
  EXPECT_EQ(had.size(), 300U);
}

// A copy is no record more, and is not to be counted as one.
TEST(Collection, ARecordThatCameTwiceInTheLastPassMakesItReadAgain) {
  const Listing listing(3);
  for (const int struck : {1, 2}) {
    Stream stream = cursor_stream();
    stream.is_read_twice = true;
    int answers = 0;
    const Read result = read(stream, [&](const Stretch& stretch) {
      PageContents page = by_cursor(listing, stretch);
      if (++answers != struck) return page;
      ++page.records;
      page.key_hashes.push_back(page.key_hashes.back());
      return page;
    });
    EXPECT_EQ(result.ending.outcome, Outcome::complete) << struck;
    EXPECT_EQ(result.records, 3) << struck;
  }
}

// What stands twice in a list that grows is how the account is, and no reason to read on and on.
TEST(Collection, ARecordThatIsThereTwiceDoesNotKeepAListThatGrowsFromItsEnd) {
  Stream stream = cursor_stream();
  stream.is_read_twice = true;
  i64 size = 3;
  const Read result = read(stream, [&](const Stretch& stretch) {
    const Listing listing(size++);
    PageContents page = by_cursor(listing, stretch);
    ++page.records;
    page.key_hashes.insert(page.key_hashes.begin(), page.key_hashes.front());
    return page;
  });
  EXPECT_EQ(result.ending.outcome, Outcome::complete);
  EXPECT_EQ(result.passes, 2);
}

TEST(Collection, ASecondReadingThatLostRecordsDoesNotVouchForTheFirst) {
  Stream stream = cursor_stream();
  stream.is_read_twice = true;
  for (const i64 lost : {i64{2}, i64{5}}) {
    std::set<u64> had;
    int answers = 0;
    const Read result = read(stream, [&](const Stretch& stretch) {
      ++answers;
      const i64 size = answers == 1 ? 3 : answers == 2 ? 5 - lost - 1 : 5;
      const PageContents page = by_cursor(Listing(std::max<i64>(size, 0)), stretch);
      had.insert(page.key_hashes.begin(), page.key_hashes.end());
      return page;
    });
    EXPECT_EQ(result.ending.outcome, Outcome::complete) << result.ending.reason;
    EXPECT_EQ(had.size(), 5U) << lost;
  }
  int answers = 0;
  const Read cleared = read(stream, [&](const Stretch& stretch) { return by_cursor(Listing(++answers == 1 ? 3 : 0), stretch); });
  EXPECT_EQ(cleared.ending.outcome, Outcome::complete) << "they were all deleted: " << cleared.ending.reason;
}

TEST(Collection, RecordsThatComeInBehindACursorAreNoReasonToReadOnAndOn) {
  Listing listing(300);
  const Read result = read(cursor_stream(), [&](const Stretch& stretch) {
    listing.insert(listing.size());
    return by_cursor(listing, stretch);
  });
  EXPECT_EQ(result.ending.outcome, Outcome::complete);
  EXPECT_EQ(result.passes, 2);
}

TEST(Collection, AnEmptyPageWithACursorIsNotTheEnd) {
  const Listing listing(150);
  const Read result = read(cursor_stream(), [&listing](const Stretch& stretch) {
    if (stretch.cursor == "100") {
      PageContents empty = page_of({}, std::nullopt);
      empty.next_cursor = "100 again";
      return empty;
    }
    return by_cursor(listing, stretch);
  });
  EXPECT_EQ(result.ending.outcome, Outcome::complete);
  EXPECT_EQ(result.records, 150);
}

// A server that has a new cursor behind each empty page would be asked for ever.
TEST(Collection, EmptyPagesWithEverNewCursorsComeToAnEnd) {
  for (const i64 size : {0, 50, 100, 250}) {
    const Listing listing(size);
    int answers = 0;
    const auto endless = [&](const Stretch& stretch) {
      const bool is_behind_the_last = stretch.cursor.starts_with("behind");
      PageContents page = is_behind_the_last ? page_of({}, std::nullopt) : by_cursor(listing, stretch);
      if (page.next_cursor.empty()) page.next_cursor = "behind" + std::to_string(++answers);
      page.names_next_cursor = true;
      return page;
    };
    const Read result = read(cursor_stream(), endless);
    const bool is_full = size == 100;
    EXPECT_EQ(result.ending.outcome, is_full ? Outcome::incomplete : Outcome::complete) << size << ": " << result.ending.reason;
    EXPECT_EQ(result.records, size);
    EXPECT_LE(result.asked.size(), 100U) << size;
  }
}

TEST(Collection, ARecordBehindManyEmptyPagesIsRead) {
  const Listing listing(150);
  const Read result = read(cursor_stream(), [&listing](const Stretch& stretch) {
    const auto empties = static_cast<std::size_t>(std::count(stretch.cursor.begin(), stretch.cursor.end(), '!'));
    if (!stretch.cursor.starts_with("100") || empties == 15) return by_cursor(listing, stretch);
    PageContents empty = page_of({}, std::nullopt);
    empty.next_cursor = stretch.cursor + "!";
    return empty;
  });
  EXPECT_EQ(result.ending.outcome, Outcome::complete) << result.ending.reason;
  EXPECT_EQ(result.records, 150);
}

// Where a cursor points to the last record of its page, the last page has one too. Behind a full page nothing tells that from a server that
// is stuck.
TEST(Collection, AnEmptyPageThatRepeatsItsCursorIsTheEndBehindAShortOne) {
  for (const i64 size : {0, 1, 100, 250, 300}) {
    const Listing listing(size);
    const auto with_last = [&listing](const Stretch& stretch) {
      PageContents page = by_cursor(listing, stretch);
      if (page.next_cursor.empty()) page.next_cursor = std::to_string(listing.size());
      return page;
    };
    const Read result = read(cursor_stream(), with_last);
    const bool is_full = size > 0 && size % 100 == 0;
    EXPECT_EQ(result.ending.outcome, is_full ? Outcome::incomplete : Outcome::complete) << size << ": " << result.ending.reason;
    EXPECT_EQ(result.records, size);
  }
}

TEST(Collection, AnEmptyPageThatRepeatsItsCursorIsNotTheEndBehindAFullOneAndOthersWithoutRecords) {
  const Listing listing(100);
  const auto stuck = [&listing](const Stretch& stretch) {
    PageContents page = by_cursor(listing, stretch);
    page.next_cursor = stretch.cursor.empty() ? "100" : "101";
    page.names_next_cursor = true;
    return page;
  };
  const Read result = read(cursor_stream(), stuck);
  EXPECT_EQ(result.ending.outcome, Outcome::incomplete) << result.ending.reason;
  EXPECT_EQ(result.records, 100);
}

TEST(Collection, AnEmptyPageThatRepeatedItsCursorIsTheEndForALaterRunToo) {
  const Stream stream = cursor_stream();
  const Listing listing(50);
  PageContents whole = page_of(listing.slice(0, 50), std::nullopt);
  PageContents empty = page_of({}, std::nullopt);
  whole.next_cursor = empty.next_cursor = "50";
  whole.names_next_cursor = empty.names_next_cursor = true;
  Collection collection(stream);
  std::vector<Collection::DurablePage> pages(2);
  pages[0].stretch = {0, 100, ""};
  pages[0].contents = whole;
  pages[1].stretch = {50, 100, ""};
  pages[1].contents = empty;
  collection.restore(pages);
  EXPECT_FALSE(collection.next(kNoLimit));
  EXPECT_NE(collection.end_pass().outcome, Outcome::incomplete);
}

TEST(Collection, APageWithRecordsThatRepeatsItsCursorIsAGap) {
  const Listing listing(300);
  const Read result = read(cursor_stream(), [&listing](const Stretch& stretch) {
    PageContents page = by_cursor(listing, stretch);
    if (stretch.cursor == "200") page.next_cursor = "200";
    return page;
  });
  EXPECT_EQ(result.ending.outcome, Outcome::incomplete);
}

TEST(Collection, CursorsThatLeadInACircleAreAGap) {
  const Listing listing(300);
  const Read result = read(cursor_stream(), [&listing](const Stretch& stretch) {
    PageContents page = by_cursor(listing, stretch);
    if (stretch.cursor == "200") page.next_cursor = "100";
    return page;
  });
  EXPECT_EQ(result.ending.outcome, Outcome::incomplete);
}

// Null and "" are documented to be the end. A page without the field may be one of a server that says elsewhere how it goes on.
TEST(Collection, AFullPageThatDoesNotSayWhetherThereIsANextOneIsAGap) {
  for (const i64 size : {10, 100, 300}) {  // as many as come without a count, one page, three
    const Listing listing(size);
    const auto silent = [&listing](const Stretch& stretch) {
      PageContents page = by_cursor(listing, stretch);
      page.names_next_cursor = !page.next_cursor.empty();
      return page;
    };
    const Read result = read(cursor_stream(), silent);
    EXPECT_EQ(result.ending.outcome, Outcome::incomplete) << size;
    EXPECT_THAT(result.ending.reason, HasSubstr("does not say whether there is a next one")) << size;
    EXPECT_EQ(result.records, size);
  }
  const Listing longer(120);  // than a page that was asked for: the server does not look at the count
  const Read result = read(cursor_stream(), [&longer](const Stretch&) { return page_of(longer.slice(0, 120), std::nullopt); });
  EXPECT_EQ(result.ending.outcome, Outcome::incomplete);
}

TEST(Collection, AShortPageWithoutACursorIsTheEnd) {
  for (const i64 size : {0, 1, 99, 250}) {
    const Listing listing(size);
    const Read result = read(cursor_stream(), [&listing](const Stretch& stretch) {
      PageContents page = by_cursor(listing, stretch);
      page.names_next_cursor = !page.next_cursor.empty();
      return page;
    });
    EXPECT_EQ(result.ending.outcome, Outcome::complete) << size;
    EXPECT_EQ(result.records, size);
  }
}

TEST(Collection, ACursorThatWasMissingOnceIsNoGapWhereTheNextPassEndsAsItShould) {
  const Listing listing(300);
  int pages = 0;
  const Read result = read(cursor_stream(), [&](const Stretch& stretch) {
    PageContents page = by_cursor(listing, stretch);
    if (++pages == 1) page.next_cursor.clear(), page.names_next_cursor = false;
    return page;
  });
  EXPECT_EQ(result.ending.outcome, Outcome::complete) << result.ending.reason;
  EXPECT_EQ(result.records, 300);
}

TEST(Collection, APageByCursorThatIsTooSlowIsAskedForInSmallerOnes) {
  const Stream stream = cursor_stream();
  const Listing listing(250);
  Collection collection(stream);
  std::vector<Stretch> asked;
  while (const std::optional<Stretch> stretch = collection.next(kNoLimit)) {
    asked.push_back(*stretch);
    if (stretch->count > 50) {
      ASSERT_TRUE(collection.split(*stretch));
    } else {
      collection.take(*stretch, by_cursor(listing, *stretch));
    }
  }
  EXPECT_TRUE(collection.pass_done());
  EXPECT_EQ(collection.records(), 250);
  EXPECT_EQ(asked.front().count, kPage);
  EXPECT_EQ(asked.at(1), (Stretch{0, 50, ""}));
}

TEST(Collection, ReadingByCursorsGoesOnWhereItWas) {
  const Stream stream = cursor_stream();
  const Listing listing(250);
  std::vector<Collection::DurablePage> pages;
  for (const Stretch& stretch : {Stretch{0, 100, ""}, Stretch{100, 100, ""}}) {
    pages.push_back({stretch, by_cursor(listing, {0, 100, stretch.offset == 0 ? "" : "100"})});
  }
  Collection collection(stream);
  collection.restore(pages);
  EXPECT_EQ(collection.next(kNoLimit), (Stretch{200, 100, "200"}));
}

}  // namespace
}  // namespace chimplift
