// One collection whose total lies, counts too little, is not there, or comes with answers that lost records.
#include <gmock/gmock.h>

#include "pull/collection.hpp"
#include "pull/read_collection.hpp"

namespace chimplift {
namespace {

using testing::HasSubstr;
using Outcome = Collection::Outcome;

TEST(Collection, WithoutATotalOnlyAShortOrEmptyPageEndsIt) {
  for (const Total total : {Total::absent, Total::at_least}) {
    const Stream stream = stream_of(kPage, total);
    for (const i64 size : {0, 99, 100, 250, 300}) {
      const Listing listing(size);
      const Read result = read(stream, [&](const Stretch& s) { return page_of(listing.slice(s.offset, s.count), std::nullopt); });
      EXPECT_EQ(result.ending.outcome, Outcome::complete) << size;
      EXPECT_EQ(result.records, size);
    }
  }
}

TEST(Collection, WithoutATotalAPageThatLostRecordsOrCameEmptyIsToldByASecondReading) {
  Stream stream = stream_of(kPage, Total::absent);
  stream.is_read_twice = true;
  for (const i64 size : {0, 1, 2, 5}) {
    for (const i64 lost : {i64{0}, i64{1}, size}) {
      for (const int at : {0, 1}) {
        const Listing listing(size);
        int asked = 0;
        const Read result = read(stream, [&](const Stretch& s) {
          const bool loses = asked++ == at;
          return page_of(listing.slice(s.offset, std::max<i64>(s.count - (loses ? kPage - size + lost : 0), 0)), std::nullopt);
        });
        EXPECT_EQ(result.ending.outcome, Outcome::complete) << size << " " << lost << " " << at << ": " << result.ending.reason;
        EXPECT_EQ(result.records, size) << lost << " " << at;
      }
    }
  }
}

TEST(Collection, AnAnswerWithoutTheTotalThatIsDocumentedIsNotBelievedAtOnce) {
  for (const Total total : {Total::exact, Total::at_least}) {
    const Stream stream = stream_of(kPage, total);
    for (const i64 size : {1, 2, 5}) {
      const Listing listing(size);
      int asked = 0;
      const Read result = read(stream, [&](const Stretch& s) {
        if (asked++ == 0) return page_of(listing.slice(0, 0), std::nullopt);
        return page_of(listing.slice(s.offset, s.count), size);
      });
      EXPECT_EQ(result.ending.outcome, Outcome::complete) << size << ": " << result.ending.reason;
      EXPECT_EQ(result.records, size);
    }
    const Read never = read(stream, [&](const Stretch&) { return page_of(Listing(0).slice(0, 0), std::nullopt); });
    EXPECT_EQ(never.ending.outcome, Outcome::complete);
    EXPECT_THAT(never.ending.reason, HasSubstr("gives no total")) << "the ledger says what it is believed for";
  }
}

TEST(Collection, WhereATotalCountsTooLittleAPageThatLostRecordsIsToldWhateverItsPlace) {
  const Stream stream = stream_of(kPage, Total::at_least);
  for (const i64 size : {1, 2, 3, 17}) {
    for (int at = 0; at < 3; ++at) {
      for (const bool is_empty : {true, false}) {
        const Listing listing(size);
        int asked = 0;
        const Read result = read(stream, [&](const Stretch& s) {
          std::vector<u64> records = listing.slice(s.offset, std::min<i64>(s.count, 15));
          if (asked++ == at) records.resize(is_empty ? 0 : records.size() / 2);
          return page_of(records, size / 2);
        });
        EXPECT_EQ(result.ending.outcome, Outcome::complete) << size << " at " << at << ": " << result.ending.reason;
        EXPECT_EQ(result.records, size) << "at " << at << (is_empty ? ", empty" : ", half");
      }
    }
  }
}

TEST(Collection, WhereATotalCountsTooLittleEachEndIsSeenTwiceAlsoByALaterRun) {
  const Stream stream = stream_of(kPage, Total::at_least);
  const Listing listing(250);
  int asked = 0;
  const Read result = read(stream, [&](const Stretch& s) {
    ++asked;
    return page_of(listing.slice(s.offset, asked == 2 || asked == 4 ? 1 : s.count), 90);
  });
  EXPECT_EQ(result.ending.outcome, Outcome::complete) << result.ending.reason;
  EXPECT_EQ(result.records, 250);

  Collection later(stream);
  later.restore({{{0, kPage}, page_of(listing.slice(0, kPage), 90)}, {{kPage - 1, kPage}, page_of(listing.slice(kPage - 1, 1), 90)}});
  const Collection::Ending ending = read_all(later, [&](const Stretch& s) { return page_of(listing.slice(s.offset, s.count), 90); });
  EXPECT_EQ(ending.outcome, Outcome::complete) << ending.reason;
  EXPECT_EQ(later.records(), 250);
}

// A server in trouble gives an empty page and says how many there would be, and another one without a total.
TEST(Collection, TwoEmptyAnswersAreNotBelievedWhereOneOfThemSaysThatThereIsMore) {
  for (const Total total : {Total::exact, Total::at_least}) {
    const Stream stream = stream_of(kPage, total);
    const Listing listing(7);
    const std::vector<std::vector<std::optional<i64>>> answers = {{7, {}}, {{}, 7}, {7, 7}, {{}, 7, {}}, {7, {}, 7}};
    for (std::size_t which = 0; which < answers.size(); ++which) {
      std::size_t asked = 0;
      const Read result = read(stream, [&](const Stretch& s) {
        const std::size_t now = asked++;
        return now < answers[which].size() ? page_of({}, answers[which][now]) : listing.answer(s);
      });
      EXPECT_EQ(result.ending.outcome, Outcome::complete) << which << ": " << result.ending.reason;
      EXPECT_EQ(result.records, 7) << which;
    }
    int passes = 0;
    const Read short_without = read(stream, [&](const Stretch& s) {
      if (s.offset == 0) ++passes;
      return page_of(Listing(5).slice(s.offset, s.count), passes == 1 ? std::optional<i64>(7) : std::nullopt);
    });
    EXPECT_EQ(short_without.ending.outcome, Outcome::incomplete) << "one answer said that there are 7";
    const Read never = read(stream, [&](const Stretch&) { return page_of({}, 7); });
    EXPECT_EQ(never.ending.outcome, Outcome::incomplete);
    EXPECT_THAT(never.ending.reason, HasSubstr("says 7 records and gave 0"));
    int before = 0;
    const Read cleared = read(stream, [&](const Stretch&) { return page_of({}, before++ == 0 ? 7 : 0); });
    EXPECT_EQ(cleared.ending.outcome, Outcome::complete) << "they were all deleted: " << cleared.ending.reason;
  }
}

TEST(Collection, ATotalThatIsTooLowAndThenTooHighIsNoGapWhereItIsRightAtLast) {
  const Stream stream = stream_of(kPage);
  const Listing listing(3);
  int pass = 0;
  const Read result = read(stream, [&](const Stretch& s) {
    if (s.offset == 0) ++pass;
    return page_of(listing.slice(s.offset, s.count), pass == 1 ? 0 : pass == 2 ? 4 : 3);
  });
  EXPECT_EQ(result.ending.outcome, Outcome::complete) << result.ending.reason;
  EXPECT_EQ(result.passes, 3);
}

TEST(Collection, PassesThatAgreeNeedNotFollowOneAnother) {
  Stream stream = stream_of(kPage, Total::absent);
  stream.is_read_twice = true;
  const Listing listing(5);
  int asked = 0;
  const Read result = read(stream, [&](const Stretch& s) {
    const PageContents whole = page_of(listing.slice(s.offset, s.count), std::nullopt);
    return ++asked == 3 ? page_of({}, std::nullopt) : whole;  // the first one of the second pass
  });
  EXPECT_EQ(result.ending.outcome, Outcome::complete) << result.ending.reason;
  EXPECT_EQ(result.records, 5);
  EXPECT_EQ(result.passes, 3);

  int pass = 0;
  const Read twice_empty = read(stream, [&](const Stretch& s) {
    if (s.offset == 0) ++pass;
    return pass == 1 || pass == 3 ? page_of({}, std::nullopt) : page_of(listing.slice(s.offset, s.count), std::nullopt);
  });
  EXPECT_EQ(twice_empty.records, 5) << "two that agree in less than another one brought prove nothing";
}

TEST(Collection, ATotalThatLiesIsAGapOrARemark) {
  const Stream stream = stream_of(kPage);
  const Listing listing(250);
  const auto with_total = [&](i64 total) {
    return read(stream, [&, total](const Stretch& s) { return page_of(listing.slice(s.offset, s.count), total); });
  };
  const Read more = with_total(300);
  EXPECT_EQ(more.ending.outcome, Outcome::incomplete);
  EXPECT_THAT(more.ending.reason, HasSubstr("Mailchimp says 300 records and gave 250"));
  for (const i64 total : {0, 1, 99, 100, 249}) {
    const Read less = with_total(total);
    if (less.ending.outcome == Outcome::complete) {
      EXPECT_GE(less.records, total) << total;
      EXPECT_EQ(less.records % kPage == 0 || less.records == 250, true) << total << " " << less.records;
    }
  }
}

// Both together end a reading early where a short page is taken for the last because Mailchimp's total is reached.
TEST(Collection, ShortPagesAndATotalThatIsTooLowOrShrinksLoseNothing) {
  const Stream stream = stream_of(kPage);
  const Listing listing(35);
  const auto ten_of = [&listing](const Stretch& s) { return listing.slice(s.offset, std::min<i64>(s.count, 10)); };
  for (const i64 total : {0, 5, 9}) {
    const Read low = read(stream, [&](const Stretch& s) { return page_of(ten_of(s), total); });
    EXPECT_EQ(low.records, 35) << total;
  }
  const Read shrinking = read(stream, [&](const Stretch& s) { return page_of(ten_of(s), std::max<i64>(35 - s.offset, 0)); });
  EXPECT_EQ(shrinking.records, 35);
}

TEST(Collection, ATotalThatCountsTooLittleDoesNotEndIt) {
  const Stream stream = stream_of(kPage, Total::at_least);
  for (const i64 size : {3, 100, 300, 350}) {
    const Listing listing(size);
    const Read result = read(stream, [&](const Stretch& s) { return page_of(listing.slice(s.offset, s.count), size * 2 / 3); });
    EXPECT_EQ(result.ending.outcome, Outcome::complete) << size;
    EXPECT_EQ(result.records, size);
  }
}

TEST(Collection, ATotalThatIsFarTooHighIsNotFollowedForEver) {
  const Stream stream = stream_of(kPage);
  const Listing listing(10);
  for (const bool has_seam : {true, false}) {
    const Read result = read(stream, [&](const Stretch& s) {
      return page_of(has_seam || s.offset == 0 ? listing.slice(s.offset, s.count) : std::vector<u64>(), 1'000'000'000'000);
    });
    EXPECT_EQ(result.ending.outcome, Outcome::incomplete) << has_seam;
    EXPECT_THAT(result.ending.reason, HasSubstr("says 1000000000000 records and gave"));
    EXPECT_LT(result.asked.size(), 100U) << has_seam;
  }
}

// A repeated page may be a mistake of the moment: only a total that can be believed makes asking again superfluous.
TEST(Collection, HasAllOnlyWhereATotalThatCanBeBelievedSaysSo) {
  const Listing listing(3);
  for (const Total total : {Total::absent, Total::at_least, Total::exact}) {
    const Stream stream = stream_of(kPage, total);
    Collection collection(stream);
    collection.take(*collection.next(kNoLimit), listing.answer({0, kPage}));
    EXPECT_EQ(collection.has_all(), total == Total::exact);
  }
}

}  // namespace
}  // namespace chimplift
