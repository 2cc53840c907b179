// certificate.html: what it says for each verdict, that nothing from outside can become markup, that long lists stay readable.
#include "certificate/certificate_html.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "certificate/html_text.hpp"

namespace chimplift {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Certificate sample(Verdict verdict = Verdict::safe) {
  Certificate c;
  c.account_name = "harbor_coffee";
  c.verdict = verdict;
  c.archive_id = "5f0c0123456789abcdef0123456789ab";
  c.created_at = "2026-11-23T21:23:05.104533Z";
  c.pulled_from = "2026-11-23T20:00:00.000000Z";
  c.pulled_to = "2026-11-23T21:22:00.000000Z";
  c.pages = 934;
  c.page_bytes = 1'873'021;
  c.content = ContentSum{std::string(64, 'a'), 57, 2'000'000};
  const auto complete = [](const std::string& table, i64 units, i64 records) {
    return StreamLine{.table = table,
                      .step = "lists",
                      .state = StreamState::complete,
                      .units = units,
                      .expected = records,
                      .pulled = records,
                      .archived = records,
                      .loaded = records};
  };
  c.streams = {complete("lists", 1, 6), complete("list_members", 6, 1'234'567)};
  c.files = {{"images", 12, 11, 37'645, 1, 0}};
  return c;
}

std::size_t count_of(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

TEST(CertificateHtml, SaysWhatEachVerdictMeansAndWhatToDo) {
  EXPECT_THAT(to_html(sample()), AllOf(HasSubstr(">Safe to close</p>"), HasSubstr("no gaps and no exceptions"), HasSubstr("Signature"),
                                       HasSubstr("23 November 2026, 21:23:05 UTC"), HasSubstr("1\u202f234\u202f567")));
  Certificate c = sample(Verdict::safe_with_exceptions);
  c.exceptions = {{"campaign_content", {}, "https://a/b.png", "404: gone", ""}, {"templates", {}, "", "excluded", ""}};
  EXPECT_THAT(to_html(c), AllOf(HasSubstr(">Safe to close, with exceptions</p>"), HasSubstr("https://a/b.png"), HasSubstr("excluded")));
  c = sample(Verdict::not_safe);
  c.gaps = {{"list_members", {{"list_id", "abc"}}, "", "not read to its end yet", "chimplift sync --account 'a b' --only-steps lists"}};
  EXPECT_THAT(to_html(c), AllOf(HasSubstr(">Not safe</p>"), HasSubstr("Do not cancel the account"), HasSubstr("abc"),
                                HasSubstr("<span>--account</span> <span>&#39;a</span> <span>b&#39;</span> <span>--only-steps</span>")));
  EXPECT_THAT(to_html(sample(Verdict::test_run)), AllOf(HasSubstr(">Test run</p>"), Not(HasSubstr("Signature"))));
}

TEST(CertificateHtml, SaysThatWhatCameInLaterIsNotInIt) {
  const std::string later =
      "What came into the account after 23 November 2026, 21:22:00 UTC may not be in this archive: on the day of cancelling run "
      "<code>chimplift verify --source</code>.";
  for (const Verdict verdict : {Verdict::safe, Verdict::safe_with_exceptions, Verdict::not_safe}) {
    Certificate c = sample(verdict);
    EXPECT_EQ(count_of(to_html(c), later), 2U) << name_of(verdict) << ": in what to do, and above the signature";
    EXPECT_GT(to_html(c).rfind(later), to_html(c).find("class=\"signature\"")) << name_of(verdict);
    c.source.emplace().asked_at = "2026-11-23T20:30:00.000000Z";
    EXPECT_EQ(count_of(to_html(c), later), 0U) << name_of(verdict);
    c.source->asked_at = "2026-11-22T20:30:00.000000Z";
    EXPECT_EQ(count_of(to_html(c), later), 2U) << name_of(verdict);
    c.pulled_to.clear();
    EXPECT_THAT(to_html(c), Not(HasSubstr("What came into the account")));
  }
  EXPECT_THAT(to_html(sample(Verdict::test_run)), Not(HasSubstr("What came into the account")));
}

// One table may have been read again today, and all others a month ago.
TEST(CertificateHtml, CountsFromTheOldestOfWhatItSpeaksOf) {
  Certificate c = sample();
  c.current_from = "2026-10-20T08:00:00.000000Z";
  EXPECT_THAT(to_html(c), AllOf(HasSubstr("What came into the account after 20 October 2026, 08:00:00 UTC may not be in this archive"),
                                Not(HasSubstr("after 23 November"))));
  EXPECT_THAT(to_json(c), HasSubstr(R"("current_from": "2026-10-20T08:00:00.000000Z")"));
}

TEST(CertificateHtml, CountsWhatItsTablesShow) {
  Certificate c = sample();
  c.streams[0].pulled = 1;
  c.streams[1].state = StreamState::excluded;  // read for its ids alone
  CrossCheckLine empty;
  empty.name = "rss";
  empty.outcome = CheckOutcome::not_made;
  empty.reason = kNothingToCompare;
  c.cross_checks = {empty};
  const std::string html = to_html(c);
  EXPECT_THAT(html, AllOf(HasSubstr("<li>1\u00a0record was read. The archive has 934\u00a0pages"), Not(HasSubstr("could not be made")),
                          Not(HasSubstr("cross-check hold"))));
  EXPECT_THAT(html.substr(html.find("id=\"cross-checks\"")), Not(HasSubstr("class=\"bad\"")));
  c.cross_checks[0].reason = "its records could not be read";
  EXPECT_THAT(to_html(c), HasSubstr("1 could not be made"));
}

TEST(CertificateHtml, SaysWhichMailchimpAccountItIsAbout) {
  Certificate c = sample();
  EXPECT_THAT(to_html(c), HasSubstr("<dt>In Mailchimp</dt><dd>not known"));
  EXPECT_THAT(to_json(c), HasSubstr(R"("account_id": null)"));
  c.mailchimp = {"8f3a", "Harbor <Coffee> Ltd", "owner@harbor.example"};
  const std::string names = "Harbor &lt;Coffee&gt; Ltd, account id 8f3a, login owner@harbor.example";
  EXPECT_THAT(to_html(c), AllOf(HasSubstr("<dt>In Mailchimp</dt><dd>" + names + "</dd>"),
                                HasSubstr("Account harbor_coffee (in Mailchimp: " + names + "), safe to close, verified ")));
  EXPECT_THAT(to_json(c), AllOf(HasSubstr(R"("account_id": "8f3a")"), HasSubstr(R"("account_name": "Harbor <Coffee> Ltd")"),
                                HasSubstr(R"("login": "owner@harbor.example")"), HasSubstr(R"("account_name": "harbor_coffee")")));
}

TEST(CertificateHtml, PointsToWhatNobodyCanBringAndIsNoException) {
  Certificate c = sample();
  EXPECT_THAT(to_html(c), AllOf(HasSubstr("What is not in this archive"), HasSubstr("customer journeys, messages of the Inbox"),
                                HasSubstr("HTML of templates"), Not(HasSubstr("read what may be lacking"))));
  c.cross_checks.resize(3);
  for (CrossCheckLine& line : c.cross_checks) line.outcome = CheckOutcome::differs_explained;
  c.cross_checks[2].outcome = CheckOutcome::holds;
  EXPECT_THAT(to_html(c),
              AllOf(HasSubstr("There are no gaps and no exceptions. 2\u00a0cross-checks differ for a known reason and are not among them: "
                              "<a href=\"#cross-checks\">read what may be lacking</a>."),
                    HasSubstr("<section id=\"cross-checks\">")));
  c.exceptions = {{"templates", {}, "", "excluded", ""}};
  c.cross_checks[1].outcome = CheckOutcome::holds;
  EXPECT_THAT(to_html(c), HasSubstr("1\u00a0exception. 1\u00a0cross-check differs for a known reason and is not among them: "));
}

TEST(CertificateHtml, GivesSafeWithExceptionsASignOfItsOwn) {
  const auto mark = [](Verdict verdict) {
    const std::string page = to_html(sample(verdict));
    const std::size_t at = page.find("<circle");
    return page.substr(at, page.find("</svg>", at) - at);
  };
  EXPECT_NE(mark(Verdict::safe_with_exceptions), mark(Verdict::safe));
  const auto colour = [](const std::string& look) {
    const std::string page = to_html(sample());
    const std::size_t at = page.find("\n." + look + " { --tone: ");
    return page.substr(at + look.size() + 13, 7);
  };
  EXPECT_EQ(colour("exceptions"), "#8a5a00");
  EXPECT_NE(colour("exceptions"), colour("safe"));
}

TEST(CertificateHtml, KeepsItsTablesReadableOnANarrowScreen) {
  Certificate c = sample();
  c.cross_checks.resize(1);
  EXPECT_THAT(to_html(c), AllOf(HasSubstr("<td class=\"id agrees\">"), HasSubstr(".agrees { min-width: 13rem; }"),
                                HasSubstr(".scroll { border: 1px solid")));
}

TEST(CertificateHtml, IsTheSameForTheSameCertificateAndNeedsNothingElse) {
  const std::string page = to_html(sample());
  EXPECT_EQ(page, to_html(sample()));
  EXPECT_THAT(page, AllOf(Not(HasSubstr("<script")), Not(HasSubstr("src=")), Not(HasSubstr("href=")), Not(HasSubstr("url(")),
                          Not(HasSubstr("@import"))));
}

// A person signs it: one table of 84 must not read like an account with one lost image.
TEST(CertificateHtml, SaysWhereItIsSignedWhatItIsLimitedBy) {
  Certificate c = sample(Verdict::safe_with_exceptions);
  EXPECT_THAT(to_html(c), AllOf(Not(HasSubstr("limited by")), HasSubstr("Everything that chimplift reads of this account")));
  c.limited_by = {"--only-steps lists"};
  EXPECT_THAT(to_html(c), AllOf(HasSubstr("safe to close, with exceptions, limited by --only-steps lists, verified"),
                                HasSubstr("This certificate is not about everything"), HasSubstr(" · limited · archive ")));
}

TEST(CertificateHtml, LetsNothingFromOutsideBecomeMarkup) {
  const std::string evil = "</style><script>alert('1')</script><img src=x onerror=\"a()\">\xE2\x80\xAE\xFF&";
  Certificate c = sample(Verdict::not_safe);
  c.mailchimp = {evil, evil, evil};
  c.account_name = c.archive_id = c.created_at = c.pulled_from = c.pulled_to = evil;
  c.limited_by = {evil};
  c.content->sha256 = evil;
  c.streams[0].table = evil;
  c.files[0].kind = evil;
  c.gaps = {{evil, {{evil, evil}}, evil, evil, evil}, {evil, {}, evil, evil, "other " + evil}};
  c.exceptions = {{evil, {}, "", evil, ""}, {evil, {{evil, evil}}, evil, evil, ""}};
  c.cross_checks.emplace_back();
  c.cross_checks[0].name = c.cross_checks[0].reason = c.cross_checks[0].explanation = evil;
  c.cross_checks[0].differing = 1;
  c.cross_checks[0].examples = {{{{evil, evil}}, 1, 2}};
  const std::string page = to_html(c);
  EXPECT_THAT(page, AllOf(Not(HasSubstr("<script")), Not(HasSubstr("<img")), Not(HasSubstr("\xE2\x80\xAE")), Not(HasSubstr("\xFF"))));
  EXPECT_EQ(count_of(page, "</style>"), 1U);
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;"));
}

TEST(CertificateHtml, ShowsTheFirstOfTenThousandGapsAndSaysHowManyMoreThereAre) {
  Certificate c = sample(Verdict::not_safe);
  for (int i = 0; i < 10'000; ++i)
    c.gaps.push_back({"email_activity", {{"campaign_id", std::to_string(i)}}, "", "not read", "chimplift sync"});
  c.gaps.push_back({"templates", {}, "7", "not fetched yet", "chimplift sync"});
  const std::string page = to_html(c);
  EXPECT_LT(page.size(), 200'000U);
  EXPECT_THAT(page, AllOf(HasSubstr("10\u202f001"), HasSubstr("9\u202f800 more"), HasSubstr(">templates <")));
  EXPECT_EQ(count_of(page, "not read"), 200U);
}

TEST(CertificateHtml, SaysOfHowManyAFindingIs) {
  Certificate c = sample(Verdict::not_safe);
  c.gaps = {{"email_activity", {{"campaign_id", "c1"}}, "", "not read", "chimplift sync"},
            {"email_activity", {}, "", "not read", "chimplift sync", {}, 1'199}};
  c.exceptions = {{"orders", {}, "", "differ", "", {}, 1'500}};
  const std::string page = to_html(c);
  EXPECT_THAT(page, AllOf(HasSubstr("1\u202f200\u00a0things are missing"), HasSubstr("and 1,199 more like this: not read")));
  EXPECT_THAT(page, AllOf(HasSubstr("Gaps <small>1\u202f200<"), HasSubstr("email_activity <small>1\u202f200<")));
  EXPECT_THAT(page, AllOf(HasSubstr("There are 1\u202f200\u00a0gaps and 1\u202f500\u00a0exceptions"), Not(HasSubstr("whole tables"))));
  const std::string json = to_json(c);
  EXPECT_THAT(json, AllOf(HasSubstr("\"reason\": \"and 1,199 more like this: not read\""), HasSubstr("\"more\": 1199")));
}

TEST(HtmlText, WritesNumbersTimesAndStrings) {
  EXPECT_EQ(html::number(1'234'567), "1\u202f234\u202f567");
  EXPECT_EQ(html::number(std::nullopt), "–");
  EXPECT_EQ(html::counted(1, "page", "pages"), "1\u00a0page");
  EXPECT_EQ(html::time("2026-01-02T03:04:05.678901Z"), "2 January 2026, 03:04:05 UTC");
  EXPECT_EQ(html::time("<yesterday>"), "&lt;yesterday&gt;");
  EXPECT_EQ(html::css_string("a\"</s\\"), "\"a\\22 \\3c \\2f s\\5c \"");
  EXPECT_EQ(html::text("a\tb\x01"
                       "c\xC2\x85"),
            "a b\ufffdc\ufffd");
  // Whatever the log does not show, be it a mark that turns the direction of writing.
  for (const std::string_view mark : {"\u061c", "\u200e", "\u2028", "\u202e", "\u2066", "\x7f"})
    EXPECT_EQ(html::text(mark), "\ufffd") << mark;
  EXPECT_EQ(html::text("\u061b\u061d\u200d\u2065"), "\u061b\u061d\u200d\u2065");
}

}  // namespace
}  // namespace chimplift
