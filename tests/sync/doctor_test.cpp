// What doctor asks of an account's streams, what is a failure, and what it says of those that it could not try.
#include "sync/doctor.hpp"

#include <gmock/gmock.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "answers.hpp"

namespace chimplift::e2e {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string kSurveys = "/reporting/surveys";
const std::string kSteps = "surveys";

std::string surveys(const Words& ids) {
  std::string records;
  for (const std::string& id : ids) records += (records.empty() ? "" : ",") + (R"({"id":")" + id + "\"}");
  return R"({"surveys":[)" + records + R"(],"total_items":)" + std::to_string(ids.size()) + "}";
}

const std::string kQuestions = R"({"questions":[{"id":"q"}],"total_items":1})";

std::vector<Check> checks_of(Answers& answers) { return doctor(answers.settings_for({kSteps})); }

/// nullptr where there is none of that name.
const Check* find(const std::vector<Check>& checks, const std::string& what) {
  const auto found = std::find_if(checks.begin(), checks.end(), [&what](const Check& each) { return each.what == what; });
  return found == checks.end() ? nullptr : &*found;
}

i64 failed(const std::vector<Check>& checks) {
  return std::count_if(checks.begin(), checks.end(), [](const Check& check) { return check.error.has_value(); });
}

TEST(Doctor, SaysWhatItFoundNothingToTryWith) {
  Answers answers;
  answers.give(kSurveys, {surveys({})});
  const std::vector<Check> checks = checks_of(answers);
  EXPECT_EQ(failed(checks), 0);
  ASSERT_NE(find(checks, kSteps), nullptr);
  EXPECT_THAT(find(checks, kSteps)->detail, HasSubstr("1 collection can be read"));
  EXPECT_THAT(find(checks, kSteps)->detail, HasSubstr("no surveys with any seen to try survey_questions, survey_responses"));
  EXPECT_THAT(find(checks, kSteps)->detail, HasSubstr("no survey_questions with any seen to try survey_answers"));
}

TEST(Doctor, AsksBelowOneParentLevelByLevel) {
  Answers answers;
  answers.give(kSurveys, {surveys({"s", "t"})});
  answers.give(kSurveys + "/s/questions", {kQuestions});
  answers.give(kSurveys + "/s/questions/q/answers", {R"({"answers":[],"total_items":0})"});
  answers.give(kSurveys + "/s/responses", {kForbidden});
  const std::vector<Check> checks = checks_of(answers);
  EXPECT_EQ(failed(checks), 1);
  ASSERT_NE(find(checks, "survey_responses"), nullptr);
  ASSERT_TRUE(find(checks, "survey_responses")->error);
  EXPECT_EQ(find(checks, "survey_responses")->error->kind, ErrorKind::permission);
  EXPECT_THAT(find(checks, kSteps)->detail, HasSubstr("3 collections can be read"));
  EXPECT_EQ(answers.asked(kSurveys + "/s/questions"), 1);
  EXPECT_EQ(answers.asked(kSurveys + "/t/questions"), 0) << "one is enough";
  EXPECT_EQ(answers.asked(kSurveys + "/s/responses"), 1);
}

TEST(Doctor, WhatAParentDoesNotHaveIsNoFailure) {
  Answers answers;
  answers.give(kSurveys, {surveys({"s", "t", "u", "v"})});
  answers.give(kSurveys + "/t/questions", {kQuestions});
  const std::vector<Check> checks = checks_of(answers);
  EXPECT_EQ(failed(checks), 0);
  EXPECT_EQ(answers.asked(kSurveys + "/t/questions"), 1) << "the first has none";
  EXPECT_EQ(answers.asked(kSurveys + "/u/questions"), 0);
  EXPECT_EQ(answers.asked(kSurveys + "/v/responses"), 0) << "a few are tried, and not all";
  EXPECT_THAT(find(checks, kSteps)->detail, HasSubstr("2 collections can be read"));
  EXPECT_THAT(find(checks, kSteps)->detail, HasSubstr("survey_responses could not be tried: 404 Resource Not Found"));
}

TEST(Doctor, AStepOfWhichNothingCanBeReadIsAFailureItself) {
  Answers answers;
  answers.give(kSurveys, {kForbidden});
  const std::vector<Check> checks = checks_of(answers);
  EXPECT_EQ(failed(checks), 1);
  ASSERT_TRUE(find(checks, kSteps)->error);
  EXPECT_THAT(find(checks, kSteps)->error->message, HasSubstr(kSurveys));
}

TEST(Doctor, TakesNoKeyForGoodThatAnAnswerSaysNothingOf) {
  Answers answers;
  answers.give("/", {"<html>"});
  const std::vector<Check> checks = checks_of(answers);
  ASSERT_NE(find(checks, "key"), nullptr);
  ASSERT_TRUE(find(checks, "key")->error);
  EXPECT_EQ(find(checks, "key")->error->kind, ErrorKind::temporary);
  EXPECT_THAT(find(checks, "key")->detail, Not(HasSubstr("accepted")));
  EXPECT_EQ(answers.asked(kSurveys), 0);
}

/// As sync: the key of another account would put its pages there.
TEST(Doctor, TakesNoKeyThatDoesNotSayWhoseItIsForAnArchiveThatDoes) {
  Answers answers;
  answers.give(kSurveys, {surveys({})});
  answers.give("/", {kForbidden});
  EXPECT_EQ(failed(checks_of(answers)), 0);
  answers.make_archive_of("a1");
  const std::vector<Check> checks = checks_of(answers);
  EXPECT_EQ(failed(checks), 1);
  const auto found = std::find_if(checks.begin(), checks.end(), [](const Check& check) { return check.error.has_value(); });
  ASSERT_NE(found, checks.end());
  EXPECT_EQ(found->what, "archive");
  EXPECT_EQ(found->error->kind, ErrorKind::permission);
}

/// Each stream of a server that has stopped answering is asked for some times: it would take hours to do so with all of them.
TEST(Doctor, EndsWhereNothingIsAnsweredAnyMore) {
  Scene scene;
  Settings settings;
  settings.accounts = *parse_accounts(scene.simulator.accounts_json(), "the test", scene.simulator.api_base());
  settings.selection = *Selection::of({}, {});
  settings.archive = folder_tree(scene.archive);
  settings.pace = hurried();
  scene.simulator.plant({.kind = "status_500", .skip = 1});
  const std::vector<Check> checks = doctor(settings);
  ASSERT_TRUE(checks.back().error);
  EXPECT_EQ(checks.back().error->kind, ErrorKind::temporary);
  EXPECT_EQ(scene.stats().requests, 1 + 3 * 4);
}

/// A run that opens the file at the same moment would load into one that is gone when it ends.
TEST(Doctor, MakesAndRemovesNothingUnderTheNameOfTheTables) {
  Answers answers;
  answers.give(kSurveys, {surveys({})});
  const Scratch place;
  const std::string name = "mailchimp.duckdb";
  Settings settings = answers.settings_for({kSteps});
  settings.duckdb = place.path() / name;
  const int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  ASSERT_GE(inotify_add_watch(watch, place.path().c_str(), IN_CREATE | IN_DELETE | IN_MOVE), 0);
  const std::vector<Check> checks = doctor(settings);
  EXPECT_EQ(failed(checks), 0);
  ASSERT_NE(find(checks, "warehouse"), nullptr);
  int changes = 0;
  alignas(inotify_event) char events[16'384];
  for (ssize_t size = 0; (size = read(watch, events, sizeof events)) > 0;) {
    for (ssize_t at = 0; at < size; ++changes) {
      const auto* event = reinterpret_cast<const inotify_event*>(events + at);
      EXPECT_NE(std::string(event->name), name);
      at += static_cast<ssize_t>(sizeof *event + event->len);
    }
  }
  close(watch);
  EXPECT_GT(changes, 0) << "it was tried";
  EXPECT_TRUE(std::filesystem::is_empty(place.path()));
}

}  // namespace
}  // namespace chimplift::e2e
