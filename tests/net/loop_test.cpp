// The loop itself: many requests at once, timers, and work from other threads.
#include <gmock/gmock.h>

#include <condition_variable>

#include "net/fetch.hpp"

namespace chimplift {
namespace {

using Connection = RawServer::Connection;

/// Sends so many requests at once, three times over. Returns how many connections that took.
int connections_for(int requests, const HttpSettings& settings) {
  std::mutex mutex;
  std::condition_variable changed;
  int arrived = 0;
  // Nobody gets an answer before all are there: were one held back, none would ever come.
  RawServer server([&](Connection& c, const std::string&) {
    std::unique_lock lock(mutex);
    ++arrived;
    changed.notify_all();
    changed.wait(lock, [&] { return arrived >= requests; });
    lock.unlock();
    return c.answer(200, "ok");
  });
  const std::unique_ptr<HttpLoop> loop = make_http_loop(settings);
  for (int round = 0; round < 3; ++round) {
    int answers = 0;
    {
      const std::lock_guard lock(mutex);
      arrived = 0;
    }
    for (int i = 0; i < requests; ++i) {
      loop->send(get(server.url("/")), [&answers](const HttpResponse& response) { answers += response.body == "ok" ? 1 : 0; });
    }
    loop->run([&] { return answers == requests; });
  }
  EXPECT_EQ(server.most_at_once(), requests);
  return server.connections();
}

TEST(Loop, TenRequestsAreUnderWayAtOnceOnOneConnectionEach) { EXPECT_EQ(connections_for(10, {}), 10) << "connections are used again"; }

/// libcurl counts those in use too: beyond its number each was closed when its request had ended.
TEST(Loop, AsManyConnectionsAreUsedAgainAsThereMayBe) {
  HttpSettings settings;
  settings.connections = 80;
  EXPECT_EQ(connections_for(80, settings), 80);
}

TEST(Loop, AnAnswerMaySendTheNextRequest) {
  RawServer server([](Connection& c, const std::string&) { return c.answer(200, "ok"); });
  const std::unique_ptr<HttpLoop> loop = make_http_loop({});
  int answers = 0;
  std::function<void(HttpResponse)> again = [&](const HttpResponse& response) {
    EXPECT_EQ(response.status, 200);
    if (++answers < 200) loop->send(get(server.url("/")), again);
  };
  loop->send(get(server.url("/")), again);
  loop->run([&answers] { return answers == 200; });
  EXPECT_EQ(server.connections(), 1);
}

TEST(Loop, WorkFromOtherThreadsRunsOnTheLoopsThreadAndIsNeverLost) {
  RawServer server([](Connection& c, const std::string&) { return c.answer(200, "ok"); });
  const std::unique_ptr<HttpLoop> loop = make_http_loop({});
  constexpr int kThreads = 4;
  constexpr int kEach = 2000;
  int ran = 0;
  int answers = 0;
  const std::thread::id own = std::this_thread::get_id();
  std::function<void(HttpResponse)> again = [&](const HttpResponse&) {
    ++answers;
    loop->send(get(server.url("/")), again);
  };
  loop->send(get(server.url("/")), again);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        loop->post([&ran, own] {
          EXPECT_EQ(std::this_thread::get_id(), own);
          ++ran;
        });
      }
    });
  }
  loop->run([&] { return ran == kThreads * kEach && answers > 20; });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(ran, kThreads * kEach);
}

TEST(Loop, APostWakesALoopThatWaits) {
  const std::unique_ptr<HttpLoop> loop = make_http_loop({});
  bool woken = false;
  std::thread other([&] { loop->post([&woken] { woken = true; }); });
  loop->run([&woken] { return woken; });
  other.join();
  EXPECT_TRUE(woken);
}

TEST(Loop, TimersRunInTheirOrder) {
  const std::unique_ptr<HttpLoop> loop = make_http_loop({});
  std::vector<int> order;
  loop->after(3'600'000, [&] { order.push_back(3); });
  loop->after(5, [&] {
    order.push_back(1);
    loop->after(5, [&] { order.push_back(2); });
  });
  loop->run([&order] { return order.size() == 2; });
  EXPECT_THAT(order, testing::ElementsAre(1, 2));
}

/// libcurl takes no request from within its own callbacks; where memory is lacking it takes none either, and that cannot be had here.
TEST(Loop, ARequestThatCannotBeBegunEndsToo) {
  RawServer server([](Connection& c, const std::string&) { return c.answer(200, "ok"); });
  const std::unique_ptr<HttpLoop> loop = make_http_loop({});
  std::optional<HttpResponse> inner;
  HttpRequest outer = get(server.url("/"));
  outer.sink = [&](std::string_view) {
    loop->send(get(server.url("/")), [&inner](HttpResponse response) { inner = std::move(response); });
    return true;
  };
  EXPECT_EQ(fetch(*loop, outer).error, TransportError::none);
  loop->run([&inner] { return inner.has_value(); });
  EXPECT_EQ(inner->error, TransportError::interrupted);
  EXPECT_EQ(server.heads().size(), 1U);
}

TEST(Loop, WhatASinkThrowsComesOutOfRunAndTheLoopGoesOn) {
  RawServer server([](Connection& c, const std::string&) { return c.answer(200, "ok"); });
  const std::unique_ptr<HttpLoop> loop = make_http_loop({});
  HttpRequest request = get(server.url("/"));
  request.sink = [](std::string_view) -> bool { throw std::runtime_error("the sink"); };
  bool called = false;
  loop->send(std::move(request), [&called](const HttpResponse&) { called = true; });
  EXPECT_THROW(loop->run([&called] { return called; }), std::runtime_error);
  EXPECT_FALSE(called);
  EXPECT_EQ(fetch(*loop, get(server.url("/"))).body, "ok");
}

TEST(Loop, WhatIsUnderWayWhenRunReturnsGoesOnWithTheNext) {
  RawServer server([](Connection& c, const std::string&) { return c.answer(200, "ok"); });
  const std::unique_ptr<HttpLoop> loop = make_http_loop({});
  std::string body;
  loop->send(get(server.url("/")), [&body](const HttpResponse& response) { body = response.body; });
  loop->run([] { return true; });
  EXPECT_EQ(body, "");
  loop->run([&body] { return !body.empty(); });
  EXPECT_EQ(body, "ok");
}

TEST(Loop, WhatIsUnderWayWhenItEndsIsDroppedWithoutACallback) {
  RawServer server([](Connection& c, const std::string&) {
    c.hold();
    return false;
  });
  bool called = false;
  {
    const std::unique_ptr<HttpLoop> loop = make_http_loop({});
    for (int i = 0; i < 5; ++i) loop->send(get(server.url("/")), [&called](const HttpResponse&) { called = true; });
    loop->run([&server] { return server.heads().size() == 5; });
  }
  EXPECT_FALSE(called);
}

}  // namespace
}  // namespace chimplift
