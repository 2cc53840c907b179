// An archive as a released version wrote it, cut at every byte and with every bit flipped: reading it ends in an error or in what it is,
// and never in something else. CHIMPLIFT_TORTURE tries all of them, otherwise a sample is tried.
#include <gmock/gmock.h>

#include <cstdlib>

#include "archive/fixture.hpp"
#include "archive/folder_tree.hpp"
#include "archive/samples.hpp"
#include "support/chance.hpp"
#include "support/tries.hpp"

namespace chimplift {
namespace {

class Damage : public testing::Test {
 protected:
  /// How far apart the places are that are tried.
  static i64 step(i64 sampled) { return std::getenv("CHIMPLIFT_TORTURE") != nullptr ? 1 : sampled; }
  static void put(const std::filesystem::path& file, i64 at, char byte) {
    FILE* open = std::fopen(file.c_str(), "r+b");
    ASSERT_NE(open, nullptr);
    EXPECT_EQ(std::fseek(open, at, SEEK_SET), 0);
    EXPECT_EQ(std::fputc(byte, open), static_cast<unsigned char>(byte));
    std::fclose(open);
  }
  [[nodiscard]] std::filesystem::path segment_of(const PageRecord& page) const {
    return fixture.account() / raw_path(page.unit.stream, page.segment);
  }
  /// The lines that reading accepts, and the error that it ends in, if it does.
  std::pair<std::vector<std::string>, std::optional<Error>> read(i64 limit) const {
    std::vector<std::string> lines;
    std::string sum;
    Result<LedgerReader> reader = LedgerReader::open(ledger);
    while (true) {
      const auto record = reader->next(limit);
      if (!record) return {lines, record.error()};
      if (!*record) return {lines, std::nullopt};
      lines.push_back(encode(**record, sum));
    }
  }

  const FixtureCopy fixture{1};
  std::filesystem::path ledger = fixture.account() / "ledger" / "ledger.ndjson";
  std::string whole = *read_file(ledger);
  i64 size = static_cast<i64>(whole.size());
  std::vector<std::string> all = read(size).first;
  Chance chance;
};

TEST_F(Damage, ALedgerIsWrittenAsItWasRead) {
  std::string again;
  for (const std::string& line : all) again += line + "\n";
  EXPECT_EQ(again, whole);
}

TEST_F(Damage, ALedgerCutAtAnyByteIsItsWholeLines) {
  SCOPED_TRACE(chance.seed());
  const i64 step_bytes = step(97);
  tried(size / step_bytes);
  for (i64 cut = chance.between(0, step_bytes - 1); cut <= size; cut += step_bytes) {
    const auto [lines, error] = read(cut);
    ASSERT_FALSE(error) << cut << ": " << error->message;
    ASSERT_EQ(static_cast<i64>(lines.size()), std::count(whole.begin(), whole.begin() + cut, '\n')) << cut;
    ASSERT_TRUE(std::equal(lines.begin(), lines.end(), all.begin())) << cut;
  }
}

TEST_F(Damage, NoFlippedBitOfALedgerPassesAsARecord) {
  SCOPED_TRACE(chance.seed());
  const i64 last_line = static_cast<i64>(whole.rfind('\n', whole.size() - 2)) + 1;
  const i64 step_bits = step(911);
  tried(size * 8 / step_bits);
  for (i64 bit = chance.between(0, step_bits - 1); bit < size * 8; bit += step_bits) {
    const char right = whole[static_cast<std::size_t>(bit / 8)];
    put(ledger, bit / 8, static_cast<char>(right ^ (1 << (bit % 8))));
    const auto [lines, error] = read(size);
    put(ledger, bit / 8, right);
    ASSERT_LT(lines.size(), all.size()) << bit;
    ASSERT_TRUE(std::equal(lines.begin(), lines.end(), all.begin())) << bit;
    if (error) {
      ASSERT_EQ(error->kind, ErrorKind::archive) << bit;
      ASSERT_THAT(error->message, testing::HasSubstr("damaged at line " + std::to_string(lines.size() + 1))) << bit;
    } else {
      ASSERT_GE(bit / 8, last_line) << bit << ": only what looks like a torn tail is no error";
    }
  }
}

TEST_F(Damage, NoFlippedBitOfAPagePasses) {
  SCOPED_TRACE(chance.seed());
  const auto archive = *AccountArchive::open_to_read(*folder_tree(fixture.root()), FixtureCopy::kAccount);
  const i64 step_bits = step(97);
  i64 flips = 0;
  for (const PageRecord& page : pages_in(*archive)) {
    const std::filesystem::path segment = segment_of(page);
    const std::string bytes = *read_file(segment);
    for (i64 bit = chance.between(0, step_bits - 1); bit < page.bytes * 8; bit += step_bits, ++flips) {
      const i64 at = page.at + bit / 8;
      const char right = bytes[static_cast<std::size_t>(at)];
      put(segment, at, static_cast<char>(right ^ (1 << (bit % 8))));
      const Result<std::string> body = archive->read_body(page);
      put(segment, at, right);
      ASSERT_FALSE(body) << segment << " bit " << bit;
      ASSERT_EQ(body.error().kind, ErrorKind::archive);
      ASSERT_THAT(body.error().message, testing::HasSubstr(segment.string()));
    }
    ASSERT_TRUE(archive->read_body(page)) << segment;
  }
  EXPECT_GT(flips, 1000);
  tried(flips);
}

TEST_F(Damage, ASegmentCutAtAnyByteHasThePagesBeforeAndNoneBehind) {
  SCOPED_TRACE(chance.seed());
  const auto archive = *AccountArchive::open_to_read(*folder_tree(fixture.root()), FixtureCopy::kAccount);
  std::map<std::filesystem::path, std::vector<PageRecord>> segments;
  for (const PageRecord& page : pages_in(*archive)) segments[segment_of(page)].push_back(page);
  const i64 step_bytes = step(61);
  i64 cuts = 0;
  for (const auto& [segment, pages] : segments) {
    const std::string bytes = *read_file(segment);
    for (i64 cut = static_cast<i64>(bytes.size()) - chance.between(1, step_bytes); cut >= 0; cut -= step_bytes, ++cuts) {
      std::filesystem::resize_file(segment, static_cast<std::uintmax_t>(cut));
      for (const PageRecord& page : pages) {
        const Result<std::string> body = archive->read_body(page);
        ASSERT_EQ(body.has_value(), page.at + page.bytes <= cut) << segment << " cut at " << cut;
        ASSERT_TRUE(body || body.error().kind == ErrorKind::archive) << segment << " cut at " << cut;
      }
    }
    ASSERT_TRUE(write_file(segment, bytes));
  }
  tried(cuts);
}

}  // namespace
}  // namespace chimplift
