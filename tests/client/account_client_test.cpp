// What pull and verify --source ask with: what is asked again, how often, with which key, and that nothing is called once it has stopped.
#include "client/account_client.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>

#include "client/one_of_two_accounts.hpp"

namespace chimplift::e2e {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using FirstKey = AccountClient::UnansweredFirstKey;

class AccountClientTest : public OneOfTwoAccounts {
 protected:
  AccountClientTest() : OneOfTwoAccounts(5) {}
  void start(FirstKey first_key, const std::string& account_id) {
    const auto begin = [this](const std::string& id) {
      begun_with.push_back(id);
      return Result<void>();
    };
    client =
        std::make_unique<AccountClient>(*loop, account, settings, progress, first_key,
                                        AccountClient::Hooks{.known_records = [this] { return Result<std::vector<KnownRecord>>(known); },
                                                             .begin = begin,
                                                             .ready = [this] { pump(); },
                                                             .lost = [this](Error error) { lost = std::move(error); }});
    client->start(account_id);
  }
  /// Begins, and goes on until there is nothing left to do.
  void run(FirstKey first_key = FirstKey::ends, const std::string& account_id = "") {
    start(first_key, account_id);
    finish();
  }
  void finish() {
    pump();
    loop->run([this] { return lost || (client->is_idle() && to_ask.empty()); });
  }
  void pump() {
    EXPECT_FALSE(is_stopped);
    while (client->can_send()) {
      if (client->ask_again()) continue;
      if (to_ask.empty()) break;
      client->ask(std::move(to_ask.front()));
      to_ask.pop_front();
    }
    most_at_once = std::max(most_at_once, client->in_flight());
  }
  /// A question whose fate is noted.
  AccountClient::Question lists() {
    return {.table = "lists",
            .path_and_query = "/lists?count=1",
            .page =
                [this](const HttpResponse&, i64 requested_at) {
                  EXPECT_GT(requested_at, 0);
                  ++pages;
                  return Result<void>();
                },
            .other =
                [this](const Answer& answer) {
                  others.push_back(answer.meaning);
                  return answer.meaning == Meaning::too_slow ? AccountClient::Next::again : AccountClient::Next::done;
                },
            .give_up = [this](const std::string& reason) { given_up.push_back(reason); }};
  }
  [[nodiscard]] i64 requests_of(const std::string& path, std::size_t of_account = 0) const {
    const auto by_path = scene.stats(of_account).by_path;
    const auto found = by_path.find(path);
    return found == by_path.end() ? 0 : found->second;
  }

  AccountProgress progress;
  std::unique_ptr<HttpLoop> loop = make_http_loop({});
  std::deque<AccountClient::Question> to_ask;
  std::vector<KnownRecord> known;
  std::vector<std::string> begun_with;
  int pages = 0;
  int most_at_once = 0;
  std::vector<Meaning> others;
  std::vector<std::string> given_up;
  std::optional<Error> lost;
  bool is_stopped = false;                // nothing may be called any more
  std::unique_ptr<AccountClient> client;  // last: its hooks use the rest
};

TEST_F(AccountClientTest, AsksWhoseTheKeyIsAndThenTenAtOnce) {
  for (int i = 0; i < 40; ++i) to_ask.push_back(lists());
  run();
  ASSERT_FALSE(lost) << lost->message;
  ASSERT_EQ(begun_with.size(), 1U);
  EXPECT_NE(begun_with.at(0), "");
  EXPECT_EQ(pages, 40);
  EXPECT_EQ(requests_of("/"), 1);
  EXPECT_LE(scene.stats().max_in_flight, 10);
  EXPECT_EQ(most_at_once, 10);
  EXPECT_EQ(progress.requests.load(), 41);
}

TEST_F(AccountClientTest, AsksAgainForWhatMayPass) {
  run();
  for (const char* kind :
       {"missing", "status_403_akamai", "status_429", "status_503_akamai", "status_504", "redirect_same", "status_401"}) {
    scene.simulator.plant({.kind = kind, .path_contains = "/lists", .times = 2});
    pages = 0;
    to_ask.push_back(lists());
    finish();
    EXPECT_EQ(pages, 1) << kind;
    ASSERT_FALSE(lost) << kind << ": " << lost->message;
  }
  EXPECT_THAT(given_up, IsEmpty());
  EXPECT_THAT(others, ElementsAre(Meaning::too_slow, Meaning::too_slow));
  EXPECT_EQ(progress.retries.load(), 14);
}

// A gateway cuts what takes too long with a 502, and never says 504.
TEST_F(AccountClientTest, ASlow502IsTooMuchWhereItComesAgain) {
  for (const bool is_slow : {false, true}) {
    settings.pace.server_limit_millis = is_slow ? 2 : 120'000;  // a 502 is slow that takes half as long
    others.clear();
    pages = 0;
    scene.simulator.plant({.kind = "status_502_html", .path_contains = "/lists", .times = 3});
    to_ask.push_back(lists());
    run();
    EXPECT_THAT(others, is_slow ? testing::Matcher<const std::vector<Meaning>&>(ElementsAre(Meaning::too_slow, Meaning::too_slow))
                                : testing::Matcher<const std::vector<Meaning>&>(IsEmpty()));
    EXPECT_EQ(pages, 1);
  }
}

TEST_F(AccountClientTest, WhatDoesNotComeInTimeTwiceIsTooMuch) {
  settings.pace.timeout_millis = 500;
  scene.simulator.plant({.kind = "stall", .path_contains = "/lists", .times = 2, .param = 2000});
  to_ask.push_back(lists());
  run();
  EXPECT_THAT(others, testing::Contains(Meaning::too_slow));
  EXPECT_EQ(pages, 1);
}

// A network that swallows everything says nothing of what a page holds.
TEST_F(AccountClientTest, AServerThatIsOutOfReachIsAskedForNoLess) {
  settings.pace.server_limit_millis = 2;
  run();
  scene.simulator.plant({.kind = "status_502_html", .times = 12});
  to_ask.push_back(lists());
  finish();
  EXPECT_THAT(others, IsEmpty());
  EXPECT_EQ(pages, 1);
}

// Each of a thousand pages would find out for itself that nobody answers, eight times.
TEST_F(AccountClientTest, AServerThatGoesAwayIsNotAskedForEverythingThatWaits) {
  run();
  scene.simulator.plant({.kind = "status_503_akamai"});
  for (int i = 0; i < 1'000; ++i) to_ask.push_back(lists());
  pump();
  loop->run([this] { return lost || requests_of("/") >= 4; });
  ASSERT_FALSE(lost) << lost->message;
  EXPECT_LT(requests_of("/lists"), 100);
  scene.simulator.lift_faults();
  finish();
  ASSERT_FALSE(lost) << lost->message;
  EXPECT_EQ(pages, 1'000);
  EXPECT_THAT(given_up, IsEmpty());
}

// A gateway's 401 between other troubles of one request says nothing of the key.
TEST_F(AccountClientTest, BelievesThatAKeyIsRefusedOnlyWhereItIsThreeTimesInARow) {
  for (const char* path : {"/$", "/lists"}) {
    for (const char* kind : {"status_500", "status_500", "status_401", "status_500", "status_500", "status_401", "status_401"})
      scene.simulator.plant({.kind = kind, .path_contains = path, .times = 1});
  }
  to_ask.push_back(lists());
  run();
  ASSERT_FALSE(lost) << lost->message;
  EXPECT_EQ(pages, 1);
  EXPECT_EQ(requests_of("/"), 8);
  EXPECT_EQ(requests_of("/lists"), 8);
  scene.simulator.plant({.kind = "status_401", .path_contains = "/lists", .times = 3});
  to_ask.push_back(lists());
  finish();
  ASSERT_TRUE(lost);
  EXPECT_EQ(lost->kind, ErrorKind::permission);
}

// Other requests of the account pass: whose the key is waits for that as long as a page does.
TEST_F(AccountClientTest, IsAsPatientWithTooManyRequestsWhereItAsksWhoseTheKeyIs) {
  scene.simulator.plant({.kind = "status_429", .path_contains = "/$", .times = kMostThrottled - 1});
  run();
  ASSERT_FALSE(lost) << lost->message;
  EXPECT_EQ(requests_of("/"), kMostThrottled);
}

TEST_F(AccountClientTest, LeavesToTheCallerWhatIsFinal) {
  run();
  for (const char* kind : {"status_404", "status_403", "redirect_other_host"}) {
    scene.simulator.plant({.kind = kind, .path_contains = "/lists", .times = 1});
    to_ask.push_back(lists());
    finish();
  }
  EXPECT_THAT(others, ElementsAre(Meaning::missing, Meaning::not_permitted, Meaning::refused));
  EXPECT_EQ(requests_of("/lists"), 3);
  EXPECT_EQ(pages, 0);
}

TEST_F(AccountClientTest, GivesUpABodyThatTheCallerNeverTakes) {
  AccountClient::Question question = lists();
  question.page = [](const HttpResponse&, i64) -> Result<void> { return fail(ErrorKind::temporary, "not what it should be"); };
  to_ask.push_back(std::move(question));
  run();
  EXPECT_THAT(given_up, ElementsAre("not what it should be, 8 times"));
  EXPECT_EQ(requests_of("/lists"), 8);
  EXPECT_EQ(requests_of("/"), 2) << "whose the key is, and whether the server is there";
}

TEST_F(AccountClientTest, IsTwiceAsPatientWithTooManyRequests) {
  run();
  scene.simulator.plant({.kind = "status_429", .path_contains = "/lists", .times = 15});
  to_ask.push_back(lists());
  finish();
  EXPECT_EQ(pages, 1);
  scene.simulator.plant({.kind = "status_429", .path_contains = "/lists"});
  to_ask.push_back(lists());
  finish();
  ASSERT_EQ(given_up.size(), 1U);
  EXPECT_THAT(given_up.at(0), HasSubstr("16 times"));
}

TEST_F(AccountClientTest, DropsWhatIsNoLongerWanted) {
  scene.simulator.plant({.kind = "status_500", .path_contains = "/lists", .times = 1});
  AccountClient::Question question = lists();
  question.is_wanted = [] { return false; };
  to_ask.push_back(std::move(question));
  run();
  EXPECT_EQ(requests_of("/lists"), 1);
  EXPECT_EQ(pages, 0);
  EXPECT_THAT(given_up, IsEmpty());
}

TEST_F(AccountClientTest, CallsNothingOnceItHasStopped) {
  // When the first page comes, some questions are under way and others wait to be asked again.
  scene.simulator.plant({.kind = "status_500", .path_contains = "/lists", .skip = 5});
  for (int i = 0; i < 20; ++i) {
    AccountClient::Question question = lists();
    question.page = [this](const HttpResponse&, i64) {
      ++pages;
      is_stopped = true;
      client->stop();
      return Result<void>();
    };
    to_ask.push_back(std::move(question));
  }
  start(FirstKey::ends, "");
  loop->run([this] { return is_stopped || lost; });
  bool is_over = false;
  loop->after(500, [&is_over] { is_over = true; });
  loop->run([&is_over] { return is_over; });
  EXPECT_EQ(pages, 1);
  EXPECT_THAT(given_up, IsEmpty());
  EXPECT_FALSE(lost);
  EXPECT_EQ(client->in_flight(), 0);
}

TEST_F(AccountClientTest, UsesNoKeyOfAnotherAccount) {
  to_ask.push_back(lists());
  run(FirstKey::is_used, "another");
  ASSERT_TRUE(lost);
  EXPECT_EQ(lost->kind, ErrorKind::usage);
  EXPECT_THAT(lost->message, HasSubstr("its archive is of another"));
  EXPECT_EQ(requests_of("/lists"), 0);
}

TEST_F(AccountClientTest, UsesNoNewKeyOfAnotherAccount) {
  run();
  replace_key(scene.account(1).key);
  to_ask.push_back(lists());
  finish();
  ASSERT_TRUE(lost);
  EXPECT_THAT(lost->message, HasSubstr("the new key of account"));
  EXPECT_EQ(scene.stats(1).requests, 1) << "whose key it is";
}

TEST_F(AccountClientTest, GoesOnWithANewKeyOfTheSameAccount) {
  run();
  replace_key(kNewKey);
  for (int i = 0; i < 15; ++i) to_ask.push_back(lists());
  finish();
  ASSERT_FALSE(lost) << lost->message;
  EXPECT_EQ(pages, 15);
  EXPECT_EQ(begun_with.size(), 1U);
  EXPECT_EQ(requests_of("/"), 2);
}

/// Of a first key that is the caller's to decide.
TEST_F(AccountClientTest, UsesAFirstKeyOfWhichNobodySaysWhoseItIsOnlyWhereTheCallerDoes) {
  scene.simulator.plant({.kind = "status_500", .path_contains = "/$"});
  to_ask.push_back(lists());
  run(FirstKey::is_used);
  ASSERT_FALSE(lost) << lost->message;
  EXPECT_THAT(begun_with, ElementsAre(""));
  EXPECT_EQ(pages, 1);
  to_ask.push_back(lists());
  run(FirstKey::ends);
  ASSERT_TRUE(lost);
  EXPECT_EQ(lost->kind, ErrorKind::temporary);
  EXPECT_EQ(pages, 1);
}

TEST_F(AccountClientTest, UsesNoNewKeyOfWhichNobodySaysWhoseItIs) {
  scene.simulator.plant({.kind = "status_500", .path_contains = "/$"});
  run(FirstKey::is_used);
  replace_key(scene.account(1).key);
  to_ask.push_back(lists());
  finish();
  ASSERT_TRUE(lost);
  EXPECT_EQ(lost->kind, ErrorKind::temporary);
  EXPECT_EQ(requests_of("/", 1), 8);
  EXPECT_EQ(requests_of("/lists", 1), 0);
  EXPECT_EQ(pages, 0);
}

TEST_F(AccountClientTest, UsesAKeyWhoseRoleMayNotSeeTheAccountOnlyWhereNobodyHasSaidWhichOneItMustBe) {
  scene.simulator.plant({.kind = "status_403", .path_contains = "/$"});
  run();
  replace_key(kNewKey);
  to_ask.push_back(lists());
  finish();
  ASSERT_FALSE(lost) << lost->message;
  EXPECT_THAT(begun_with, ElementsAre(""));
  EXPECT_EQ(pages, 1);
  to_ask.push_back(lists());
  run(FirstKey::is_used, "another");
  ASSERT_TRUE(lost);
  EXPECT_EQ(lost->kind, ErrorKind::permission);
  EXPECT_THAT(lost->message, HasSubstr("does not say whose it is"));
  EXPECT_EQ(pages, 1);
}

TEST_F(AccountClientTest, UsesNoNewKeyWhoseRoleMayNotSeeTheAccountThatTheFirstOneOpened) {
  run();
  replace_key(scene.account(1).key);
  scene.simulator.plant({.kind = "status_403", .path_contains = "/$"});
  to_ask.push_back(lists());
  finish();
  ASSERT_TRUE(lost);
  EXPECT_EQ(lost->kind, ErrorKind::permission);
  EXPECT_EQ(requests_of("/lists", 1), 0);
  EXPECT_EQ(pages, 0);
}

TEST_F(AccountClientTest, UsesNoUnansweredFirstKeyWhereTheArchiveSaysWhichAccountItMustOpen) {
  scene.simulator.plant({.kind = "status_500", .path_contains = "/$"});
  to_ask.push_back(lists());
  run(FirstKey::is_used, "another");
  ASSERT_TRUE(lost);
  EXPECT_EQ(lost->kind, ErrorKind::temporary);
  EXPECT_EQ(pages, 0);
}

TEST_F(AccountClientTest, AsksTheAccountItselfWhetherItIsDisabledWhereOnePathSaysSo) {
  run();
  scene.simulator.plant({.kind = "status_403_disabled", .path_contains = "/lists", .times = 1});
  to_ask.push_back(lists());
  finish();
  ASSERT_FALSE(lost) << lost->message;
  EXPECT_THAT(others, ElementsAre(Meaning::not_permitted));
  EXPECT_EQ(requests_of("/"), 2);
  scene.simulator.plant({.kind = "status_403_disabled", .path_contains = "/lists", .times = 1});
  scene.simulator.plant({.kind = "status_500", .path_contains = "/$", .times = 1});
  to_ask.push_back(lists());
  finish();
  ASSERT_FALSE(lost) << lost->message;
  EXPECT_EQ(pages, 1) << "asked again: nobody could say";
  scene.simulator.plant({.kind = "status_403_disabled"});
  to_ask.push_back(lists());
  finish();
  ASSERT_TRUE(lost);
  EXPECT_EQ(lost->kind, ErrorKind::permission);
  EXPECT_THAT(others, ElementsAre(Meaning::not_permitted));
}

}  // namespace
}  // namespace chimplift::e2e
