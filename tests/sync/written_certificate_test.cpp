// What of a certificate is written, over what, and what stands where some of it cannot be.
#include <gmock/gmock.h>

#include <atomic>

#include "archive/place.hpp"
#include "sync/two_steps.hpp"

namespace chimplift {
namespace {

// A verification of other steps may have found something while the second look was at work.
TEST(StandingCertificate, ThatWasWrittenMeanwhileIsNotReplacedByOneThatGaveWay) {
  TwoSteps small;
  small.certify_both(kSafe);
  const std::filesystem::path segment = small.folder.path() / "acme/raw/templates/000001.ndjson.zst";
  const std::string bytes = *read_file(segment);
  std::filesystem::resize_file(segment, bytes.size() / 2);
  small.choose_only("templates");
  small.verify(VerifyAs::first_look);
  ASSERT_TRUE(small.set_aside);
  const std::string meanwhile = R"({"verdict":"not safe","account":"acme"})";
  ASSERT_TRUE(write_file(small.folder.path() / "acme" / kCertificate, meanwhile));
  ASSERT_TRUE(write_file(segment, bytes));
  EXPECT_TRUE(small.verify(VerifyAs::end_of_sync).is_unwritten);
  EXPECT_EQ(*standing_certificate(*small.archive), meanwhile);
}

// Both read the same pages; the one that began first may be the last to write.
TEST(StandingCertificate, IsNotMadeSafeOverWhatAnotherVerificationFoundMeanwhile) {
  S3TestPlace place;
  TwoSteps small(place.tree());
  const std::string safe = small.certify_both(kSafe);
  const std::string meanwhile = R"({"verdict":"not safe","account":"acme"})";
  std::atomic<bool> is_first = true;
  place.server.server().set_gate([&](const standins::Request& request) -> std::optional<standins::Fault> {
    // While it sums up what it has read.
    if (request.parameter("prefix").ends_with("acme/raw/") && is_first.exchange(false)) {
      place.put("acme/certificate.json", meanwhile);
    }
    return std::nullopt;
  });
  const AccountResult result = small.verify();
  place.server.server().set_gate(nullptr);
  EXPECT_FALSE(is_first);
  ASSERT_TRUE(result.error);
  EXPECT_EQ(result.error->kind, ErrorKind::busy);
  EXPECT_EQ(*standing_certificate(*small.archive), meanwhile);
  EXPECT_EQ(small.verify().error, std::nullopt) << "the next one saw it before it began";
  EXPECT_EQ(verdict_in(*standing_certificate(*small.archive)), kSafe);
}

// What takes things away may do so between the look at the pages and the sum over them, which is long for a large archive.
TEST(StandingCertificate, IsNotSafeWithoutWhatWasThereWhenItWasVerified) {
  S3TestPlace place;
  TwoSteps small(place.tree());
  const std::string safe = small.certify_both(kSafe);
  std::atomic<bool> is_first = true;
  place.server.server().set_gate([&](const standins::Request& request) -> std::optional<standins::Fault> {
    if (request.parameter("prefix").ends_with("acme/raw/") && is_first.exchange(false))
      place.remove("acme/raw/templates/000001.ndjson.zst");
    return std::nullopt;
  });
  const AccountResult result = small.verify();
  place.server.server().set_gate(nullptr);
  EXPECT_FALSE(is_first);
  ASSERT_TRUE(result.error);
  EXPECT_EQ(result.error->kind, ErrorKind::temporary);
  EXPECT_THAT(result.error->message, testing::HasSubstr("acme/raw/templates/000001.ndjson.zst went away"));
  EXPECT_EQ(*standing_certificate(*small.archive), safe) << "which the next verification replaces";
  small.verify();
  EXPECT_EQ(verdict_in(*standing_certificate(*small.archive)), "not safe");
}

// Programs read the one, people the other; a disk may have room for neither.
TEST(StandingCertificate, IsNotSafeAlsoWhereThePageCannotBeWritten) {
  TwoSteps small;
  small.certify_both(kSafe);
  const std::filesystem::path page = small.folder.path() / "acme" / kCertificatePage;
  std::filesystem::remove(page);
  std::filesystem::create_directories(page / "in the way");
  small.lose(kTemplates);
  EXPECT_EQ(small.verify().error->kind, ErrorKind::destination);
  EXPECT_EQ(verdict_in(*standing_certificate(*small.archive)), "not safe");
}

// The list of all files is the largest of the three, and a disk may have no room for it.
TEST(StandingCertificate, IsNotSafeAlsoWhereTheListOfFilesCannotBeWritten) {
  TwoSteps small;
  const std::string whole = small.certify_both(kSafe);
  const std::filesystem::path list = small.folder.path() / "acme" / kContentList;
  std::filesystem::remove(list);
  std::filesystem::create_directories(list / "in the way");
  const AccountResult safe = small.verify();
  EXPECT_EQ(safe.error->kind, ErrorKind::destination);
  EXPECT_TRUE(safe.is_unwritten);
  EXPECT_EQ(*standing_certificate(*small.archive), whole) << "nor is a safe one written without it";
  small.lose(kTemplates);
  const AccountResult not_safe = small.verify();
  EXPECT_EQ(not_safe.error->kind, ErrorKind::destination);
  EXPECT_FALSE(not_safe.is_unwritten) << "but for the list";
  EXPECT_EQ(verdict_in(*standing_certificate(*small.archive)), "not safe");
}

// A load within the same run has read these pages, and what was read may be kept in memory.
TEST(StandingCertificate, IsOfWhatTheBucketHasNow) {
  S3TestPlace place;
  TwoSteps small(place.tree());
  small.certify_both(kSafe);
  place.remove("acme/raw/templates/000001.ndjson.zst");
  small.verify();
  EXPECT_EQ(verdict_in(*standing_certificate(*small.archive)), "not safe");
}

// What is damaged may be what cannot be read for the sum either.
TEST(StandingCertificate, IsNotSafeAlsoWhereNoSumOverTheContentCanBeHad) {
  S3TestPlace place;
  TwoSteps small(place.tree());
  small.certify_both(kSafe);
  small.lose(kTemplates);
  place.server.server().set_gate([](const standins::Request& request) -> std::optional<standins::Fault> {
    if (!request.parameter("prefix").ends_with("acme/files/")) return std::nullopt;
    return standins::Fault{.answer = {.status = 403}};
  });
  const AccountResult result = small.verify();
  EXPECT_FALSE(result.is_unwritten);
  place.server.server().set_gate(nullptr);
  ASSERT_TRUE(result.certificate);
  EXPECT_THAT(result.certificate->gaps.back().reason, testing::HasSubstr("could not be summed up"));
  EXPECT_EQ(verdict_in(*standing_certificate(*small.archive)), "not safe");
}

// To sum up a large archive takes hours: a run that is stopped in that goes on, and does not read all of Mailchimp anew.
TEST(StandingCertificate, ARunThatIsStoppedWhileItsContentIsSummedUpIsNotFinished) {
  S3TestPlace place;
  TwoSteps small(place.tree());
  small.choose_both();
  const auto times_finished = [&small] {
    int times = 0;
    EXPECT_TRUE(each_record(*small.archive, [&times](LedgerRecord& record) -> Result<void> {
      times += std::holds_alternative<FinishedEvent>(record) ? 1 : 0;
      return {};
    }));
    return times;
  };
  place.server.server().set_gate([](const standins::Request& request) -> std::optional<standins::Fault> {
    if (!request.parameter("prefix").ends_with("acme/raw/")) return std::nullopt;
    return standins::Fault{.answer = {.status = 403}};
  });
  EXPECT_TRUE(small.verify(VerifyAs::end_of_sync).error);
  EXPECT_EQ(times_finished(), 0);
  place.server.server().set_gate(nullptr);
  EXPECT_FALSE(small.verify(VerifyAs::end_of_sync).error);
  EXPECT_EQ(times_finished(), 1);
  EXPECT_EQ(verdict_in(*standing_certificate(*small.archive)), kSafe);
}

// Twenty pods of a step each would read the whole bucket twenty times.
TEST(StandingCertificate, ARunThatLeavesItSumsUpNothing) {
  S3TestPlace place;
  TwoSteps small(place.tree());
  small.certify_both(kSafe);
  small.choose_only("templates");
  place.server.server().set_gate([](const standins::Request& request) -> std::optional<standins::Fault> {
    if (!request.parameter("prefix").ends_with("acme/raw/")) return std::nullopt;
    return standins::Fault{.answer = {.status = 403}};
  });
  const AccountResult result = small.verify(VerifyAs::end_of_sync);
  EXPECT_FALSE(result.error);
  EXPECT_TRUE(result.is_unwritten);
}

}  // namespace
}  // namespace chimplift
