// What lines of the ledger, one after another, make of a file.
#include "inventory/file_ledger.hpp"

#include <gtest/gtest.h>

namespace chimplift {
namespace {

const std::pair<std::string, std::string> kKey{"stored_files", "1"};

FileRecord word(FileOutcome outcome, const std::string& url = "https://x/a.png") {
  FileRecord record{.kind = kKey.first, .id = kKey.second, .source_url = url, .outcome = outcome};
  if (has_bytes(outcome)) record.path = "stored_files/1.png";
  return record;
}

KnownFiles after(const std::vector<FileRecord>& words) {
  KnownFiles known;
  for (const FileRecord& one : words) known.note(one);
  return known;
}

constexpr FileOutcome kNotCome[] = {FileOutcome::missing, FileOutcome::skipped, FileOutcome::failed};

TEST(KnownFiles, WhatDoesNotComeTakesAwayNothingThatHadCome) {
  for (const FileOutcome outcome : kNotCome) {
    for (const std::string url : {"https://x/a.png", "https://x/b.png"}) {
      const KnownFiles known = after({word(FileOutcome::fetched), word(outcome, url)});
      EXPECT_EQ(known.records.at(kKey).path, "stored_files/1.png");
      EXPECT_EQ(known.failed_since.at(kKey).outcome, outcome);
      EXPECT_EQ(known.failed_since.at(kKey).source_url, url);
      EXPECT_TRUE(known.lost.empty());
    }
  }
}

TEST(KnownFiles, WhatComesInTheEndIsNoFailureAnyMore) {
  const FileRecord moved = word(FileOutcome::missing, "https://x/b.png");
  EXPECT_TRUE(after({word(FileOutcome::fetched), moved, word(FileOutcome::fetched, "https://x/b.png")}).failed_since.empty());
  // Bytes from another address say nothing of this one.
  EXPECT_FALSE(after({word(FileOutcome::fetched), moved, word(FileOutcome::damaged), word(FileOutcome::fetched)}).failed_since.empty());
}

TEST(KnownFiles, WhatWasDamagedIsLostUntilBytesComeAgain) {
  const std::vector<FileRecord> damaged = {word(FileOutcome::fetched), word(FileOutcome::damaged)};
  EXPECT_EQ(after(damaged).records.at(kKey).outcome, FileOutcome::damaged);
  EXPECT_EQ(after(damaged).lost.at(kKey).path, "stored_files/1.png");
  for (const FileOutcome outcome : kNotCome) {
    const KnownFiles known = after({damaged[0], damaged[1], word(outcome)});
    EXPECT_EQ(known.records.at(kKey).outcome, outcome);
    EXPECT_EQ(known.lost.at(kKey).outcome, FileOutcome::fetched);
    EXPECT_TRUE(known.failed_since.empty());
  }
  EXPECT_TRUE(after({damaged[0], damaged[1], word(FileOutcome::failed), word(FileOutcome::fetched)}).lost.empty());
}

TEST(KnownFiles, WhatNeverCameIsNotLost) {
  const KnownFiles known = after({word(FileOutcome::failed), word(FileOutcome::missing)});
  EXPECT_EQ(known.records.at(kKey).outcome, FileOutcome::missing);
  EXPECT_TRUE(known.lost.empty());
  EXPECT_TRUE(known.failed_since.empty());
}

TEST(KnownFiles, AWordOfALaterVersionVouchesForNothing) {
  const KnownFiles known = after({word(FileOutcome::fetched), word(FileOutcome::unknown)});
  EXPECT_EQ(known.records.at(kKey).outcome, FileOutcome::unknown);
  EXPECT_TRUE(known.lost.contains(kKey));
}

}  // namespace
}  // namespace chimplift
