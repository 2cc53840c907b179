// Whose fault a failure is: what is judged at once, what is asked, and what the answers about the account mean for it.
#include "client/reachability.hpp"

#include <gmock/gmock.h>

#include <deque>
#include <memory>

#include "base/clock.hpp"

namespace chimplift {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class ReachabilityTest : public testing::Test {
 protected:
  ReachabilityTest() {
    settings.pace.reachability_millis = 1;
    reachability = std::make_unique<Reachability>(
        *loop, account, settings,
        Reachability::Hooks{
            .send = [this](const HttpRequest&, const std::function<void(const HttpResponse&)>& done) { asked.push_back(done); },
            .trouble = [](const std::string&) {},
            .lost = [this](const Answer& answer) { lost.push_back(answer.meaning); },
            .key_refused = [this](const Secret&, const Answer& answer) { refused.push_back(answer.meaning); },
            .judged = [] {}});
  }
  /// Something has failed since now, and time passes.
  static i64 fail_for_a_while() {
    const i64 since = system_clock().steady_millis();
    while (system_clock().steady_millis() <= since) {
    }
    return since;
  }
  Reachability::Doubtful doubtful() {
    return {.give_up = [this] { ++given_up; }, .ask_again = [this] { ++asked_again; }};
  }
  /// Answers the look at the account that is under way, or comes next.
  void answer(int status, const std::string& title = "") {
    loop->run([this] { return !asked.empty(); });
    const auto done = asked.front();
    asked.pop_front();
    HttpResponse response;
    response.status = status;
    response.body = R"({"title":")" + title + R"("})";
    done(response);
  }

  std::unique_ptr<HttpLoop> loop = make_http_loop({});
  Account account{"shop", Secret("0123456789abcdef0123456789abcdef-us12"), "us12", "https://us12.api.mailchimp.com/3.0"};
  Settings settings;
  std::deque<std::function<void(const HttpResponse&)>> asked;
  int given_up = 0;
  int asked_again = 0;
  std::vector<Meaning> lost;
  std::vector<Meaning> refused;
  std::unique_ptr<Reachability> reachability;
};

TEST_F(ReachabilityTest, WhatFailsWhilePagesComeIsGivenUpAtOnce) {
  const i64 since = fail_for_a_while();
  reachability->note_success();
  reachability->doubt(since, doubtful());
  reachability->doubt_file(since, doubtful());
  EXPECT_EQ(given_up, 2);
  EXPECT_THAT(asked, IsEmpty());
}

// Files come from other servers: an outage of the API was taken for the fault of each of its pages.
TEST_F(ReachabilityTest, AFileThatCameSaysNothingOfPages) {
  const i64 since = fail_for_a_while();
  reachability->note_file();
  reachability->doubt_file(since, doubtful());
  EXPECT_EQ(given_up, 1);
  EXPECT_THAT(asked, IsEmpty());
  reachability->doubt(since, doubtful());
  EXPECT_EQ(given_up, 1);
  answer(503);
  answer(200);
  EXPECT_EQ(given_up, 1);
  EXPECT_EQ(asked_again, 1);
}

TEST_F(ReachabilityTest, ARefusalThatPassesIsNoneOfTheKeys) {
  reachability->doubt(fail_for_a_while(), doubtful());
  answer(503);
  for (int times = 0; times < 2; ++times) {
    answer(401, "API Key Invalid");
    answer(401, "API Key Invalid");
    answer(503);
  }
  EXPECT_THAT(refused, IsEmpty());
  answer(200);
  EXPECT_EQ(asked_again, 1);
  EXPECT_THAT(lost, IsEmpty());
}

TEST_F(ReachabilityTest, ThreeRefusalsInARowAreTheKeys) {
  reachability->doubt(fail_for_a_while(), doubtful());
  for (int times = 0; times < 3; ++times) answer(401, "API Key Invalid");
  EXPECT_THAT(refused, testing::ElementsAre(Meaning::key_refused));
  EXPECT_THAT(asked, IsEmpty()) << "until there is another key";
  reachability->go_on();
  EXPECT_THAT(asked, SizeIs(1));
  answer(401, "API Key Invalid");
  EXPECT_THAT(refused, SizeIs(1)) << "of the new key it is the first";
}

TEST_F(ReachabilityTest, ADisabledAccountIsBelievedAtOnce) {
  reachability->doubt(fail_for_a_while(), doubtful());
  answer(403, "User Disabled");
  EXPECT_THAT(refused, testing::ElementsAre(Meaning::disabled));
}

}  // namespace
}  // namespace chimplift
