// Which certificate stands when a verification has ended: its own, or one that is another run's or speaks of more.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <atomic>

#include "archive/place.hpp"
#include "base/text.hpp"
#include "certificate/certificate_files.hpp"
#include "sync/status.hpp"
#include "sync/two_steps.hpp"

namespace chimplift {
namespace {

using testing::ElementsAre;

// ---- of some steps alone

TEST(StandingCertificate, OfMoreStepsIsLeftByARunOfOneThatFoundNoGap) {
  TwoSteps small;
  const std::string whole = small.certify_both(kSafe);
  small.choose_only("templates");
  const AccountResult result = small.verify(VerifyAs::end_of_sync);
  EXPECT_TRUE(result.is_unwritten);
  ASSERT_TRUE(result.certificate) << "the run has a verdict of its own";
  EXPECT_EQ(result.certificate->verdict, Verdict::safe_with_exceptions);
  EXPECT_FALSE(result.error);
  EXPECT_EQ(*standing_certificate(*small.archive), whole);
}

// The account was closed behind a run of one step, which had put more into the archive.
TEST(StandingCertificate, IsLeftByARunThatFailsBeforeAnythingComes) {
  TwoSteps small;
  const std::string whole = small.certify_both(kSafe);
  small.choose_only("templates");
  small.archive->keep(RefreshEvent{{"templates"}, "now"});
  small.keep_whole(kTemplates, R"({"templates":[],"total_items":0})");
  EXPECT_TRUE(small.verify(VerifyAs::end_of_sync).is_unwritten);
  small.choose_both();
  const AccountResult result = small.verify(VerifyAs::end_of_sync, Error{ErrorKind::permission, "API Key Invalid", ""});
  EXPECT_TRUE(result.is_unwritten);
  EXPECT_EQ(*standing_certificate(*small.archive), whole);
}

// The disk was full, say.
TEST(StandingCertificate, IsNoOneElsesWhereTheRunsOwnCannotBeWritten) {
  TwoSteps small;
  small.choose_both();
  const std::filesystem::path place = small.folder.path() / "acme" / kCertificate;
  std::filesystem::create_directories(place);
  const AccountResult result = small.verify(VerifyAs::end_of_sync);
  EXPECT_TRUE(result.is_unwritten);
  EXPECT_TRUE(result.certificate);
  ASSERT_TRUE(result.error);
  EXPECT_EQ(result.error->kind, ErrorKind::destination);
  std::filesystem::remove(place);
  EXPECT_FALSE(small.verify(VerifyAs::end_of_sync).is_unwritten);
}

TEST(StandingCertificate, ThatNamesAnotherStepsGapIsLeftToo) {
  TwoSteps small;
  small.lose({"stored_files", {}, 0});
  const std::string whole = small.certify_both("not safe");
  small.choose_only("templates");
  const AccountResult result = small.verify();
  EXPECT_TRUE(result.is_unwritten);
  EXPECT_EQ(result.standing, whole) << "for what asks whether the account is safe to close";
  EXPECT_EQ(*standing_certificate(*small.archive), whole);
}

TEST(StandingCertificate, OfMoreStepsGivesWayToAGap) {
  TwoSteps small;
  small.certify_both(kSafe);
  small.lose(kTemplates);
  small.choose_only("templates");
  EXPECT_FALSE(small.verify().is_unwritten);
  EXPECT_EQ(verdict_in(*standing_certificate(*small.archive)), "not safe");
}

// Hop by hop: a gap of one step takes the place of the whole, one of another step is not to go behind it, and the first is closed.
TEST(StandingCertificate, OfSomeStepsThatTookTheWholesPlaceIsOnlyReplacedByAWhole) {
  TwoSteps small;
  small.certify_both(kSafe);
  small.lose(kTemplates);
  small.choose_only("templates");
  EXPECT_FALSE(small.verify().is_unwritten);
  small.lose({"stored_files", {}, 0});
  small.choose_only("stored_files");
  EXPECT_TRUE(small.verify().is_unwritten) << "its gap stands in no certificate";
  small.archive->keep(RefreshEvent{{"templates"}, "now"});
  small.keep_whole(kTemplates, R"({"templates":[],"total_items":0})");
  small.choose_only("templates");
  EXPECT_TRUE(small.verify().is_unwritten);
  EXPECT_EQ(verdict_in(*standing_certificate(*small.archive)), "not safe");
  small.certify_both("not safe");
  small.archive->keep(RefreshEvent{{"stored_files"}, "now"});
  small.keep_whole({"stored_files", {}, 0}, R"({"files":[],"total_items":0,"total_file_size":0})");
  small.certify_both(kSafe);
}

// Nothing is known of what it says: it may be better than what would be written over it, or worse.
TEST(StandingCertificate, ThatCannotBeReadIsLeft) {
  S3TestPlace place;
  place.attempts = 1;
  TwoSteps small(place.tree());
  small.lose({"stored_files", {}, 0});
  small.certify_both("not safe");
  const auto things = place.server.things();
  small.choose_only("templates");
  place.server.server().set_gate([](const standins::Request& request) -> std::optional<standins::Fault> {
    if (request.method != "GET" || !request.path.ends_with("certificate.json")) return std::nullopt;
    return standins::Fault{.answer = {.status = 403}};
  });
  const AccountResult result = small.verify();
  EXPECT_TRUE(result.is_unwritten);
  EXPECT_TRUE(result.error);
  place.server.server().set_gate({});
  EXPECT_EQ(verdict_in(*standing_certificate(*small.archive)), "not safe");
  for (const auto& [key, thing] : things) {
    if (key.find("certificate") == std::string::npos) continue;
    EXPECT_EQ(place.server.things().at(key).bytes, thing.bytes) << key;
  }
}

TEST(StandingCertificate, OfNoOtherStepGivesWay) {
  TwoSteps small;
  small.lose(kTemplates);
  small.choose_only("templates");
  EXPECT_FALSE(small.verify().is_unwritten) << "there is none yet";
  EXPECT_EQ(verdict_in(*standing_certificate(*small.archive)), "not safe");
  small.archive->keep(RefreshEvent{{"templates"}, "now"});
  small.keep_whole(kTemplates, R"({"templates":[],"total_items":0})");
  EXPECT_FALSE(small.verify().is_unwritten);
  EXPECT_EQ(verdict_in(*standing_certificate(*small.archive)), kSafe);
  small.certify_both(kSafe);
}

TEST(StandingCertificate, OfMoreStepsGivesWayWhereAStepIsExcluded) {
  TwoSteps small;
  small.certify_both(kSafe);
  small.choose({"templates"}, "--excluded-steps stored_files");
  EXPECT_FALSE(small.verify().is_unwritten);
  EXPECT_EQ(last_verdict(*small.archive, 0)->states.at("stored_files"), StreamState::excluded);
}

// A page that is damaged is read once more. A run that is stopped before has not found out that all is well.
TEST(StandingCertificate, OfMoreStepsGivesWayToADoubtAndComesBackWhereASecondLookFindsNothing) {
  for (const bool is_mended : {true, false}) {
    TwoSteps small;
    const std::string whole = small.certify_both(kSafe);
    const std::string page = *read_file(small.folder.path() / "acme" / kCertificatePage);
    const std::filesystem::path segment = small.folder.path() / "acme/raw/templates/000001.ndjson.zst";
    const std::string bytes = *read_file(segment);
    std::filesystem::resize_file(segment, bytes.size() / 2);
    small.choose_only("templates");
    EXPECT_FALSE(small.verify(VerifyAs::first_look).is_unwritten);
    EXPECT_EQ(verdict_in(*standing_certificate(*small.archive)), "not safe");
    EXPECT_EQ(last_verdict(*small.archive, 0)->replaced.count("stored_files"), 1U);
    if (is_mended) {
      EXPECT_TRUE(write_file(segment, bytes));
    }
    const AccountResult second = small.verify(VerifyAs::end_of_sync);
    EXPECT_EQ(second.is_unwritten, is_mended);
    EXPECT_EQ(second.standing, is_mended ? whole : "");
    if (is_mended) {
      EXPECT_EQ(*standing_certificate(*small.archive), whole);
      EXPECT_EQ(*read_file(small.folder.path() / "acme" / kCertificatePage), page);
    } else {
      EXPECT_EQ(verdict_in(*standing_certificate(*small.archive)), "not safe");
    }
  }
}

TEST(StandingCertificate, ThatNamesAnotherStepsGapIsLeftByAVerificationOfAPartToo) {
  TwoSteps small;
  small.lose({"stored_files", {}, 0});
  const std::string whole = small.certify_both("not safe");
  const std::filesystem::path segment = small.folder.path() / "acme/raw/templates/000001.ndjson.zst";
  std::filesystem::resize_file(segment, std::filesystem::file_size(segment) / 2);
  small.choose_only("templates");
  small.settings.subset = *Subset::parse("1/1");
  const AccountResult result = small.verify();
  EXPECT_TRUE(result.certificate) << "the gap is said";
  EXPECT_TRUE(result.is_unwritten) << "and that it stands in no file";
  EXPECT_EQ(*standing_certificate(*small.archive), whole);
}

TEST(StandingCertificate, SaysInStatusWhatItIsLimitedBy) {
  TwoSteps small;
  small.choose_only("templates");
  small.verify();
  small.settings.accounts = {small.account};
  const std::vector<AccountStatus> all = status(small.settings);
  ASSERT_FALSE(all.at(0).error);
  EXPECT_THAT(all.at(0).limited_by, ElementsAre("--only-steps templates"));
}

// ---- of another run

constexpr const char* kCertificateThere = "acme/certificate.json";

/// The next piece of the ledger, as a run writes it that has taken the account over; and that run's certificate.
void write_as_another_run(S3TestPlace& place) {
  std::string last;
  int pieces = 0;
  for (const auto& [key, thing] : place.server.things()) {
    if (!key.starts_with("some/prefix/acme/ledger/")) continue;
    last = thing.bytes;
    ++pieces;
  }
  std::string sum = last.substr(last.rfind(R"("sum":")") + 7, 16);
  place.put(fmt::format("acme/ledger/{:08}.ndjson", pieces + 1), encode(FinishedEvent{{"lists"}, kThen}, sum) + "\n");
  place.put(kCertificateThere, R"({"verdict":"not safe"})");
}

void expect_left(const AccountResult& result, S3TestPlace& place, const std::string& what) {
  ASSERT_TRUE(result.error) << what;
  EXPECT_EQ(result.error->kind, ErrorKind::busy) << what;
  EXPECT_FALSE(result.certificate) << what;
  EXPECT_FALSE(result.partial) << what;
  EXPECT_EQ(place.bytes(kCertificateThere), R"({"verdict":"not safe"})") << what;
  for (const char* file : {"acme/certificate.html", "acme/content.sha256"}) EXPECT_FALSE(place.bytes(file)) << what << ": " << file;
}

TEST(StandingCertificate, OfTheRunThatTookTheAccountOverIsLeft) {
  for (const bool is_whole : {true, false}) {
    S3TestPlace place;
    TwoSteps small(place.tree());
    if (!is_whole) small.lose(kTemplates);
    small.choose_both();
    ASSERT_TRUE(small.archive->flush());
    write_as_another_run(place);
    expect_left(small.verify(VerifyAs::end_of_sync), place, is_whole ? "the end of a sync" : "a sync with a gap");
  }
}

TEST(StandingCertificate, OfARunThatCameWhileTheContentWasSummedUpIsLeft) {
  for (const VerifyAs as : {VerifyAs::command, VerifyAs::first_look, VerifyAs::end_of_sync}) {
    S3TestPlace place;
    TwoSteps small(place.tree());
    small.choose_both();
    ASSERT_TRUE(small.archive->flush());
    if (as == VerifyAs::command) small.archive = *AccountArchive::open_to_read(*small.settings.archive, "acme");
    // Nothing but the sum over all content asks for this list.
    std::atomic<bool> has_come = false;
    place.server.server().set_gate([&](const standins::Request& request) -> std::optional<standins::Fault> {
      if (request.parameter("prefix").ends_with("acme/files/") && !has_come.exchange(true)) write_as_another_run(place);
      return std::nullopt;
    });
    AccountRun run;
    run.account = &small.account;
    run.progress = &small.progress.accounts.front();
    run.archive = std::move(small.archive);
    AccountResult result;
    verify_account(small.settings, nullptr, as, run, result);
    result.error = run.error;
    EXPECT_TRUE(has_come);
    expect_left(result, place, fmt::format("as {}", static_cast<int>(as)));
    place.server.server().set_gate(nullptr);
  }
}

TEST(StandingCertificate, OfAnotherRunIsLeftByAVerificationOfAPart) {
  S3TestPlace place;
  TwoSteps small(place.tree());
  small.choose_both();
  small.settings.subset = *Subset::parse("1/2");
  const auto reader = [&small] { return *AccountArchive::open_to_read(*small.settings.archive, "acme"); };
  AccountRun run;
  run.account = &small.account;
  run.progress = &small.progress.accounts.front();
  run.archive = reader();
  write_as_another_run(place);
  AccountResult result;
  verify_account(small.settings, nullptr, VerifyAs::command, run, result);
  result.error = run.error;
  expect_left(result, place, "a part");
}

// Where that run has written nothing yet, the one that lost its lease knows it all the same.
TEST(StandingCertificate, OfARunThatHasOnlyTakenTheLeaseIsLeft) {
  TwoSteps small;
  const std::string whole = small.certify_both(kSafe);
  AccountRun run;
  run.account = &small.account;
  run.progress = &small.progress.accounts.front();
  run.archive = std::move(small.archive);
  run.archive->keep(RefreshEvent{{"templates"}, "now"});
  ASSERT_TRUE(run.archive->flush());
  run.error = Error{ErrorKind::busy, "another run has taken over", ""};
  AccountResult result;
  verify_account(small.settings, nullptr, VerifyAs::end_of_sync, run, result);
  EXPECT_FALSE(result.certificate);
  EXPECT_EQ(*standing_certificate(*run.archive), whole);
}

}  // namespace
}  // namespace chimplift
