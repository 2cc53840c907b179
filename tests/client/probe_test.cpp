// What plan and doctor ask with: which answers are asked for again, and whose a new key must be.
#include "client/probe.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>

#include "client/one_of_two_accounts.hpp"
#include "rows/page.hpp"

namespace chimplift::e2e {
namespace {

using testing::HasSubstr;

constexpr const char* kAbout = "/?exclude_fields=_links";

class ProbeTest : public OneOfTwoAccounts {};

TEST_F(ProbeTest, AsksAgainForWhatMayPass) {
  Probe probe(settings, account);
  for (const char* kind : {"missing", "status_403_akamai", "status_429", "status_503_akamai", "status_504", "redirect_same"}) {
    scene.simulator.plant({.kind = kind, .times = 3});
    const Result<std::string> body = probe.get("/lists?count=1");
    EXPECT_TRUE(body) << kind << ": " << body.error().message;
  }
  scene.simulator.plant({.kind = "status_404", .times = 1});
  EXPECT_FALSE(probe.get("/lists?count=1")) << "in Mailchimp's own words";
}

/// What is no page of lists.
Result<void> is_lists(std::string_view body) {
  TRY(read_page(body, {"lists", {}, {}}));
  return {};
}

TEST_F(ProbeTest, AsksAgainForABodyThatIsNotWhatWasAskedFor) {
  Probe probe(settings, account);
  scene.simulator.plant({.kind = "html_200", .times = 3});
  const Result<std::string> body = probe.get("/lists?count=1", is_lists);
  ASSERT_TRUE(body) << body.error().message;
  EXPECT_TRUE(is_lists(*body));
  EXPECT_FALSE(probe.refusal());
  scene.simulator.reset_stats();
  scene.simulator.plant({.kind = "html_200", .path_contains = "/lists"});
  const Result<std::string> never = probe.get("/lists?count=1", is_lists);
  ASSERT_FALSE(never);
  EXPECT_EQ(never.error().kind, ErrorKind::temporary);
  EXPECT_THAT(never.error().message, HasSubstr("4 times"));
  EXPECT_EQ(scene.stats().requests, 4);
}

TEST_F(ProbeTest, TakesNoAnswerAboutTheAccountThatDoesNotSayWhichOneItIs) {
  Probe probe(settings, account);
  scene.simulator.plant({.kind = "html_200", .times = 1});
  EXPECT_TRUE(probe.get(kAbout));
  scene.simulator.plant({.kind = "problem_200"});
  const Result<std::string> body = probe.get(kAbout);
  ASSERT_FALSE(body);
  EXPECT_EQ(body.error().kind, ErrorKind::temporary);
  EXPECT_THAT(body.error().message, HasSubstr("does not say which one it is"));
}

TEST_F(ProbeTest, SaysWhatItWasRefusedWith) {
  Probe probe(settings, account);
  scene.simulator.plant({.kind = "status_403", .path_contains = "/lists"});
  EXPECT_FALSE(probe.get("/lists?count=1"));
  ASSERT_TRUE(probe.refusal());
  EXPECT_EQ(probe.refusal()->meaning, Meaning::not_permitted);
  EXPECT_THAT(probe.refusal()->reason, HasSubstr("403 Forbidden: Your plan"));
  EXPECT_FALSE(probe.was_too_much());
  EXPECT_TRUE(probe.get("/campaigns?count=1"));
  EXPECT_FALSE(probe.refusal());
}

TEST_F(ProbeTest, DoesNotAskAgainForTooMuchWhereLessCanBeAskedFor) {
  Probe probe(settings, account);
  scene.simulator.plant({.kind = "status_504"});
  EXPECT_FALSE(probe.get("/lists?count=1000", {}, true));
  EXPECT_TRUE(probe.was_too_much());
  EXPECT_EQ(scene.stats().requests, 1);
}

TEST_F(ProbeTest, AsksAgainWhoseTheNewKeyIsWhereTheAnswerDoesNotSay) {
  Probe probe(settings, account);
  ASSERT_TRUE(probe.get(kAbout));
  replace_key(scene.account(1).key);
  scene.simulator.plant({.kind = "html_200", .path_contains = "/$", .times = 1});
  const Result<std::string> body = probe.get("/lists?count=1");
  ASSERT_FALSE(body);
  EXPECT_EQ(body.error().kind, ErrorKind::usage);
  EXPECT_FALSE(scene.stats(1).by_path.contains("/lists"));
}

TEST_F(ProbeTest, IsTwiceAsPatientWithTooManyRequests) {
  Probe probe(settings, account);
  scene.simulator.plant({.kind = "status_429", .times = 7});
  EXPECT_TRUE(probe.get("/lists?count=1"));
  scene.simulator.plant({.kind = "status_500", .times = 4});
  const Result<std::string> body = probe.get("/lists?count=1");
  ASSERT_FALSE(body);
  EXPECT_EQ(body.error().kind, ErrorKind::temporary);
}

TEST_F(ProbeTest, FollowsNoRedirectToAnotherServer) {
  scene.simulator.plant({.kind = "redirect_other_host"});
  Probe probe(settings, account);
  EXPECT_FALSE(probe.get(kAbout));
  EXPECT_EQ(scene.simulator.stats().other_host_requests_with_key, 0);
}

TEST_F(ProbeTest, GoesOnWithANewKeyOfTheSameAccount) {
  Probe probe(settings, account);
  ASSERT_TRUE(probe.get(kAbout));
  replace_key(kNewKey);
  ASSERT_TRUE(probe.get("/lists?count=1"));
  ASSERT_TRUE(probe.get("/campaigns?count=1"));
  EXPECT_FALSE(probe.lost());
}

TEST_F(ProbeTest, AsksForNothingWithANewKeyOfAnotherAccount) {
  Probe probe(settings, account);
  ASSERT_TRUE(probe.get(kAbout));
  replace_key(scene.account(1).key);
  for (int i = 0; i < 2; ++i) {
    const Result<std::string> body = probe.get("/lists?count=1");
    ASSERT_FALSE(body);
    EXPECT_EQ(body.error().kind, ErrorKind::usage);
    EXPECT_THAT(body.error().message, HasSubstr("is one of another Mailchimp account"));
  }
  EXPECT_TRUE(probe.lost());
  EXPECT_EQ(scene.stats(1).requests, 1) << "whose key it is";
}

TEST_F(ProbeTest, AsksForNothingElseUntilItKnowsWhoseTheNewKeyIs) {
  Probe probe(settings, account);
  ASSERT_TRUE(probe.get(kAbout));
  replace_key(scene.account(1).key);
  scene.simulator.plant({.kind = "status_500", .path_contains = "/$"});
  const Result<std::string> unknown = probe.get("/lists?count=1");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind, ErrorKind::temporary);
  EXPECT_FALSE(probe.lost());
  scene.simulator.lift_faults();
  EXPECT_FALSE(probe.get("/lists?count=1"));
  EXPECT_TRUE(probe.lost());
  EXPECT_FALSE(scene.stats(1).by_path.contains("/lists"));
}

TEST_F(ProbeTest, TakesANewKeyWhoseRoleMayNotSeeTheAccount) {
  Probe probe(settings, account);
  ASSERT_TRUE(probe.get(kAbout));
  replace_key(kNewKey);
  scene.simulator.plant({.kind = "status_403", .path_contains = "/$"});
  EXPECT_TRUE(probe.get("/lists?count=1"));
}

TEST_F(ProbeTest, TakesARefusalBetweenOtherTroublesForNoneOfTheKeys) {
  Probe probe(settings, account);
  for (const char* kind : {"status_500", "status_401", "status_500"}) scene.simulator.plant({.kind = kind, .times = 1});
  scene.simulator.plant({.kind = "status_401", .times = 2});
  const Result<std::string> body = probe.get("/lists?count=1");
  EXPECT_TRUE(body) << body.error().message;
  EXPECT_FALSE(probe.lost());
}

TEST_F(ProbeTest, AsksForNothingMoreOnceTheKeyIsRefusedForGood) {
  Probe probe(settings, account);
  ASSERT_TRUE(probe.get(kAbout));
  scene.simulator.plan({.key = kNewKey, .after = 0});
  ASSERT_FALSE(probe.get("/lists?count=1"));
  const i64 refused = scene.simulator.stats().unknown_key_requests;
  const Result<std::string> body = probe.get("/campaigns?count=1");
  ASSERT_FALSE(body);
  EXPECT_EQ(body.error().kind, ErrorKind::permission);
  EXPECT_EQ(scene.simulator.stats().unknown_key_requests, refused);
}

// The simulator works on for longer than the probe waits. Each of these requests holds its place there.
TEST_F(ProbeTest, WhatTimedOutHereAndRunsOnThereIsCounted) {
  settings.pace.timeout_millis = 30;
  settings.pace.server_limit_millis = 1800;
  scene.simulator.plant({.kind = "stall_holding", .times = 12, .param = 700});
  Probe probe(settings, account);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(probe.get("/lists?count=1"));
  EXPECT_LE(scene.stats().max_in_flight, 10);
  EXPECT_EQ(scene.stats().beyond_limit, 0);
}

/// The request that was given up stays under way, and its answer comes while the next one is waited for.
TEST_F(ProbeTest, TheAnswerToWhatWasInterruptedIsNobodys) {
  std::atomic<int> interrupted = 0;
  settings.interrupted = &interrupted;
  scene.simulator.plant({.kind = "stall", .path_contains = "/lists", .times = 1, .param = 300});
  scene.simulator.plant({.kind = "stall", .path_contains = "/campaigns", .times = 1, .param = 1'500});
  Probe probe(settings, account);
  std::thread user([this, &interrupted] {
    while (scene.stats().requests == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    interrupted = SIGINT;
  });
  const Result<std::string> lists = probe.get("/lists?count=1");
  user.join();
  ASSERT_FALSE(lists);
  EXPECT_EQ(lists.error().kind, ErrorKind::interrupted);
  interrupted = 0;
  const Result<std::string> campaigns = probe.get("/campaigns?count=1");
  ASSERT_TRUE(campaigns) << campaigns.error().message;
  EXPECT_TRUE(read_page(*campaigns, {"campaigns", {}, {}})) << *campaigns;
}

}  // namespace
}  // namespace chimplift::e2e
