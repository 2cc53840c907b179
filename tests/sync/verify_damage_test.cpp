// Verification of an archive in which something is damaged: it names what, and vouches for nothing that is not there.
#include <gmock/gmock.h>

#include "archive/fixture.hpp"
#include "archive/folder_tree.hpp"
#include "archive/samples.hpp"
#include "base/text.hpp"
#include "support/chance.hpp"
#include "support/tries.hpp"
#include "sync/verify.hpp"

namespace chimplift {
namespace {

class VerifyDamage : public testing::Test {
 protected:
  VerifyDamage() : settings{{}, *Selection::of({}, split(FixtureCopy::kSteps, ',')), folder_tree(fixture.root()), {}} {}

  Result<Certificate> verify() const {
    TRY_ASSIGN(const std::unique_ptr<AccountArchive> archive, AccountArchive::open_to_read(*settings.archive, FixtureCopy::kAccount));
    return Verifier(*archive, settings.selection, nullptr, settings).run();
  }
  /// All files below a folder of the account's.
  [[nodiscard]] std::vector<std::filesystem::path> files_below(const std::string& folder) const {
    std::vector<std::filesystem::path> files;
    const auto found = settings.archive->below(FixtureCopy::kAccount)->list(folder);
    for (const auto& [path, size] : *found) files.push_back(fixture.account() / path);
    return files;
  }
  static std::string all_reasons(const Certificate& certificate) {
    std::string all;
    for (const Finding& gap : certificate.gaps) all += gap.reason + "\n";
    return all;
  }

  const FixtureCopy fixture{1};
  Settings settings;
  Chance chance;
};

TEST_F(VerifyDamage, FindsNothingWhereNothingIsWrong) {
  const auto certificate = verify();
  ASSERT_TRUE(certificate) << certificate.error().message;
  EXPECT_EQ(certificate->verdict, Verdict::safe_with_exceptions) << "steps are left out" << all_reasons(*certificate);
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
    if (damage == 0) other[static_cast<std::size_t>(chance.between(0, size - 1))] ^= static_cast<char>(1 << chance.between(0, 7));
    if (damage == 1) other.resize(static_cast<std::size_t>(chance.between(0, size - 1)));
    ASSERT_TRUE(write_file(file, other));
    if (damage == 2) std::filesystem::remove(file);
    const auto certificate = verify();
    ASSERT_TRUE(certificate) << file << certificate.error().message;
    EXPECT_EQ(certificate->verdict, Verdict::not_safe) << file << " damage " << damage;
    EXPECT_THAT(all_reasons(*certificate), testing::HasSubstr(file.lexically_relative(fixture.account()).string())) << damage;
    ASSERT_TRUE(write_file(file, bytes));
  }
}

// What no line names is not there, whatever lies in the folder.
TEST_F(VerifyDamage, ALedgerThatLacksItsEndVouchesForNothingThatStoodThere) {
  const std::filesystem::path ledger = fixture.account() / "ledger" / "ledger.ndjson";
  const std::string whole = *read_file(ledger);
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
  bool lacks_made = false;  // an archive that has no local bodies at all is whole
  int not_safe = 0;
  for (std::size_t kept = records.size() - 1; kept > 0; --kept) {
    const auto* event = std::get_if<EventRecord>(&records[kept]);
    const auto* file = std::get_if<FileRecord>(&records[kept]);
    if (event != nullptr && event->event == "refresh") {
      lacks = lacks_made = false;  // without all of it, what was read before it still counts
    } else if (file != nullptr && file->outcome == "made") {
      lacks_made = true;
    } else if (event == nullptr) {
      lacks = true;
    }
    ASSERT_TRUE(write_file(ledger, whole.substr(0, ends[kept - 1])));
    const auto certificate = verify();
    ASSERT_TRUE(certificate) << kept << certificate.error().message;
    const bool is_safe = certificate->verdict == Verdict::safe_with_exceptions;
    EXPECT_TRUE(is_safe == !lacks || (lacks_made && !lacks)) << kept << " lines of " << records.size() << all_reasons(*certificate);
    not_safe += is_safe ? 0 : 1;
  }
  EXPECT_GT(not_safe, 100);
}

}  // namespace
}  // namespace chimplift
