// What comes back of a request, from a server that says whatever the test wants.
#include <gmock/gmock.h>
#include <zlib.h>

#include <barrier>

#include "base/hash.hpp"
#include "net/fetch.hpp"
#include "support/deaf_port.hpp"

namespace chimplift {
namespace {

using testing::HasSubstr;
using testing::Not;

using Connection = RawServer::Connection;

std::string gzip(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, text.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

RawServer::Handler say_once(const std::string& bytes) {
  return [bytes](Connection& connection, const std::string&) { return connection.say(bytes) && false; };
}

TEST(Answers, StatusBodyAndTypeComeAsTheyWereSent) {
  const std::string body("{\"a\":\"\xC3\xA9\"}\r\n\0\xFF", 15);
  for (const int status : {200, 204, 404, 429, 500, 599}) {
    const std::string sent = status == 204 ? "" : body;
    RawServer server(
        [&](Connection& c, const std::string&) { return c.answer(status, sent, "Content-Type: application/json; charset=utf-8\r\n"); });
    const HttpResponse response = fetch(get(server.url("/a?b=c")));
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(response.body, sent);
    EXPECT_EQ(response.bytes, static_cast<i64>(sent.size()));
    EXPECT_EQ(response.content_type, "application/json; charset=utf-8");
    EXPECT_EQ(response.error, TransportError::none) << response.message;
    ASSERT_EQ(server.heads().size(), 1U);
    EXPECT_THAT(server.heads()[0], testing::StartsWith("GET /a?b=c HTTP/1.1\r\n"));
  }
}

TEST(Answers, CompressedBodiesComeOutWholeAndOnlyWhereTheyAreWanted) {
  const std::string text(100'000, 'z');
  RawServer server([&](Connection& c, const std::string& head) {
    if (head.find("gzip") == std::string::npos) return c.answer(200, text);
    return c.answer(200, gzip(text), "Content-Encoding: gzip\r\n");
  });
  EXPECT_EQ(fetch(get(server.url("/"))).body, text);
  HttpRequest exact = get(server.url("/"));
  exact.coding = Coding::exact;
  EXPECT_EQ(fetch(exact).body, text);
  EXPECT_THAT(server.heads()[0], HasSubstr("gzip"));
  EXPECT_THAT(server.heads()[1], Not(HasSubstr("Accept-Encoding")));
}

TEST(Answers, WhatComesPackedUnaskedIsUnpackedOnlyWhereTheExactBytesDoNotMatter) {
  const std::string text(100'000, 'z');
  const std::string packed = gzip(text);
  RawServer server([&](Connection& c, const std::string&) { return c.answer(200, packed, "Content-Encoding: gzip\r\n"); });
  HttpRequest request = get(server.url("/"));
  request.coding = Coding::plain;
  EXPECT_EQ(fetch(request).body, text);
  EXPECT_THAT(server.heads()[0], HasSubstr("Accept-Encoding: identity\r\n"));
  request.max_bytes = 99'999;
  EXPECT_EQ(fetch(request).error, TransportError::too_large);
  request.coding = Coding::exact;
  EXPECT_EQ(fetch(request).body, packed);
}

TEST(Answers, ABodyAtTheLimitPassesAndOneByteMoreDoesNot) {
  RawServer server([](Connection& c, const std::string&) { return c.answer(200, std::string(1000, 'x')); });
  HttpRequest request = get(server.url("/"));
  request.max_bytes = 1000;
  EXPECT_EQ(fetch(request).error, TransportError::none);
  request.max_bytes = 999;
  const HttpResponse response = fetch(request);
  EXPECT_EQ(response.error, TransportError::too_large);
  EXPECT_LE(response.body.size(), 999U);
}

TEST(Answers, AnEndlessBodyIsLeftAtTheLimit) {
  RawServer server([](Connection& c, const std::string&) {
    c.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    while (c.say("400\r\n" + std::string(1024, 'x') + "\r\n")) {
    }
    return false;
  });
  HttpRequest request = get(server.url("/"));
  request.max_bytes = 1'000'000;
  const HttpResponse response = fetch(request);
  EXPECT_EQ(response.error, TransportError::too_large);
  EXPECT_LE(response.body.size(), 1'000'000U);
}

TEST(Answers, ACompressionBombCountsAsWhatItUnpacksTo) {
  const std::string bomb = gzip(std::string(50'000'000, '\0'));
  ASSERT_LT(bomb.size(), 100'000U);
  RawServer server([&](Connection& c, const std::string&) { return c.answer(200, bomb, "Content-Encoding: gzip\r\n"); });
  HttpRequest request = get(server.url("/"));
  request.max_bytes = 1'000'000;
  const HttpResponse response = fetch(request);
  EXPECT_EQ(response.error, TransportError::too_large);
  EXPECT_LE(response.body.size(), 1'000'000U);
}

TEST(Answers, AHeadWithoutAnEndIsLeft) {
  for (const std::string& line :
       {std::string("X-Padding: ") + std::string(900, 'p') + "\r\n", std::string("HTTP/1.1 100 Continue\r\n\r\n")}) {
    RawServer server([&line](Connection& c, const std::string&) {
      if (line.starts_with("X")) c.say("HTTP/1.1 200 OK\r\n");
      while (c.say(line)) {
      }
      return false;
    });
    const HttpResponse response = fetch(get(server.url("/")));
    EXPECT_NE(response.error, TransportError::none);
    EXPECT_NE(response.error, TransportError::timed_out) << "it was read for as long as there was time";
    EXPECT_EQ(response.body, "");
  }
}

TEST(Answers, TellHowLongTheServerAsksToWait) {
  for (const auto& [header, seconds] : std::vector<std::pair<std::string, i64>>{
           {"", 0}, {"Retry-After: 7\r\n", 7}, {"Retry-After: soon\r\n", 0}, {"Retry-After: Thu, 01 Jan 1970 00:00:00 GMT\r\n", 0}}) {
    RawServer server([&sent = header](Connection& c, const std::string&) { return c.answer(429, "", sent); });
    EXPECT_EQ(fetch(get(server.url("/"))).retry_after_seconds, seconds) << header;
  }
}

TEST(Answers, BodiesThatCrowdTheMemoryTogetherAreLeftBeforeTheirOwnLimit) {
  constexpr int kBodies = 10;
  // They grow side by side: did one come after the other, each could be as long as its own limit.
  std::barrier all_have_it(kBodies);
  RawServer server([&all_have_it](Connection& c, const std::string&) {
    c.say("HTTP/1.1 200 OK\r\n\r\n");
    const std::string piece(1 << 20, 'x');
    while (c.say(piece)) all_have_it.arrive_and_wait();
    all_have_it.arrive_and_drop();
    return false;
  });
  const std::unique_ptr<HttpLoop> loop = make_http_loop({});
  i64 most = 0;
  i64 sum = 0;
  int answers = 0;
  for (int i = 0; i < kBodies; ++i) {
    loop->send(get(server.url("/")), [&](const HttpResponse& response) {
      EXPECT_EQ(response.error, TransportError::too_large);
      most = std::max(most, response.bytes);
      sum += response.bytes;
      ++answers;
    });
  }
  loop->run([&answers] { return answers == kBodies; });
  EXPECT_LT(sum, 1'500'000'000) << "ten times the limit of one would be 2.56 GB";
  EXPECT_LE(most, 256'100'000);
}

TEST(Answers, WhatIsCutShortIsNoAnswer) {
  const std::pair<std::string, std::string> cases[] = {
      {"less than its length", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"},
      {"chunks without an end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"},
      {"a chunk cut", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\nhello"},
      {"no head's end", "HTTP/1.1 200 OK\r\nContent-Le"},
      {"nothing", ""},
      {"not HTTP", "SSH-2.0-OpenSSH\r\n"},
      {"no gzip", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"},
  };
  for (const auto& [what, bytes] : cases) {
    RawServer server(say_once(bytes));
    const HttpResponse response = fetch(get(server.url("/")));
    EXPECT_NE(response.error, TransportError::none) << what << ": " << response.status << " " << response.body.size();
    EXPECT_NE(response.error, TransportError::too_large) << what;
  }
}

TEST(Answers, WhatIsNoHttpAtAllIsAnInterruptionAndNoFaultOfTheAddress) {
  for (const char* words : {"SSH-2.0-OpenSSH_9.2\r\n", "ICY 200 OK\r\n\r\n", "<html>busy</html>"}) {
    RawServer server(say_once(words));
    EXPECT_EQ(fetch(get(server.url("/"))).error, TransportError::interrupted) << words;
  }
}

TEST(Answers, AResetInTheMiddleIsAnInterruption) {
  RawServer server([](Connection& c, const std::string&) {
    c.say("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort");
    c.reset();
    return false;
  });
  const HttpResponse response = fetch(get(server.url("/")));
  EXPECT_EQ(response.error, TransportError::interrupted) << response.message;
}

TEST(Answers, SilenceEndsAtTheTimeLimitAndAStallAtItsOwn) {
  RawServer silent([](Connection& c, const std::string&) {
    c.hold();
    return false;
  });
  HttpRequest request = get(silent.url("/"));
  request.timeout_millis = 150;
  EXPECT_EQ(fetch(request).error, TransportError::timed_out);

  request = get(silent.url("/"));
  request.timeout_millis = 0;
  request.stall_seconds = 1;
  EXPECT_EQ(fetch(request).error, TransportError::timed_out);
}

// Whoever never heard of the request is not at work on it: its slot need not cool down.
TEST(Answers, AConnectionThatDoesNotStandInTimeIsNotReached) {
  RawServer no_tls([](Connection&, const std::string&) { return true; });
  HttpRequest request = get("https" + no_tls.url("/").substr(4));
  request.timeout_millis = 150;
  const HttpResponse response = fetch(request);
  EXPECT_EQ(response.error, TransportError::unreachable) << response.message;
}

TEST(Answers, WhereNobodyListensNothingIsReached) {
  const DeafPort nobody;
  EXPECT_EQ(fetch(get(nobody.url("/"))).error, TransportError::unreachable);
  EXPECT_EQ(fetch(get("http://no-such-host.invalid/")).error, TransportError::unresolved);
  for (const char* url : {"", "ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/", "http://", "http://a b/"}) {
    EXPECT_EQ(fetch(get(url)).error, TransportError::bad_url) << url;
  }
}

TEST(Answers, RedirectsAreNotFollowedAndAreMadeAbsolute) {
  RawServer other([](Connection& c, const std::string&) { return c.answer(200, "other"); });
  const std::pair<std::string, std::string> cases[] = {
      {other.url("/x"), other.url("/x")}, {"/y?z=1", "/y?z=1"}, {"y", "/a/y"}, {"../y", "/y"}};
  for (const int status : {301, 302, 303, 307, 308}) {
    for (const auto& [location, wanted] : cases) {
      RawServer server([&](Connection& c, const std::string&) { return c.answer(status, "", "Location: " + location + "\r\n"); });
      const HttpResponse response = fetch(get(server.url("/a/b")));
      EXPECT_EQ(response.status, status);
      EXPECT_EQ(response.error, TransportError::none);
      EXPECT_EQ(response.location, wanted.starts_with("http") ? wanted : server.url(wanted));
    }
  }
  EXPECT_EQ(other.connections(), 0);
}

TEST(Answers, ThePasswordGoesOnlyWithItsOwnRequest) {
  const Secret key("0123456789abcdef0123456789abcdef-us1");
  RawServer other([](Connection& c, const std::string&) { return c.answer(200, "other"); });
  RawServer server(
      [&](Connection& c, const std::string&) { return c.answer(307, "", "Location: " + other.url("/") + "\r\nSet-Cookie: a=b\r\n"); });
  const std::unique_ptr<HttpLoop> loop = make_http_loop({});
  HttpRequest with = get(server.url("/with"));
  with.password = key;
  fetch(*loop, with);
  fetch(*loop, get(server.url("/without")));
  fetch(*loop, get(other.url("/elsewhere")));
  EXPECT_THAT(server.heads().at(0), HasSubstr("Authorization: Basic " + base64("chimplift:" + key.reveal()) + "\r\n"));
  EXPECT_THAT(server.heads().at(1), Not(HasSubstr("Authorization")));
  EXPECT_THAT(server.heads().at(1), Not(HasSubstr("Cookie")));
  ASSERT_EQ(other.heads().size(), 1U);
  EXPECT_THAT(other.heads()[0], Not(HasSubstr("Authorization")));
}

TEST(Answers, ASinkTakesTheBodyOrEndsTheRequest) {
  RawServer server([](Connection& c, const std::string&) { return c.answer(200, std::string(300'000, 'x')); });
  std::string taken;
  HttpRequest request = get(server.url("/"));
  request.sink = [&taken](std::string_view piece) {
    taken += piece;
    return true;
  };
  const HttpResponse whole = fetch(request);
  EXPECT_EQ(taken, std::string(300'000, 'x'));
  EXPECT_TRUE(whole.body.empty());
  EXPECT_EQ(whole.bytes, 300'000);
  request.sink = [](std::string_view) { return false; };
  EXPECT_EQ(fetch(request).error, TransportError::sink);
}

}  // namespace
}  // namespace chimplift
