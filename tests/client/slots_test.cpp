// Ten and never eleven, counted by the server: also where a request that was given up runs on there.
#include "client/slots.hpp"

#include <gtest/gtest.h>

#include "sync/in_process.hpp"

namespace chimplift::e2e {
namespace {

constexpr i64 kLimit = 120'000;

HttpResponse ended(TransportError error, int status, double seconds) {
  HttpResponse response;
  response.error = error;
  response.status = status;
  response.seconds = seconds;
  return response;
}

TEST(Slots, CoolDownForAsLongAsMailchimpMayGoOn) {
  // We hung up: nobody knows when Mailchimp began.
  EXPECT_EQ(cooling_millis(ended(TransportError::timed_out, 0, 150), kLimit), kLimit);
  EXPECT_EQ(cooling_millis(ended(TransportError::timed_out, 200, 150), kLimit), kLimit);
  EXPECT_EQ(cooling_millis(ended(TransportError::too_large, 200, 3), kLimit), kLimit);
  // Somebody between hung up, having waited.
  EXPECT_EQ(cooling_millis(ended(TransportError::none, 504, 60), kLimit), 60'000);
  EXPECT_EQ(cooling_millis(ended(TransportError::none, 502, 100), kLimit), 20'000);
  EXPECT_EQ(cooling_millis(ended(TransportError::interrupted, 0, 30), kLimit), 90'000);
  EXPECT_EQ(cooling_millis(ended(TransportError::none, 504, 130), kLimit), 0);
}

TEST(Slots, AreFreeAtOnceWhereMailchimpIsDone) {
  for (const int status : {200, 204, 302, 401, 403, 404, 429, 500, 503}) {
    EXPECT_EQ(cooling_millis(ended(TransportError::none, status, 60), kLimit), 0) << status;
  }
  // Refused on the way.
  EXPECT_EQ(cooling_millis(ended(TransportError::none, 502, 0.2), kLimit), 0);
  EXPECT_EQ(cooling_millis(ended(TransportError::interrupted, 0, 0.2), kLimit), 0);
  // Cut while it answered: that it does when it is done.
  EXPECT_EQ(cooling_millis(ended(TransportError::interrupted, 200, 60), kLimit), 0);
  // Never got there.
  for (const TransportError error : {TransportError::unresolved, TransportError::unreachable, TransportError::tls})
    EXPECT_EQ(cooling_millis(ended(error, 0, 30), kLimit), 0);
}

TEST(Slots, AnAccountThatWaitsForOneGetsIt) {
  const std::unique_ptr<HttpLoop> loop = make_http_loop({});
  Pace pace;
  pace.server_limit_millis = 20;
  int freed = 0;
  Slots slots(*loop, pace, [&freed] { ++freed; });
  for (int i = 0; i < kSlots; ++i) slots.take();
  EXPECT_FALSE(slots.has_free());
  bool used = false;
  slots.when_free([&] {
    used = true;
    slots.take();
  });
  slots.release(ended(TransportError::timed_out, 0, 1));
  ASSERT_FALSE(used) << "it cools down first";
  ASSERT_FALSE(slots.has_free());
  loop->run([&freed] { return freed == 1; });
  EXPECT_TRUE(used);
  EXPECT_FALSE(slots.has_free());
  slots.release();
  EXPECT_TRUE(slots.has_free());
}

// The simulator works on for a second where chimplift stops waiting after 0.6 s. Each of these requests holds its place there, and the
// limit leaves a slow machine more than another second to bring it there.
TEST(Slots, WhatTimedOutHereAndRunsOnThereIsCounted) {
  Scene scene;
  scene.simulator.plant({.kind = "stall_holding", .path_contains = "/reports/", .times = 12, .param = 1000});
  Pace pace = hurried();
  pace.timeout_millis = 600;
  pace.server_limit_millis = 1800;
  const RunResult result = sync_in_process(scene, pace, false, {"campaign_stats"});
  EXPECT_GE(result.accounts.at(0).retries, 12);
  EXPECT_LE(scene.stats().max_in_flight, 10);
  EXPECT_EQ(scene.stats().beyond_limit, 0);
}

// Where nothing answers in time the account itself is asked for; that is one of the ten as well.
TEST(Slots, TheLookAtAServerThatIsOutOfReachIsCounted) {
  Scene scene;
  scene.simulator.plant({.kind = "stall_holding", .skip = 1, .times = 40, .param = 450});
  Pace pace = hurried();
  pace.timeout_millis = 100;
  pace.server_limit_millis = 1200;
  const RunResult result = sync_in_process(scene, pace, false, {"account"});
  // As many as there are where not even the first answer comes in time.
  EXPECT_GE(scene.simulator.stats().requests(), 8) << trouble_of(result);
  EXPECT_LE(scene.stats().max_in_flight, 10);
  EXPECT_EQ(scene.stats().beyond_limit, 0);
}

}  // namespace
}  // namespace chimplift::e2e
