// What a plan says of answers that are strange, broken or refused: it counts what is there, and gives no number where it cannot.
#include "sync/plan.hpp"

#include <gmock/gmock.h>

#include "answers.hpp"

namespace chimplift::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;

AccountPlan plan_of(Answers& answers, const Words& steps) { return plan(answers.settings_for(steps)).at(0); }

const PlanLine& line(const AccountPlan& plan, const std::string& table) {
  return *std::find_if(plan.lines.begin(), plan.lines.end(), [&table](const PlanLine& each) { return each.table == table; });
}

const std::string kSurveys = "/reporting/surveys";

std::string surveys(const std::string& records, const std::string& total) {
  return R"({"surveys":[)" + records + R"(],"total_items":)" + total + "}";
}

TEST(Plan, AsksBelowAnIdOfAnyLengthExactly) {
  const std::string id = "1234567890123456789012345";
  Answers answers;
  answers.give(kSurveys, {surveys(R"({"id":)" + id + R"(,"total_responses":3})", "1")});
  answers.give(kSurveys + "/" + id + "/questions", {R"({"questions":[{"id":7,"total_responses":2}],"total_items":1})"});
  const AccountPlan plan = plan_of(answers, {"surveys"});
  ASSERT_FALSE(plan.error) << plan.error->message;
  EXPECT_EQ(answers.asked(kSurveys + "/" + id + "/questions"), 1);
  EXPECT_EQ(line(plan, "survey_questions").rows, 1);
  EXPECT_EQ(line(plan, "survey_answers").rows, 2);
  EXPECT_EQ(line(plan, "survey_responses").rows, 3);
}

TEST(Plan, CountsPagesWithTextThatIsNone) {
  for (const std::string text : {R"(a\ud83d!)", "a\xff\xfe\xc3("}) {
    Answers answers;
    answers.give(kSurveys, {surveys(R"({"id":"s","total_responses":3,"title":")" + text + R"("})", "1")});
    answers.give(kSurveys + "/s/questions",
                 {R"({"questions":[{"id":"q","total_responses":2,"query":")" + text + R"("}],"total_items":1})"});
    const AccountPlan plan = plan_of(answers, {"surveys"});
    ASSERT_FALSE(plan.error) << plan.error->message;
    EXPECT_EQ(line(plan, "surveys").rows, 1) << text;
    EXPECT_EQ(line(plan, "survey_responses").rows, 3) << text;
    EXPECT_EQ(line(plan, "survey_answers").rows, 2) << text;
  }
}

TEST(Plan, APageThatStaysMalformedIsItsErrorAndNotASmallerNumber) {
  const std::string whole = surveys(R"({"id":"s","total_responses":3})", "1");
  for (const std::string& body : {whole.substr(0, whole.size() - 9), std::string(R"({"error":"down"})"), surveys("7", "1")}) {
    Answers answers;
    answers.give(kSurveys, {body});
    const AccountPlan plan = plan_of(answers, {"surveys"});
    ASSERT_TRUE(plan.error) << body;
    EXPECT_EQ(plan.error->kind, ErrorKind::temporary) << body;
    EXPECT_THAT(plan.error->message, AllOf(HasSubstr("shop"), HasSubstr("/reporting/surveys"), HasSubstr("4 times"))) << body;
    EXPECT_TRUE(plan.lines.empty()) << body;
    EXPECT_EQ(answers.asked(kSurveys), 4) << body;
  }
}

TEST(Plan, AsksAgainForAPageThatCameMalformed) {
  Answers answers;
  answers.give(kSurveys, {"", R"({"surveys":[{"id":)", surveys(R"({"id":"s","total_responses":3})", "1")});
  answers.give(kSurveys + "/s/questions", {"<html>", R"({"questions":[],"total_items":0})"});
  // Of a stream that leads nowhere only the total is asked for.
  answers.give("/reporting/landing-pages", {"<html>", R"({"landing_pages":[{"id":"p"}],"total_items":12})"});
  answers.give("/landing-pages", {R"({"landing_pages":[],"total_items":0})"});
  const AccountPlan plan = plan_of(answers, {"surveys", "landing_pages"});
  ASSERT_FALSE(plan.error) << plan.error->message;
  EXPECT_EQ(line(plan, "surveys").rows, 1);
  EXPECT_EQ(line(plan, "survey_responses").rows, 3);
  EXPECT_EQ(line(plan, "landing_page_stats").rows, 12);
}

TEST(Plan, GivesNoNumberWhereARecordDoesNotSayOne) {
  for (const std::string said : {"", R"(,"total_responses":null)", R"(,"total_responses":-1)", R"(,"total_responses":{"all":5})"}) {
    Answers answers;
    answers.give(kSurveys, {surveys(R"({"id":"s","total_responses":3},{"id":"t")" + said + "}", "2")});
    for (const std::string id : {"s", "t"}) answers.give(kSurveys + "/" + id + "/questions", {R"({"questions":[],"total_items":0})"});
    const AccountPlan plan = plan_of(answers, {"surveys"});
    ASSERT_FALSE(plan.error) << plan.error->message;
    EXPECT_EQ(line(plan, "surveys").rows, 2) << said;
    EXPECT_EQ(line(plan, "survey_responses").rows, std::nullopt) << said;
    EXPECT_EQ(line(plan, "survey_responses").requests, 2) << said;
  }
}

TEST(Plan, GivesNoNumberWhereAListEndsTooEarly) {
  const std::string one = R"({"id":"s","total_responses":3})";
  // An empty page before the total, and one page for every offset.
  for (const std::vector<std::string>& pages :
       {std::vector<std::string>{surveys(one, "2"), surveys("", "2")}, std::vector<std::string>{surveys(one, "9")}}) {
    Answers answers;
    answers.give(kSurveys, pages);
    answers.give(kSurveys + "/s/questions", {R"({"questions":[{"id":"q","total_responses":2}],"total_items":1})"});
    const AccountPlan plan = plan_of(answers, {"surveys"});
    ASSERT_FALSE(plan.error) << plan.error->message;
    EXPECT_EQ(answers.asked(kSurveys), 2);
    for (const std::string table : {"surveys", "survey_questions", "survey_answers", "survey_responses"})
      EXPECT_EQ(line(plan, table).rows, std::nullopt) << table;
  }
}

TEST(Plan, ReadsAListWithoutATotalToItsEnd) {
  std::string full;
  for (int i = 0; i < 1000; ++i) full += (i > 0 ? "," : "") + (R"({"total_responses":1,"id":"s)" + std::to_string(i) + "\"}");
  Answers answers;
  answers.give(kSurveys, {R"({"surveys":[)" + full + "]}", R"({"surveys":[{"total_responses":1,"id":"t"}]})"});
  answers.give("/landing-pages", {R"({"landing_pages":[{"id":"p"}],"total_items":2})"});  // has no offsets: one page is all there is
  answers.give("/reporting/landing-pages", {R"({"landing_pages":[{"id":"p"}]})"});
  const AccountPlan plan = plan_of(answers, {"surveys", "landing_pages"});
  ASSERT_FALSE(plan.error) << plan.error->message;
  EXPECT_EQ(line(plan, "surveys").rows, 1001);
  EXPECT_EQ(line(plan, "survey_responses").rows, 1001);
  EXPECT_EQ(line(plan, "landing_pages").rows, std::nullopt);
  EXPECT_EQ(line(plan, "landing_page_content").rows, std::nullopt);
  EXPECT_EQ(line(plan, "landing_page_stats").rows, std::nullopt) << "one record was asked for, and nothing says how many there are";
}

TEST(Plan, GivesNoNumberForWhatTheKeyMayNotRead) {
  Answers answers;
  answers.give(kSurveys, {kForbidden});
  answers.give("/landing-pages", {R"({"landing_pages":[{"id":"p"}],"total_items":1})"});
  answers.give("/reporting/landing-pages", {kForbidden});
  const AccountPlan plan = plan_of(answers, {"surveys", "landing_pages"});
  ASSERT_FALSE(plan.error) << plan.error->message;
  for (const std::string table : {"surveys", "survey_questions", "survey_responses", "landing_page_stats"})
    EXPECT_EQ(line(plan, table).rows, std::nullopt) << table;
  EXPECT_EQ(line(plan, "landing_page_content").rows, 1);
  EXPECT_EQ(line(plan, "surveys").reason, "403 Forbidden");
  EXPECT_EQ(line(plan, "survey_questions").reason, "surveys cannot be read");
  EXPECT_EQ(line(plan, "landing_page_stats").reason, "403 Forbidden");
  for (const std::string table : {"landing_pages", "landing_page_content", "templates"}) EXPECT_EQ(line(plan, table).reason, "") << table;
}

TEST(Plan, WhatAParentDoesNotHaveIsNotRefused) {
  Answers answers;
  answers.give(kSurveys, {surveys(R"({"id":"s","total_responses":3})", "1")});  // and nothing below
  const AccountPlan plan = plan_of(answers, {"surveys"});
  ASSERT_FALSE(plan.error) << plan.error->message;
  EXPECT_EQ(line(plan, "survey_questions").rows, std::nullopt);
  EXPECT_EQ(line(plan, "survey_questions").reason, "");
}

/// The server is too slow for whole pages, but not for halves of them.
TEST(Plan, AsksForSmallerPagesWhereTheyTakeTooLong) {
  Scene scene;
  Settings settings;
  settings.accounts = *parse_accounts(scene.simulator.accounts_json(), "the test", scene.simulator.api_base());
  settings.selection = *Selection::of({}, {"campaigns"});
  settings.archive = folder_tree(scene.archive);
  settings.pace = hurried();
  const std::optional<i64> rows = line(chimplift::plan(settings).at(0), "campaigns").rows;
  ASSERT_GT(rows.value_or(0), 0);
  scene.simulator.plant({.kind = "status_504", .path_contains = "/campaigns$", .query_contains = "count=1000"});
  const AccountPlan plan = chimplift::plan(settings).at(0);
  ASSERT_FALSE(plan.error) << plan.error->message;
  EXPECT_EQ(line(plan, "campaigns").rows, rows);
  scene.simulator.lift_faults();
  scene.simulator.plant({.kind = "status_504", .path_contains = "/campaigns$"});
  scene.simulator.reset_stats();
  EXPECT_TRUE(chimplift::plan(settings).at(0).error);
  EXPECT_EQ(scene.stats().by_path.at("/campaigns"), 5 + 4) << "1000, 500, 250, 125, 62, and the smallest as often as anything else";
}

TEST(Plan, ARoleThatMayNotSeeTheAccountMayReadTheRest) {
  Answers answers;
  answers.give("/", {kForbidden});
  answers.give(kSurveys, {surveys("", "0")});
  const AccountPlan plan = plan_of(answers, {"surveys"});
  ASSERT_FALSE(plan.error) << plan.error->message;
  EXPECT_EQ(line(plan, "surveys").rows, 0);
  answers.make_archive_of("a1");
  const AccountPlan of_archive = plan_of(answers, {"surveys"});
  ASSERT_TRUE(of_archive.error) << "the key may be another account's";
  EXPECT_EQ(of_archive.error->kind, ErrorKind::permission);
}

TEST(Plan, AKeyThatDiesOnTheWayIsItsError) {
  Answers answers;
  answers.give(kSurveys, {kDeactivated});
  const AccountPlan plan = plan_of(answers, {"surveys"});
  ASSERT_TRUE(plan.error);
  EXPECT_EQ(plan.error->kind, ErrorKind::permission);
}

}  // namespace
}  // namespace chimplift::e2e
