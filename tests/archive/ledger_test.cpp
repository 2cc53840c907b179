// The ledger cut at every byte, with every bit flipped, with lines dropped and swapped.
#include "archive/ledger.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "archive/folder_tree.hpp"
#include "archive/samples.hpp"
#include "base/text.hpp"
#include "support/temporary_folder.hpp"

namespace chimplift {
namespace {

using testing::HasSubstr;

class Ledger : public testing::Test {
 protected:
  Ledger() {
    const auto archive = *AccountArchive::open(*folder_tree(folder_.path()), "brand", false);
    archive->keep(sample_page("members", 0, "{\"a\":1}"));
    archive->keep(EndRecord{{"members", {"a/b"}, 0}, UnitState::complete, "", 1, 1, 1, 1, 1, false});
    archive->keep(FinishedEvent{{"members"}, "now"});
    EXPECT_TRUE(archive->flush());
    whole_ = *read_file(path_);
    lines_ = split(whole_, '\n');
  }
  void put(const std::string& bytes) const { std::ofstream(path_, std::ios::binary) << bytes; }
  /// The lines that reading accepts; "" and the error where it ends in one.
  [[nodiscard]] std::pair<std::vector<std::string>, std::optional<Error>> read() const {
    std::vector<std::string> lines;
    Result<LedgerReader> reader = LedgerReader::open(path_);
    const std::string bytes = *read_file(path_);
    while (true) {
      const i64 before = reader->position();
      const auto record = reader->next(static_cast<i64>(bytes.size()));
      if (!record) return {lines, record.error()};
      if (!*record) return {lines, std::nullopt};
      lines.push_back(bytes.substr(static_cast<std::size_t>(before), static_cast<std::size_t>(reader->position() - before - 1)));
    }
  }
  [[nodiscard]] bool is_beginning(const std::vector<std::string>& lines) const {
    return lines.size() <= lines_.size() && std::equal(lines.begin(), lines.end(), lines_.begin());
  }

  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "brand/ledger/ledger.ndjson";
  std::string whole_;
  std::vector<std::string> lines_;
};

TEST_F(Ledger, CutAtAnyByteItKeepsItsWholeLinesAndGoesOn) {
  for (std::size_t size = whole_.find('\n') + 1; size <= whole_.size(); ++size) {
    put(whole_.substr(0, size));
    const auto [lines, error] = read();
    ASSERT_FALSE(error) << size << ": " << error->message;
    ASSERT_TRUE(is_beginning(lines)) << size;
    ASSERT_EQ(lines.size(), static_cast<std::size_t>(std::count(whole_.begin(), whole_.begin() + static_cast<std::ptrdiff_t>(size), '\n')));
    if (size % 64 != 0) continue;
    {
      const auto archive = AccountArchive::open(*folder_tree(folder_.path()), "brand", false);
      ASSERT_TRUE(archive) << size << ": " << archive.error().message;
      (*archive)->keep(sample_page("members", 1, "{\"a\":2}"));
      ASSERT_TRUE((*archive)->flush()) << size;
      const std::vector<PageRecord> pages = pages_in(**archive);
      ASSERT_EQ(pages.back().number, static_cast<i64>(pages.size()));
      for (const PageRecord& page : pages) ASSERT_TRUE((*archive)->read_body(page)) << size;
    }
    ASSERT_FALSE(read().second) << size;
    // The page that the last round wrote lies where the first one's successor does; put the first one's bytes back.
    std::filesystem::remove_all(folder_ / "brand");
    const auto again = *AccountArchive::open(*folder_tree(folder_.path()), "brand", false);
    again->keep(sample_page("members", 0, "{\"a\":1}"));
    again->keep(EndRecord{{"members", {"a/b"}, 0}, UnitState::complete, "", 1, 1, 1, 1, 1, false});
    again->keep(FinishedEvent{{"members"}, "now"});
    ASSERT_TRUE(again->flush());
    whole_ = *read_file(path_);
    lines_ = split(whole_, '\n');
  }
}

TEST_F(Ledger, NoFlippedBitPassesAsARecord) {
  std::string sum;
  lines_ = {encode(ArchiveRecord{1, "id", "brand", false, "now"}, sum), encode(FinishedEvent{{"x"}, "now"}, sum)};
  whole_ = join(lines_, "\n") + "\n";
  const std::size_t last_line = whole_.rfind('\n', whole_.size() - 2) + 1;
  for (std::size_t bit = 0; bit < whole_.size() * 8; ++bit) {
    std::string broken = whole_;
    broken[bit / 8] = static_cast<char>(broken[bit / 8] ^ (1 << (bit % 8)));
    put(broken);
    const auto [lines, error] = read();
    ASSERT_TRUE(is_beginning(lines)) << bit;
    ASSERT_LT(lines.size(), lines_.size()) << bit;
    if (error) {
      ASSERT_EQ(error->kind, ErrorKind::archive);
      ASSERT_THAT(error->message, HasSubstr("line " + std::to_string(lines.size() + 1))) << bit;
      ASSERT_THAT(error->message, HasSubstr(path_.string()));
    } else {
      ASSERT_GE(bit / 8, last_line) << "only what looks like a torn tail is no error";
    }
  }
}

TEST_F(Ledger, DroppedSwappedAndRepeatedLinesAreDamage) {
  const auto text = [](const std::vector<std::string>& lines) { return join(lines, "\n") + "\n"; };
  for (std::size_t i = 0; i + 1 < lines_.size(); ++i) {
    std::vector<std::string> dropped = lines_;
    dropped.erase(dropped.begin() + static_cast<std::ptrdiff_t>(i));
    put(text(dropped));
    EXPECT_TRUE(read().second) << i;
    std::vector<std::string> swapped = lines_;
    std::swap(swapped[i], swapped[i + 1]);
    put(text(swapped));
    EXPECT_TRUE(read().second) << i;
    std::vector<std::string> repeated = lines_;
    repeated.insert(repeated.begin() + static_cast<std::ptrdiff_t>(i), lines_[i]);
    put(text(repeated));
    EXPECT_TRUE(read().second) << i;
  }
}

TEST_F(Ledger, ADamagedOneIsRefusedAndLeftAsItIs) {
  std::string broken = whole_;
  broken[whole_.find("\"n\":1")] = 'x';
  put(broken);
  const auto archive = AccountArchive::open(*folder_tree(folder_.path()), "brand", false);
  ASSERT_FALSE(archive);
  EXPECT_EQ(archive.error().kind, ErrorKind::archive);
  EXPECT_THAT(archive.error().message, HasSubstr("line 2"));
  EXPECT_EQ(read_file(path_), broken);
}

}  // namespace
}  // namespace chimplift
