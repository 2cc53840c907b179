// The last words of a run.
#include "cli/summary.hpp"

#include <gmock/gmock.h>

#include <ctime>
#include <utility>

#include "archive/folder_tree.hpp"
#include "cli/json_output.hpp"
#include "cli/tables.hpp"

namespace chimplift {
namespace {

using testing::HasSubstr;
using testing::Not;

/// A pull of one account with so many gaps, each for a reason of its own.
RunResult pulled_with(int gaps) {
  RunResult result;
  AccountResult& account = result.accounts.emplace_back();
  account.account_name = "acme";
  account.gaps.emplace();
  for (int i = 0; i < gaps; ++i) {
    const std::string number = std::to_string(i);
    account.gaps->push_back({"list_members", {{"list_id", "l" + number}}, "", "status 50" + number, "chimplift sync"});
  }
  return result;
}

std::string text_of(const RunResult& result) {
  Settings settings;
  settings.archive = folder_tree("here");
  return summary_text(Command::pull, result, settings, {}, false);
}

TEST(Summary, OfAPullNamesItsGapsUpToAScreenful) {
  EXPECT_THAT(text_of(pulled_with(0)), Not(HasSubstr("Gaps")));
  const std::string few = text_of(pulled_with(2));
  EXPECT_THAT(few, HasSubstr("Gaps (2)"));
  EXPECT_THAT(few, HasSubstr("list_members list_id=l1: status 501"));
  EXPECT_THAT(few, Not(HasSubstr("more")));
  const std::string many = text_of(pulled_with(25));
  EXPECT_THAT(many, HasSubstr("Gaps (25)"));
  EXPECT_THAT(many, HasSubstr("… and 5 more, the state of each table: chimplift status --archive here --account acme"));
}

// The gap behind the last that is shown had the command, and was not shown.
TEST(Summary, NamesTheCommandOfMoreGapsThanItShows) {
  const std::string command = "      to close this: chimplift sync\n";
  for (const int gaps : {1, 20, 21, 25}) {
    const std::string text = text_of(pulled_with(gaps));
    const std::size_t at = text.find(command);
    ASSERT_NE(at, std::string::npos) << gaps;
    EXPECT_EQ(text.find(command, at + 1), std::string::npos) << gaps;
  }
}

TEST(Summary, CountsWhatIsNotNamedOneByOne) {
  RunResult result = pulled_with(0);
  std::vector<Finding>& gaps = *result.accounts.front().gaps;
  for (int i = 0; i < 20; ++i) gaps.push_back({"orders", {{"store_id", "S"}}, "", "not read", "chimplift sync"});
  gaps.push_back({"orders", {}, "", "not read", "chimplift sync", {}, 1'180});
  gaps.push_back({"carts", {}, "", "page 21 is damaged", "chimplift sync", {}, 3'000});
  const std::string text = text_of(result);
  EXPECT_THAT(text, HasSubstr("Gaps (4,200)"));
  EXPECT_THAT(text, HasSubstr("    orders store_id=S: not read (and 1,199 more like it)\n"));
  EXPECT_THAT(text, HasSubstr("    carts: and 3,000 more like this: page 21 is damaged\n      to close this: chimplift sync\n"));
}

/// Each was compared with all before it.
TEST(Summary, OfAHundredThousandReasonsIsThereAtOnce) {
  const RunResult result = pulled_with(100'000);
  const std::clock_t begun = std::clock();
  EXPECT_THAT(text_of(result), HasSubstr("… and 99,980 more"));
  EXPECT_LT(static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC, 3);
}

/// A verification of `lists` alone, which left out two tables of other steps and one list's contacts.
RunResult verified_alone(const std::string& limit) {
  RunResult result;
  AccountResult& account = result.accounts.emplace_back();
  account.account_name = "acme";
  Certificate& certificate = account.certificate.emplace();
  certificate.account_name = "acme";
  certificate.verdict = Verdict::safe_with_exceptions;
  certificate.limited_by = {limit};
  const auto add = [&certificate](const std::string& table, StreamState state) {
    StreamLine& line = certificate.streams.emplace_back();
    line.table = line.step = table;
    line.state = state;
  };
  add("lists", StreamState::complete);
  add("templates", StreamState::excluded);
  add("campaigns", StreamState::excluded);
  certificate.exceptions = {{"templates", {}, "", "excluded", ""},
                            {"campaigns", {}, "", "excluded", ""},
                            {"lists", {{"list_id", "l1"}}, "", "records differ", ""}};
  return result;
}

TEST(Summary, OfSomeStepsAloneCountsTheOtherTables) {
  const std::string some = text_of(verified_alone("--only-steps lists"));
  EXPECT_THAT(some, HasSubstr("\n  2 tables are excluded\n"));
  EXPECT_THAT(some, HasSubstr(" (limited by --only-steps lists)\n"));
  EXPECT_THAT(some, HasSubstr("Exceptions (3):\n    2 tables are excluded\n    lists list_id=l1: records differ\n"));
  EXPECT_THAT(some, Not(HasSubstr("campaigns")));
  const std::string chosen = text_of(verified_alone("--excluded-steps templates,campaigns"));
  EXPECT_THAT(chosen, HasSubstr("    campaigns: excluded\n"));
  EXPECT_THAT(chosen, Not(HasSubstr("tables are excluded")));
}

// The first twenty are what a person sees: what may be gone from Mailchimp one day comes before what is in the archive.
TEST(Summary, ShowsWhatALoadClosesBehindWhatTheArchiveLacks) {
  RunResult result = pulled_with(0);
  for (int i = 0; i < 30; ++i)
    result.accounts.front().gaps->push_back({"table" + std::to_string(i), {}, "", "the table lacks rows", "chimplift load --account acme"});
  result.accounts.front().gaps->push_back({"lists", {}, "", "not read to its end yet", "chimplift sync --account acme"});
  const std::string text = text_of(result);
  EXPECT_THAT(text,
              HasSubstr("Gaps (31):\n    lists: not read to its end yet\n      to close this: chimplift sync --account acme\n    table0:"));
}

TEST(Summary, SaysThatAnotherCertificateStands) {
  RunResult result = verified_alone("--only-steps lists");
  Settings settings;
  settings.archive = folder_tree("here");
  settings.given["verify"] = {{"only-steps", "lists"}, {"excluded-steps", "templates"}};
  EXPECT_THAT(summary_text(Command::sync, result, settings, {}, true), HasSubstr("here/acme/certificate.html"));
  result.accounts.front().is_unwritten = true;
  const std::string text = summary_text(Command::sync, result, settings, {}, true);
  EXPECT_THAT(text, HasSubstr("The certificate was left as it is: it speaks of more than this run."));
  EXPECT_THAT(text, HasSubstr("\n    chimplift verify --archive here --account acme --excluded-steps templates\n"));
  EXPECT_THAT(text, Not(HasSubstr("certificate.html")));
  // Whoever reads "safe" here is to know that it is not all.
  result.accounts.front().standing = R"({"verdict":"not safe"})";
  EXPECT_THAT(summary_text(Command::sync, result, settings, {}, false),
              HasSubstr("it speaks of more than this run, and says not safe. This makes it anew:"));
}

/// A verification of all that found more than the screen shows.
RunResult failed_with(int gaps) {
  RunResult result = pulled_with(gaps);
  AccountResult& account = result.accounts.front();
  Certificate& certificate = account.certificate.emplace();
  certificate.account_name = "acme";
  certificate.verdict = Verdict::not_safe;
  certificate.gaps = *std::exchange(account.gaps, std::nullopt);
  certificate.pages = 7;
  StreamLine& line = certificate.streams.emplace_back();
  line.table = "campaign_advice";
  line.state = StreamState::complete;
  line.pulled = 42;
  line.archived = 28;
  line.loaded = 28;
  account.error = Error{ErrorKind::destination, "No space left on device", ""};
  return result;
}

// The disk was full: what stood there still said "safe to close".
TEST(Summary, PointsToNoCertificateThatWasNotWritten) {
  RunResult result = failed_with(25);
  EXPECT_THAT(text_of(result), HasSubstr("… and 5 more, listed in here/acme/certificate.json\n"));
  EXPECT_THAT(text_of(result), Not(HasSubstr("not written")));
  result.accounts.front().is_unwritten = true;
  const std::string text = text_of(result);
  EXPECT_THAT(text, HasSubstr("… and 5 more, which stand in no file\n"));
  EXPECT_THAT(
      text, HasSubstr("not safe (25 gaps)\n  The certificate was not written: what here/acme/certificate.json says, if it is there, is of "
                      "an earlier run.\n"));
}

TEST(Summary, OfAnAccountThatCouldNotBeReadSaysWhyAndNoMore) {
  RunResult result = failed_with(25);
  EXPECT_THAT(text_of(result), HasSubstr("Gaps (25)"));
  result.accounts.front().certificate->pages = 0;
  EXPECT_THAT(text_of(result),
              HasSubstr("acme\n  Nothing of it has been read: No space left on device\n\n  Verdict for acme: not safe\n\n"));
}

TEST(Summary, SaysThatEqualRecordsOfATableWithoutIdsAreOneRow) {
  constexpr const char* kSays = "  Equal records of a table without ids are one row.\n";
  RunResult result = failed_with(1);
  EXPECT_THAT(text_of(result), HasSubstr(kSays));
  StreamLine& line = result.accounts.front().certificate->streams.front();
  line.loaded = 27;
  EXPECT_THAT(text_of(result), Not(HasSubstr(kSays))) << "a row is lacking";
  line.loaded = 28;
  line.table = "campaigns";
  EXPECT_THAT(text_of(result), Not(HasSubstr(kSays)));
}

TEST(Summary, OfAPartNamesTheAccountOnce) {
  RunResult result = failed_with(1);
  AccountResult& account = result.accounts.front();
  account.partial = PartialReading{.part = "1/2", .pages = 7, .pages_read = 7, .files = 1, .files_read = 0};
  std::string text = text_of(result);
  EXPECT_THAT(text, testing::StartsWith("acme\n  Read again (part 1/2): 7 of 7 pages, 0 of 1 file, "));
  EXPECT_THAT(text, HasSubstr("The rest was not read"));
  EXPECT_EQ(text.find("acme\n", 1), std::string::npos) << text;
  account.partial->files_read = 1;
  EXPECT_THAT(text_of(result), Not(HasSubstr("The rest was not read")));
}

TEST(Summary, SaysWhatChangedBetweenEmptyLines) {
  RunResult result = verified_alone("--only-steps lists");
  AccountResult& account = result.accounts.front();
  account.changes.emplace();
  account.certificate->cross_checks.emplace_back().outcome = CheckOutcome::holds;
  account.requests = 1;
  const std::string text = text_of(result);
  EXPECT_THAT(text, HasSubstr("\n\n  Since the last run nothing has changed.\n\n  Cross-checks: 1 holds.\n"));
  EXPECT_THAT(text, HasSubstr(" and 1 request.\n"));
  EXPECT_THAT(text, Not(HasSubstr("\n\n\n")));
}

TEST(Summary, OfStatusNamesWhatTheLastVerdictIsLimitedBy) {
  AccountStatus account;
  account.account_name = "acme";
  account.verdict = "safe to close, with exceptions";
  account.verdict_at = "2026-11-23T10:12:05.104533Z";
  account.is_current = true;
  EXPECT_THAT(status_text({account}, {}), HasSubstr("safe to close, with exceptions, of 2026-11-23 10:12 UTC."));
  account.limited_by = {"--only-steps lists", "--warehouse none"};
  EXPECT_THAT(status_text({account}, {}),
              HasSubstr("safe to close, with exceptions (limited by --only-steps lists; --warehouse none), of 2026-11-23 10:12 UTC."));
  EXPECT_THAT(status_document({account}, 0), HasSubstr("\"verdict_limited_by\""));
}

}  // namespace
}  // namespace chimplift
