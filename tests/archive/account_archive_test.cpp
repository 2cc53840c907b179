// What an archive is given comes back byte by byte, or an error names what is damaged.
#include "archive/account_archive.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <random>

#include "archive/folder_tree.hpp"
#include "archive/samples.hpp"
#include "base/text.hpp"
#include "support/temporary_folder.hpp"

namespace chimplift {
namespace {

using testing::HasSubstr;

class Archive : public testing::Test {
 protected:
  std::unique_ptr<AccountArchive> open() {
    Result<std::unique_ptr<AccountArchive>> archive = AccountArchive::open(*folder_tree(folder_.path()), "brand", false);
    EXPECT_TRUE(archive) << archive.error().message;
    return archive ? std::move(*archive) : nullptr;
  }
  [[nodiscard]] std::filesystem::path segment(const std::string& stream = "members") const {
    return folder_ / "brand" / "raw" / stream / "000001.ndjson.zst";
  }
  static void put(const std::filesystem::path& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }
  /// The error of reading the first page, after something happened to its file.
  void expect_damage(const std::string& how) {
    const std::unique_ptr<AccountArchive> archive = *AccountArchive::open_to_read(*folder_tree(folder_.path()), "brand");
    const Result<std::string> body = archive->read_body(pages_in(*archive).at(0));
    ASSERT_FALSE(body) << how;
    EXPECT_EQ(body.error().kind, ErrorKind::archive);
    EXPECT_THAT(body.error().message, HasSubstr(segment().string())) << how;
  }
  /// Output of a shell command.
  static std::string run(const std::string& command) {
    std::string text;
    FILE* pipe = popen(command.c_str(), "r");
    char piece[4096];
    for (std::size_t got = 0; (got = fread(piece, 1, sizeof piece, pipe)) > 0;) text.append(piece, got);
    EXPECT_EQ(pclose(pipe), 0) << command;
    return text;
  }

  TemporaryFolder folder_;
};

TEST_F(Archive, BodiesComeBackAsTheyWereSent) {
  const std::vector<std::string> bodies = {R"({"a":[1.0,1e400,12345678901234567890123,-0],"a":2,"b":"\u0000\ud800\n"})",
                                           "{}",
                                           R"({"body":",\"body\":"})",
                                           "{\"caf\xC3\xA9\":\"\xF0\x9F\x90\xB5\"}",
                                           "{\"latin\":\"\xE9\"}",
                                           "{\"tail\":\"}\"}   ",
                                           "{\"big\":\"" + std::string(50'000'000, 'x') + "\"}"};
  const std::unique_ptr<AccountArchive> archive = open();
  for (const std::string& body : bodies) archive->keep(sample_page("members", 0, body));
  ASSERT_TRUE(archive->flush());
  const std::vector<PageRecord> pages = pages_in(*archive);
  ASSERT_EQ(pages.size(), bodies.size());
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    EXPECT_EQ(pages[i].number, static_cast<i64>(i) + 1);
    EXPECT_TRUE(archive->read_body(pages[i]) == bodies[i]) << i;
  }
}

TEST(PageLine, ABodyThatIsNoBase64IsNotTakenForAnEmptyOne) {
  const std::string line = page_line({}, "\xE9");
  const std::string field = "\"body_base64\":\"";
  const std::size_t at = line.find(field);
  ASSERT_NE(at, std::string::npos) << line;
  EXPECT_EQ(body_of(line), "\xE9");
  for (const char* text : {"6Q=", "6Q", "6!==", "", "=", "6Q==6Q=="}) {
    const Result<std::string> body = body_of(line.substr(0, at) + field + text + "\"}\n");
    ASSERT_FALSE(body) << text;
    EXPECT_EQ(body.error().kind, ErrorKind::archive) << text;
  }
}

TEST_F(Archive, LineBreaksBetweenTokensBecomeBlanksAndNothingElseChanges) {
  const std::unique_ptr<AccountArchive> archive = open();
  archive->keep(sample_page("members", 0, "{\r\n \"a\": [\n1,\r2]\n}\n"));
  ASSERT_TRUE(archive->flush());
  EXPECT_EQ(archive->read_body(pages_in(*archive).at(0)), "{   \"a\": [ 1, 2] } ");
}

TEST_F(Archive, ZstdcatAndJqReadTheSegments) {
  const std::unique_ptr<AccountArchive> archive = open();
  for (int i = 0; i < 5; ++i) archive->keep(sample_page("members", i, "{\"members\":[{\"id\":\n\"m" + std::to_string(i) + "\"}]}"));
  archive->keep(sample_page("members", 5, "{\"x\":\"\xFF\"}"));
  ASSERT_TRUE(archive->flush());
  const std::string zstdcat = "zstdcat " + segment().string();
  const std::string lines = run(zstdcat);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 6);
  const std::string rows = run(zstdcat + " | jq -r '[.n, .stream, .method, .path, .query, .body.members[0].id?] | @csv'");
  EXPECT_EQ(rows.substr(0, rows.find('\n')), R"(1,"members","GET","/lists/a%2Fb/members","count=10&offset=0","m0")");
  EXPECT_EQ(run(zstdcat + " | jq -r 'select(.body_base64) | .body_base64'"), base64("{\"x\":\"\xFF\"}") + "\n");
}

TEST_F(Archive, AllKindsOfRecordsComeBack) {
  {
    const std::unique_ptr<AccountArchive> archive = open();
    const UnitId unit{"members", {"a\nb", "\xF0\x9F\x90\xB5"}, 1};
    archive->keep(EndRecord{unit, UnitState::not_permitted, "403 \"no\"", 7, 6, 5, std::nullopt, 3, true});
    FileRecord file;
    file.kind = "images";
    file.id = "https://x/?a=b&c";
    file.path = "campaigns/1.html";
    file.expected_bytes = 0;
    file.outcome = FileOutcome::fetched;
    archive->keep(FileToKeep{file, std::string("<html>\0", 7), {}});
    archive->keep(RefreshEvent{{"a", "b"}, "now"});
    ASSERT_TRUE(archive->flush());
  }
  const std::unique_ptr<AccountArchive> archive = *AccountArchive::open_to_read(*folder_tree(folder_.path()), "brand");
  const std::vector<LedgerRecord> records = all_records(*archive);
  ASSERT_EQ(records.size(), 4U);
  const auto& about = std::get<ArchiveRecord>(records[0]);
  EXPECT_EQ(about.account_name, "brand");
  EXPECT_EQ(about.id, archive->about().id);
  const auto& end = std::get<EndRecord>(records[1]);
  EXPECT_EQ(end.unit, (UnitId{"members", {"a\nb", "\xF0\x9F\x90\xB5"}, 1}));
  EXPECT_EQ(end.state, UnitState::not_permitted);
  EXPECT_EQ(end.reason, "403 \"no\"");
  EXPECT_EQ(end.total_first, 5);
  EXPECT_EQ(end.total_last, std::nullopt);
  EXPECT_TRUE(end.capped);
  const auto& file = std::get<FileRecord>(records[2]);
  EXPECT_EQ(file.bytes, 7);
  EXPECT_EQ(file.sha256, sha256_hex(std::string("<html>\0", 7)));
  EXPECT_EQ(file.expected_bytes, 0);
  EXPECT_EQ(read_file(folder_ / "brand/files/campaigns/1.html"), std::string("<html>\0", 7));
  EXPECT_THAT(std::get<RefreshEvent>(records[3]).streams, testing::ElementsAre("a", "b"));
}

TEST_F(Archive, ADownloadedFileIsMovedToItsPlaceAndLeftoversAreRemoved) {
  std::filesystem::path leftover;
  {
    const std::unique_ptr<AccountArchive> archive = open();
    const std::filesystem::path temporary = *archive->temporary_file();
    ASSERT_TRUE(make_folders(temporary.parent_path()));
    ASSERT_TRUE(write_file(temporary, "bytes"));
    FileRecord record;
    record.path = "stored_files/1.png";
    record.outcome = FileOutcome::fetched;
    record.bytes = 5;
    archive->keep(FileToKeep{record, std::nullopt, temporary});
    ASSERT_TRUE(archive->flush());
    EXPECT_EQ(archive->queued_on_disk(), 0);
    EXPECT_FALSE(std::filesystem::exists(temporary));
    leftover = *archive->temporary_file();
    ASSERT_TRUE(write_file(leftover, "half"));
  }
  EXPECT_EQ(read_file(folder_ / "brand/files/stored_files/1.png"), "bytes");
  open();
  EXPECT_FALSE(std::filesystem::exists(leftover));
}

TEST_F(Archive, ADamagedTruncatedOrMissingSegmentIsNamed) {
  open()->keep(sample_page("members", 0, "{\"a\":1}"));
  const std::string whole = *read_file(segment());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string broken = whole;
    broken[i] = static_cast<char>(broken[i] ^ (1 << (i % 8)));
    put(segment(), broken);
    expect_damage("byte " + std::to_string(i));
  }
  for (std::size_t size = 0; size < whole.size(); ++size) {
    put(segment(), whole.substr(0, size));
    expect_damage("cut at " + std::to_string(size));
  }
  std::filesystem::remove(segment());
  expect_damage("missing");
}

TEST_F(Archive, ASegmentThatLacksWhatTheLedgerNamesIsLeftAsItIsAndTheNextIsWritten) {
  for (const int lacks : {1, 20, 1000, -1}) {
    std::filesystem::remove_all(folder_ / "brand");
    open()->keep(sample_page("members", 0, "{\"a\":1}"));
    std::string bytes = *read_file(segment());
    bytes.resize(static_cast<std::size_t>(std::max<i64>(static_cast<i64>(bytes.size()) - lacks, 0)));
    put(segment(), bytes);
    if (lacks < 0) std::filesystem::remove(segment());
    const std::unique_ptr<AccountArchive> archive = open();
    archive->keep(sample_page("members", 1, "{\"a\":2}"));
    archive->keep(sample_page("members", 2, "{\"a\":3}"));
    ASSERT_TRUE(archive->flush()) << lacks;
    const std::vector<PageRecord> pages = pages_in(*archive);
    ASSERT_EQ(pages.size(), 3U);
    EXPECT_FALSE(archive->read_body(pages[0]));
    EXPECT_EQ(archive->read_body(pages[1]), "{\"a\":2}") << lacks;
    EXPECT_EQ(archive->read_body(pages[2]), "{\"a\":3}") << lacks;
    EXPECT_EQ(pages[2].segment, "000002.ndjson.zst");
    EXPECT_EQ(std::filesystem::exists(segment()), lacks > 0);
    EXPECT_EQ(read_file(segment()).value_or(bytes), bytes) << "left as it is";
  }
}

TEST_F(Archive, WithoutItsLedgerNothingIsWrittenOverThePages) {
  open()->keep(sample_page("members", 0, "{\"a\":1}"));
  const std::string whole = *read_file(segment());
  for (const bool removed : {false, true}) {
    const std::filesystem::path ledger = folder_ / "brand/ledger/ledger.ndjson";
    if (removed)
      std::filesystem::remove(ledger);
    else
      ASSERT_TRUE(write_file(ledger, ""));
    const auto archive = AccountArchive::open(*folder_tree(folder_.path()), "brand", false);
    ASSERT_FALSE(archive);
    EXPECT_EQ(archive.error().kind, ErrorKind::archive);
    EXPECT_THAT(archive.error().message, HasSubstr(ledger.string()));
    EXPECT_EQ(read_file(segment()), whole);
  }
}

TEST_F(Archive, SegmentsRotateAndNumbersGoOn) {
  {
    const std::unique_ptr<AccountArchive> archive = open();
    std::mt19937_64 random(7);
    std::vector<u64> noise(1'200'000);
    for (int i = 0; i < 8; ++i) {
      std::generate(noise.begin(), noise.end(), std::ref(random));
      archive->keep(sample_page("members", i, std::string(reinterpret_cast<const char*>(noise.data()), noise.size() * sizeof(u64))));
    }
    ASSERT_TRUE(archive->flush());
  }
  const std::unique_ptr<AccountArchive> archive = open();
  archive->keep(sample_page("members", 8, "{}"));
  archive->keep(sample_page("others", 0, "{}"));
  ASSERT_TRUE(archive->flush());
  const std::vector<PageRecord> pages = pages_in(*archive);
  ASSERT_EQ(pages.size(), 10U);
  EXPECT_EQ(pages[0].segment, "000001.ndjson.zst");
  EXPECT_EQ(pages[8].segment, "000002.ndjson.zst");
  EXPECT_EQ(pages[9].segment, "000001.ndjson.zst");
  EXPECT_EQ(pages[9].number, 10);
  for (const PageRecord& page : pages) EXPECT_TRUE(archive->read_body(page)) << page.number;
}

}  // namespace
}  // namespace chimplift
