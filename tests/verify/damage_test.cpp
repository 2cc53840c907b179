// Verification of an archive in which something is damaged: it names what, and vouches for nothing that is not there.
#include <gmock/gmock.h>

#include "archive/fixture.hpp"
#include "archive/folder_tree.hpp"
#include "archive/samples.hpp"
#include "base/text.hpp"
#include "support/chance.hpp"
#include "support/tries.hpp"
#include "verify/verify.hpp"

namespace chimplift {
namespace {

constexpr const char* kGone = "404: gone";

class VerifyDamage : public testing::Test {
 protected:
  VerifyDamage() : settings{{}, *Selection::of({}, split(FixtureCopy::kSteps, ',')), folder_tree(fixture.root()), {}} {
    note_pictures_as_missing();
    const auto archive = *AccountArchive::open_to_read(*settings.archive, FixtureCopy::kAccount);
    pages = pages_in(*archive);
    ledger = *view_ledger(*archive);
  }

  /// The program that wrote this archive did not fetch the pictures of sign-up forms. Here their server no longer has them, so that nothing
  /// lacks but what a test takes away.
  void note_pictures_as_missing() {
    const std::vector<Finding> gaps = verify()->gaps;
    const auto archive = *AccountArchive::open(*settings.archive, FixtureCopy::kAccount, false);
    for (const Finding& gap : gaps) {
      FileRecord picture{.kind = "images", .id = gap.file, .source_url = gap.file, .outcome = FileOutcome::missing, .reason = kGone};
      picture.at = "2026-11-26T00:00:00Z";
      archive->keep(FileToKeep{std::move(picture), std::nullopt, {}});
    }
    EXPECT_TRUE(archive->flush());
  }

  Result<Certificate> verify() const {
    TRY_ASSIGN(const std::unique_ptr<AccountArchive> archive, AccountArchive::open_to_read(*settings.archive, FixtureCopy::kAccount));
    TRY_ASSIGN(Verification verified, verify_archive(*archive, settings, nullptr));
    return std::move(verified.certificate);
  }
  /// All files below a folder of the account's.
  [[nodiscard]] std::vector<std::filesystem::path> files_below(const std::string& folder) const {
    std::vector<std::filesystem::path> files;
    const auto found = settings.archive->below(FixtureCopy::kAccount)->list(folder);
    for (const auto& [path, size] : *found) files.push_back(fixture.account() / path);
    return files;
  }
  static std::string all_reasons(const std::vector<Finding>& findings) {
    std::string all;
    for (const Finding& finding : findings) all += finding.reason + "\n";
    return all;
  }
  [[nodiscard]] bool is_page(const std::filesystem::path& file) const {
    return file.string().starts_with((fixture.account() / "raw").string());
  }
  /// True where a page that was not read anew since has one of these bytes.
  [[nodiscard]] bool hits_current_page(const std::filesystem::path& segment, i64 from, i64 to) const {
    return std::any_of(pages.begin(), pages.end(), [&](const PageRecord& page) {
      return ledger.is_current(page) && fixture.account() / raw_path(page.unit.stream, page.segment) == segment && page.at < to &&
             from < page.at + page.bytes;
    });
  }

  const FixtureCopy fixture{1};
  Settings settings;
  Chance chance;
  std::vector<PageRecord> pages;
  LedgerView ledger;
};

TEST_F(VerifyDamage, FindsNothingWhereNothingIsWrong) {
  const auto certificate = verify();
  ASSERT_TRUE(certificate) << certificate.error().message;
  EXPECT_EQ(certificate->verdict, Verdict::safe_with_exceptions) << "steps are left out" << all_reasons(certificate->gaps);
}

TEST_F(VerifyDamage, NamesEachPageAndFileThatIsFlippedCutOrGone) {
  SCOPED_TRACE(chance.seed());
  std::vector<std::filesystem::path> files = files_below("raw");
  for (const std::filesystem::path& file : files_below("files")) files.push_back(file);
  ASSERT_GT(files.size(), 30U);
  tried(static_cast<i64>(files.size()));
  for (const std::filesystem::path& file : files) {
    const std::string bytes = *read_file(file);
    const auto size = static_cast<i64>(bytes.size());
    const auto damage = chance.between(0, 2);
    std::string other = bytes;
    i64 from = 0;  // what is damaged
    i64 to = size;
    if (damage == 0) {
      from = chance.between(0, size - 1);
      to = from + 1;
      other[static_cast<std::size_t>(from)] ^= static_cast<char>(1 << chance.between(0, 7));
    }
    if (damage == 1) other.resize(static_cast<std::size_t>(from = chance.between(0, size - 1)));
    ASSERT_TRUE(write_file(file, other));
    if (damage == 2) std::filesystem::remove(file);
    const auto certificate = verify();
    ASSERT_TRUE(certificate) << file << certificate.error().message;
    // A page of what was read anew since takes nothing along, and is an exception.
    const bool lacks_something = !is_page(file) || hits_current_page(file, from, to);
    const std::string where = file.string() + " damage " + std::to_string(damage) + " at " + std::to_string(from);
    EXPECT_EQ(certificate->verdict == Verdict::not_safe, lacks_something) << where;
    EXPECT_THAT(all_reasons(lacks_something ? certificate->gaps : certificate->exceptions),
                testing::HasSubstr(file.lexically_relative(fixture.account()).string()))
        << where;
    for (const StreamLine& line : certificate->streams) {
      const bool is_damaged = lacks_something && file.parent_path() == fixture.account() / "raw" / line.table;
      EXPECT_TRUE(!is_damaged || line.state == StreamState::incomplete) << where;
    }
    ASSERT_TRUE(write_file(file, bytes));
  }
}

// What no line names is not there, whatever lies in the folder.
TEST_F(VerifyDamage, ALedgerThatLacksItsEndVouchesForNothingThatStoodThere) {
  const std::filesystem::path path = fixture.account() / "ledger" / "ledger.ndjson";
  const std::string whole = *read_file(path);
  std::vector<std::size_t> ends;
  std::vector<LedgerRecord> records;
  {
    const auto archive = *AccountArchive::open_to_read(*settings.archive, FixtureCopy::kAccount);
    records = all_records(*archive);
  }
  for (std::size_t at = whole.find('\n'); at != std::string::npos; at = whole.find('\n', at + 1)) ends.push_back(at + 1);
  ASSERT_EQ(ends.size(), records.size());
  tried(static_cast<i64>(records.size()));
  bool lacks = false;
  bool lacks_pictures = false;  // whose lines are the last ones: they are of no reading
  bool lacks_made = false;      // an archive that has no local bodies at all is whole
  int not_safe = 0;
  for (std::size_t kept = records.size() - 1; kept > 0; --kept) {
    const bool is_event = std::holds_alternative<FinishedEvent>(records[kept]) || std::holds_alternative<AccountEvent>(records[kept]);
    const auto* file = std::get_if<FileRecord>(&records[kept]);
    if (std::holds_alternative<RefreshEvent>(records[kept])) {
      lacks = lacks_made = false;  // without all of it, what was read before it still counts
    } else if (file != nullptr && file->reason == kGone) {
      lacks_pictures = true;
    } else if (file != nullptr && file->outcome == FileOutcome::made) {
      lacks_made = true;
    } else if (!is_event) {
      lacks = true;
    }
    ASSERT_TRUE(write_file(path, whole.substr(0, ends[kept - 1])));
    const auto certificate = verify();
    ASSERT_TRUE(certificate) << kept << certificate.error().message;
    const bool is_safe = certificate->verdict == Verdict::safe_with_exceptions;
    lacks = lacks || lacks_pictures;
    EXPECT_TRUE(is_safe == !lacks || (lacks_made && !lacks)) << kept << " lines of " << records.size() << all_reasons(certificate->gaps);
    not_safe += is_safe ? 0 : 1;
  }
  EXPECT_GT(not_safe, 100);
}

}  // namespace
}  // namespace chimplift
