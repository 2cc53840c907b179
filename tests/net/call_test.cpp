// Calls: methods, headers and bodies as they arrive at the other end, and what a call never does.
#include "net/call.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <fstream>
#include <mutex>

#include "base/hash.hpp"
#include "net/fetch.hpp"
#include "support/deaf_port.hpp"
#include "support/temporary_folder.hpp"

namespace chimplift {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using Connection = RawServer::Connection;

// Who has only the loop of http.hpp cannot do more than GET.
template <typename Loop>
concept CanCall = requires { &Loop::call; };
static_assert(CanCall<CallLoop> && !CanCall<HttpLoop>);

HttpCall call_of(HttpMethod method, const std::string& url) {
  HttpCall call;
  call.method = method;
  call.request = get(url);
  return call;
}

std::size_t length_in(const std::string& head) {
  const std::size_t at = head.find("Content-Length: ");
  return at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
}

/// Takes requests and keeps the body of the last one.
class Taker {
  std::mutex mutex_;  // each connection has a thread, and one that was given up may end while the next is served
  std::string last_body_;

 public:
  // Behind what it writes to: when it goes, its threads have ended.
  RawServer server{[this](Connection& connection, const std::string& head) {
    if (head.find("Expect: 100-continue") != std::string::npos) connection.say("HTTP/1.1 100 Continue\r\nX-Interim: yes\r\n\r\n");
    std::string body = connection.take(length_in(head));
    {
      const std::lock_guard lock(mutex_);
      last_body_ = std::move(body);
    }
    return connection.answer(200, "taken", "ETag: \"abc\"\r\nX-Other: 1\r\n");
  }};

  std::string last_body() {
    const std::lock_guard lock(mutex_);
    return last_body_;
  }
};

TEST(Calls, EachMethodArrivesWithItsHeadersAndItsBody) {
  Taker taker;
  HttpClient client({});
  const std::string body = std::string("a\r\n\r\n\0\xFF", 7) + std::string(3'000'000, 'x');  // past 1 MB, where curl asks first
  for (const HttpMethod method : {HttpMethod::put, HttpMethod::post}) {
    for (const std::string& sent : {body, std::string("small"), std::string()}) {
      HttpCall call = call_of(method, taker.server.url("/a?b=c"));
      call.headers = {{"X-One", "1"}, {"X-Empty", ""}, {"Authorization", "AWS4 x=y, z"}, {"Content-Type", "a/b"}};
      call.body = sent;
      const HttpResponse response = client.send(call);
      ASSERT_EQ(response.error, TransportError::none) << response.message;
      EXPECT_EQ(response.status, 200);
      EXPECT_EQ(response.body, "taken");
      EXPECT_TRUE(taker.last_body() == sent);
      const std::string head = taker.server.heads().back();
      EXPECT_THAT(head, StartsWith(std::string(name_of(method)) + " /a?b=c HTTP/1.1\r\n"));
      for (const char* line : {"X-One: 1\r\n", "X-Empty:\r\n", "Authorization: AWS4 x=y, z\r\n", "Content-Type: a/b\r\n"})
        EXPECT_THAT(head, HasSubstr(line));
      EXPECT_THAT(head, HasSubstr("Content-Length: " + std::to_string(sent.size()) + "\r\n"));
      EXPECT_THAT(head, Not(HasSubstr("chunked")));
    }
  }
  EXPECT_EQ(client.send(call_of(HttpMethod::del, taker.server.url("/gone"))).status, 200);
  EXPECT_THAT(taker.server.heads().back(), StartsWith("DELETE /gone HTTP/1.1\r\n"));
  EXPECT_EQ(client.send(call_of(HttpMethod::get, taker.server.url("/"))).body, "taken");
  EXPECT_THAT(taker.server.heads().back(), StartsWith("GET / HTTP/1.1\r\n"));
  EXPECT_THAT(taker.server.heads().back(), Not(HasSubstr("X-One")));
  EXPECT_EQ(taker.server.connections(), 1) << "connections are kept";
}

TEST(Calls, AHeadHasNoBodyHoweverLongItSaysItIs) {
  RawServer server([](Connection& c, const std::string&) { return c.say("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nETag: e\r\n\r\n"); });
  HttpCall call = call_of(HttpMethod::head, server.url("/"));
  call.wanted = {"content-length", "etag"};
  const HttpResponse response = HttpClient({}).send(call);
  EXPECT_EQ(response.error, TransportError::none) << response.message;
  EXPECT_EQ(response.headers.at("content-length"), "1000");
  EXPECT_EQ(response.headers.at("etag"), "e");
  EXPECT_THAT(server.heads().back(), StartsWith("HEAD / HTTP/1.1\r\n"));
}

TEST(Calls, OnlyTheHeadersThatWereAskedForComeBackAndNoneOfAnInterimAnswer) {
  Taker taker;
  HttpCall call = call_of(HttpMethod::put, taker.server.url("/"));
  call.body = std::string(2'000'000, 'x');
  call.wanted = {"etag", "x-interim", "x-missing"};
  const HttpResponse response = HttpClient({}).send(call);
  EXPECT_EQ(response.headers, (std::map<std::string, std::string>{{"etag", "\"abc\""}}));
}

TEST(Calls, AFileIsSentAsFarAsItsSizeWasSaidAndAShorterOneIsNot) {
  Taker taker;
  const TemporaryFolder folder;
  std::string content;
  for (int i = 0; i < 400'000; ++i) content += static_cast<char>(i * 7 + i / 256);
  std::ofstream(folder / "file", std::ios::binary) << content;
  HttpClient client({});
  HttpCall call = call_of(HttpMethod::put, taker.server.url("/"));
  call.file = FileBody{folder / "file", 300'000};
  EXPECT_EQ(client.send(call).status, 200);
  EXPECT_TRUE(taker.last_body() == content.substr(0, 300'000));
  call.file->size = 500'000;
  EXPECT_EQ(client.send(call).error, TransportError::source);
  call.file = FileBody{folder / "missing", 10};
  EXPECT_EQ(client.send(call).error, TransportError::source);
}

TEST(Calls, AHeaderCannotBringASecondOneAlong) {
  Taker taker;
  HttpClient client({});
  for (const std::pair<std::string, std::string>& header : HttpHeaders{{"X-A", "b\r\nX-Evil: 1"},
                                                                       {"X-A", "b\nX-Evil: 1"},
                                                                       {"X-A\r\nX-Evil", "1"},
                                                                       {"X-A", std::string("a\0b", 3)},
                                                                       {"", "x"},
                                                                       {"X:", "y"}}) {
    HttpCall call = call_of(HttpMethod::get, taker.server.url("/"));
    call.headers = {header};
    EXPECT_EQ(client.send(call).error, TransportError::bad_header);
  }
  EXPECT_TRUE(taker.server.heads().empty());
}

// The server lets the first call through and then hangs up on what comes on that connection. curl would send it again on a new one.
TEST(Calls, NoBodyIsSentTwiceBehindTheCallersBack) {
  std::atomic<int> puts = 0;
  RawServer server([&puts](Connection& connection, const std::string& head) {
    if (head.starts_with("GET")) return connection.answer(200, "");
    connection.take(length_in(head));
    ++puts;
    return false;
  });
  for (const HttpMethod method : {HttpMethod::put, HttpMethod::post}) {
    HttpClient client({});
    client.send(call_of(HttpMethod::get, server.url("/")));
    HttpCall call = call_of(method, server.url("/"));
    call.body = "once";
    puts = 0;
    EXPECT_EQ(client.send(call).error, TransportError::interrupted);
    EXPECT_EQ(puts, 1) << name_of(method);
  }
}

TEST(Calls, RedirectsAreNotFollowedWhateverTheMethod) {
  Taker other;
  RawServer server([&](Connection& connection, const std::string& head) {
    connection.take(length_in(head));
    return connection.answer(307, "", "Location: " + other.server.url("/x") + "\r\n");
  });
  for (const HttpMethod method : {HttpMethod::put, HttpMethod::post, HttpMethod::del, HttpMethod::head}) {
    HttpCall call = call_of(method, server.url("/"));
    call.headers = {{"Authorization", "secret"}};
    if (method != HttpMethod::del && method != HttpMethod::head) call.body = "body";
    const HttpResponse response = HttpClient({}).send(call);
    EXPECT_EQ(response.status, 307);
    EXPECT_EQ(response.location, other.server.url("/x"));
  }
  EXPECT_EQ(other.server.connections(), 0);
}

TEST(Calls, AnAnswerThatComesBeforeTheBodyHasGoneIsTheAnswer) {
  RawServer server([](Connection& connection, const std::string&) {
    connection.answer(403, "no", "Connection: close\r\n");
    connection.hold();
    return false;
  });
  HttpCall call = call_of(HttpMethod::put, server.url("/"));
  call.body = std::string(20'000'000, 'x');
  const HttpResponse response = HttpClient({}).send(call);
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(response.body, "no");
}

TEST(Calls, ACancelledCallEndsAndSoDoTheOnesAfterIt) {
  std::atomic<bool> is_cancelled = false;
  RawServer server([&](Connection& connection, const std::string&) {
    is_cancelled = true;
    connection.hold();
    return false;
  });
  HttpClient client({}, [&] { return is_cancelled.load(); });
  EXPECT_EQ(client.send(call_of(HttpMethod::get, server.url("/"))).error, TransportError::cancelled);
  EXPECT_EQ(client.send(call_of(HttpMethod::get, server.url("/"))).error, TransportError::cancelled);
  EXPECT_FALSE(client.pause(60'000));
  EXPECT_EQ(server.heads().size(), 1U);
  EXPECT_TRUE(HttpClient({}).pause(1));
}

TEST(Calls, WhatTheTransportSaysHoldsNoSecret) {
  const DeafPort nobody;
  HttpCall call = call_of(HttpMethod::put, nobody.url("/?X-Amz-Signature=0123secret"));
  call.headers = {{"Authorization", "very secret"}};
  const HttpResponse response = HttpClient({}).send(call);
  EXPECT_EQ(response.error, TransportError::unreachable);
  EXPECT_THAT(response.message, Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace chimplift
