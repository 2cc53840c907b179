// Archives that are moved between a folder and S3, as docs/operations.md tells how.
#include <gmock/gmock.h>

#include "archive/layout.hpp"
#include "archive/place.hpp"
#include "archive/samples.hpp"

namespace chimplift {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kLedger = "brand/ledger/ledger.ndjson";
constexpr const char* kPiece = "brand/ledger/00000001.ndjson";

class Moved : public testing::Test {
 protected:
  /// A run that keeps one page.
  static void keep(ArchiveTestPlace& place, i64 offset) {
    const auto archive = value_of_result(AccountArchive::open(*place.tree(), "brand", false));
    archive->keep(sample_page("members", offset, "{\"a\":" + std::to_string(offset) + "}"));
    ASSERT_TRUE(archive->flush());
  }
  static std::vector<std::string> bodies(ArchiveTestPlace& place) {
    const auto archive = value_of_result(AccountArchive::open_to_read(*place.tree(), "brand"));
    std::vector<std::string> bodies;
    for (const PageRecord& page : pages_in(*archive)) bodies.push_back(value_of_result(archive->read_body(page)));
    return bodies;
  }
  static void copy(const std::string& path, ArchiveTestPlace& from, ArchiveTestPlace& to) { to.put(path, from.bytes(path).value()); }
  /// All of a small archive but its ledger.
  static void copy_pages(int segments, ArchiveTestPlace& from, ArchiveTestPlace& to) {
    copy("archive.json", from, to);
    for (int i = 1; i <= segments; ++i) copy("brand/raw/members/" + segment_name(i), from, to);
  }

  FolderTestPlace folder;
  S3TestPlace bucket;
};

TEST_F(Moved, ALedgerInPiecesIsNotTakenForTheOneBeforeThem) {
  keep(folder, 0);
  const std::string segment = "brand/raw/members/000001.ndjson.zst";
  for (const bool has_whole : {true, false}) {
    folder.put(kPiece, "what a run on S3 wrote\n");
    if (!has_whole) folder.remove(kLedger);
    const std::string before = folder.bytes(segment).value();
    for (const bool is_read : {true, false}) {
      const auto archive =
          is_read ? AccountArchive::open_to_read(*folder.tree(), "brand") : AccountArchive::open(*folder.tree(), "brand", false);
      ASSERT_FALSE(archive);
      EXPECT_EQ(archive.error().kind, ErrorKind::archive);
      EXPECT_THAT(archive.error().message, HasSubstr("still in pieces"));
      EXPECT_THAT(archive.error().advice, HasSubstr("cat 0*.ndjson >> ledger.ndjson"));
    }
    EXPECT_EQ(folder.bytes(segment), before);
    EXPECT_EQ(folder.bytes(kLedger).has_value(), has_whole);
  }
}

TEST_F(Moved, WhatSomebodyPutBesideTheLedgerIsNoPieceOfIt) {
  keep(folder, 0);
  folder.put("brand/ledger/2026.ndjson", "a copy");
  folder.put("brand/ledger/ledger.ndjson.bak", "another");
  EXPECT_THAT(bodies(folder), ElementsAre("{\"a\":0}"));
}

TEST_F(Moved, ARunOnS3AndBackGivesAllPages) {
  keep(folder, 0);
  copy_pages(1, folder, bucket);
  copy(kLedger, folder, bucket);
  keep(bucket, 1);
  EXPECT_THAT(bodies(bucket), ElementsAre("{\"a\":0}", "{\"a\":1}"));
  FolderTestPlace back;
  copy_pages(2, bucket, back);
  back.put(kLedger, bucket.bytes(kLedger).value() + bucket.bytes(kPiece).value());
  keep(back, 2);
  EXPECT_THAT(bodies(back), ElementsAre("{\"a\":0}", "{\"a\":1}", "{\"a\":2}"));
}

// A run into a folder that ended within a write, on a full disk for one, leaves half a line, which the next run cuts off.
TEST_F(Moved, HalfALineAtTheEndOfAFoldersLedgerTakesNothingAlong) {
  keep(folder, 0);
  const std::string whole = folder.bytes(kLedger).value();
  copy_pages(1, folder, bucket);
  bucket.put(kLedger, whole + whole.substr(0, 40));
  EXPECT_THAT(bodies(bucket), ElementsAre("{\"a\":0}"));
  for (const i64 run : {1, 2}) keep(bucket, run);
  EXPECT_THAT(bodies(bucket), ElementsAre("{\"a\":0}", "{\"a\":1}", "{\"a\":2}"));
  EXPECT_EQ(bucket.bytes(kLedger), whole) << "put together with the pieces, it is the ledger";
}

// As from a copy that was cut short: the next run's lines would go on in the middle of one, and nobody could read the ledger any more.
TEST_F(Moved, APieceThatEndsWithinALineIsRefusedBeforeAnythingFollowsIt) {
  for (const i64 run : {0, 1}) keep(bucket, run);
  const std::string last = "brand/ledger/" + ledger_piece_name(2);
  const std::string piece = bucket.bytes(last).value();
  bucket.put(last, piece.substr(0, piece.size() - 10));
  const auto refused = AccountArchive::open(*bucket.tree(), "brand", false);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::archive);
  EXPECT_THAT(refused.error().message, testing::HasSubstr(ledger_piece_name(2) + " ends in the middle of a line"));
  bucket.put(last, piece);
  EXPECT_THAT(bodies(bucket), ElementsAre("{\"a\":0}", "{\"a\":1}"));
}

TEST_F(Moved, ALargeLedgerIsNeverInMemoryAsAWhole) {
  keep(folder, 0);
  {
    const auto archive = value_of_result(AccountArchive::open(*folder.tree(), "brand", false));
    archive->keep(EndRecord{{"members", {"a/b"}, 0}, UnitState::incomplete, std::string(20'000'000, 'x'), 1, 1, 1, 1, 1, false});
    ASSERT_TRUE(archive->flush());
  }
  copy_pages(1, folder, bucket);
  copy(kLedger, folder, bucket);
  EXPECT_THAT(bodies(bucket), ElementsAre("{\"a\":0}"));
  int ranges = 0;
  for (const standins::Request& request : bucket.server.server().requests()) {
    if (request.method != "GET" || !request.path.ends_with("ledger.ndjson")) continue;
    EXPECT_NE(request.header("range"), "");
    ++ranges;
  }
  EXPECT_GE(ranges, 3);
}

}  // namespace
}  // namespace chimplift
