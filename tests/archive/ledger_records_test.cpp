// The ledger's records as text: what versions of this program wrote stays as it is, and what a later one writes does no harm.
#include <gmock/gmock.h>

#include <fstream>

#include "archive/fixture.hpp"
#include "archive/ledger.hpp"
#include "base/files.hpp"
#include "support/temporary_folder.hpp"

namespace chimplift {
namespace {

using testing::StartsWith;

std::vector<LedgerRecord> read_all(const std::filesystem::path& path) {
  std::vector<LedgerRecord> records;
  LedgerReader reader = *LedgerReader::open(path);
  const auto size = static_cast<i64>(std::filesystem::file_size(path));
  for (auto record = *reader.next(size); record; record = *reader.next(size)) records.push_back(std::move(*record));
  EXPECT_EQ(reader.position(), size);
  return records;
}

std::string write_all(const std::vector<LedgerRecord>& records) {
  std::string text;
  std::string sum;
  for (const LedgerRecord& record : records) text += encode(record, sum) + "\n";
  return text;
}

std::string line_of(const LedgerRecord& record) {
  std::string sum;
  return encode(record, sum);
}

TEST(LedgerRecords, OfAnArchiveOfVersion1AreWrittenAsTheyWereRead) {
  const FixtureCopy fixture(1);
  const std::filesystem::path path = fixture.account() / "ledger" / "ledger.ndjson";
  EXPECT_EQ(write_all(read_all(path)), *read_file(path));
}

TEST(LedgerRecords, OfEventsHaveOnlyTheFieldsThatTheyNeed) {
  EXPECT_THAT(line_of(RefreshEvent{{"a", "b"}, "now"}),
              StartsWith(R"({"type":"event","event":"refresh","streams":["a","b"],"at":"now","sum":")"));
  EXPECT_THAT(line_of(RefreshEvent{{"a"}, "now", {"1"}}),
              StartsWith(R"({"type":"event","event":"refresh","streams":["a"],"at":"now","parents":["1"],"sum":")"));
  EXPECT_THAT(line_of(FinishedEvent{{"a"}, "now"}), StartsWith(R"({"type":"event","event":"finished","streams":["a"],"at":"now","sum":")"));
  EXPECT_THAT(line_of(AccountEvent{"8f3a", "now"}),
              StartsWith(R"({"type":"event","event":"account","streams":[],"at":"now","id":"8f3a","sum":")"));
}

TEST(LedgerRecords, WithWordsOfALaterVersionAreReadAndWrittenAsTheyCame) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder / "ledger.ndjson";
  const std::string text =
      write_all({FileRecord{.kind = "images", .id = "1", .outcome = FileOutcome::unknown, .unknown_outcome = "quarantined"},
                 UnknownEvent{.event = "paused", .streams = {"a"}, .at = "now", .parents = {"1"}, .id = "x"}, FinishedEvent{{"a"}, "now"}});
  std::ofstream(path, std::ios::binary) << text;
  const std::vector<LedgerRecord> records = read_all(path);
  ASSERT_EQ(records.size(), 3U);
  const auto& file = std::get<FileRecord>(records[0]);
  EXPECT_EQ(file.outcome, FileOutcome::unknown);
  EXPECT_EQ(outcome_word(file), "quarantined");
  EXPECT_FALSE(has_bytes(file.outcome)) << "nobody may take it for a file that is there";
  EXPECT_EQ(std::get<UnknownEvent>(records[1]).event, "paused");
  EXPECT_TRUE(std::holds_alternative<FinishedEvent>(records[2]));
  EXPECT_EQ(write_all(records), text);
}

TEST(LedgerRecords, OfFilesHaveTheirOutcomeAsAWord) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder / "ledger.ndjson";
  for (const auto& [outcome, word, is_there] :
       std::vector<std::tuple<FileOutcome, std::string, bool>>{{FileOutcome::fetched, "fetched", true},
                                                               {FileOutcome::made, "made", true},
                                                               {FileOutcome::missing, "missing", false},
                                                               {FileOutcome::skipped, "skipped", false},
                                                               {FileOutcome::failed, "failed", false},
                                                               {FileOutcome::damaged, "damaged", false}}) {
    std::ofstream(path, std::ios::binary) << write_all({FileRecord{.kind = "images", .id = "1", .outcome = outcome}});
    EXPECT_NE(read_file(path)->find("\"outcome\":\"" + word + "\""), std::string::npos);
    EXPECT_EQ(std::get<FileRecord>(read_all(path).at(0)).outcome, outcome) << word;
    EXPECT_EQ(has_bytes(outcome), is_there) << word;
  }
}

}  // namespace
}  // namespace chimplift
