// Addresses that a link in somebody's e-mail must not lead to.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netdb.h>

#include <cstring>

#include "net/fetch.hpp"
#include "net/url.hpp"

namespace chimplift {
namespace {

bool is_private(const std::string& text) {
  sockaddr_storage storage{};
  if (auto& v4 = reinterpret_cast<sockaddr_in&>(storage); inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
  } else {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
    v6.sin6_family = AF_INET6;
    EXPECT_EQ(inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr), 1) << text;
  }
  return is_private_address(reinterpret_cast<const sockaddr&>(storage));
}

TEST(PrivateAddress, Ipv4RangesFromTheirFirstToTheirLast) {
  for (const char* text :
       {"0.0.0.0",         "0.255.255.255", "10.0.0.0",        "10.255.255.255",  "100.64.0.0",     "100.127.255.255", "127.0.0.1",
        "127.255.255.255", "169.254.0.0",   "169.254.169.254", "169.254.255.255", "172.16.0.0",     "172.31.255.255",  "192.0.0.0",
        "192.0.0.255",     "192.0.2.1",     "192.168.0.0",     "192.168.255.255", "198.18.0.0",     "198.19.255.255",  "198.51.100.7",
        "203.0.113.7",     "224.0.0.1",     "239.255.255.255", "240.0.0.1",       "255.255.255.255"}) {
    EXPECT_TRUE(is_private(text)) << text;
  }
  for (const char* text :
       {"1.0.0.0",         "9.255.255.255",  "11.0.0.0",       "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
        "169.253.255.255", "169.255.0.0",    "172.15.255.255", "172.32.0.0",     "192.0.1.0",   "192.0.3.0",       "192.167.255.255",
        "192.169.0.0",     "198.17.255.255", "198.20.0.0",     "203.0.112.255",  "203.0.114.0", "223.255.255.255", "8.8.8.8"}) {
    EXPECT_FALSE(is_private(text)) << text;
  }
}

TEST(PrivateAddress, Ipv6AndWhatItWraps) {
  for (const char* text : {"::",
                           "::1",
                           "::ffff:127.0.0.1",
                           "::ffff:10.1.2.3",
                           "::ffff:169.254.169.254",
                           "::127.0.0.1",
                           "64:ff9b::10.0.0.1",
                           "64:ff9b:1::1",
                           "2002:7f00:1::",
                           "2002:a00:1::1",
                           "fc00::1",
                           "fdff::1",
                           "fe80::1",
                           "febf::1",
                           "fec0::1",
                           "ff02::1",
                           "100::1",
                           "2001::1",
                           "2001:2::1",
                           "2001:db8::1",
                           "4000::1"}) {
    EXPECT_TRUE(is_private(text)) << text;
  }
  for (const char* text :
       {"2606:4700::1111", "2a00:1450:4001::1", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"}) {
    EXPECT_FALSE(is_private(text)) << text;
  }
}

TEST(PrivateAddress, WhatIsNeitherIsRefused) {
  sockaddr unknown{};
  unknown.sa_family = AF_UNIX;
  EXPECT_TRUE(is_private_address(unknown));
}

TEST(PrivateAddress, IsSeenInAHostAsItIsWritten) {
  for (const char* host : {"127.0.0.1", "10.0.0.1.", "169.254.169.254", "localhost", "localhost.", "a.localhost", "[::1]", "[fd00::1]"}) {
    EXPECT_TRUE(is_private_host(host)) << host;
  }
  for (const char* host : {"8.8.8.8", "example.com", "localhost.example.com", "127.0.0.1.example.com", "[2606:4700::1111]", ""}) {
    EXPECT_FALSE(is_private_host(host)) << host;
  }
}

using Connection = RawServer::Connection;

bool say_ok(Connection& connection, const std::string& /*head*/) { return connection.answer(200, "ok"); }

TEST(PublicOnly, NoNameOfThisMachineIsReached) {
  RawServer server(say_ok);
  RawServer server6(say_ok, nullptr, AF_INET6);
  std::vector<std::string> urls = {
      server.url("/"),           server.url("/", "localhost"),  server.url("/", "LOCALHOST"),  server.url("/", "[::ffff:127.0.0.1]"),
      server.url("/", "127.1"),  server.url("/", "2130706433"), server.url("/", "0x7f000001"), server.url("/", "0.0.0.0"),
      server6.url("/", "[::1]"), server6.url("/", "localhost")};
  // A name that a resolver gives a private address to: this machine's own.
  char name[256] = {};
  gethostname(name, sizeof name - 1);
  addrinfo* found = nullptr;
  if (getaddrinfo(name, nullptr, nullptr, &found) == 0) {
    if (is_private_address(*found->ai_addr)) urls.push_back(server.url("/", name));
    freeaddrinfo(found);
  }
  for (const std::string& url : urls) {
    HttpRequest request = get(url);
    request.public_only = true;
    EXPECT_EQ(fetch(request).error, TransportError::private_address) << url;
  }
  EXPECT_EQ(server.connections() + server6.connections(), 0);
  EXPECT_EQ(fetch(get(server.url("/"))).body, "ok") << "and without the rule it is";
  EXPECT_EQ(fetch(get(server6.url("/", "[::1]"))).body, "ok");
}

TEST(PublicOnly, AConnectionThatAnotherRequestLeftOpenIsNoWayIn) {
  RawServer server(say_ok);
  const std::unique_ptr<HttpLoop> loop = make_http_loop({});
  EXPECT_EQ(fetch(*loop, get(server.url("/"))).body, "ok");
  HttpRequest request = get(server.url("/linked"));
  request.public_only = true;
  EXPECT_EQ(fetch(*loop, request).error, TransportError::private_address);
  EXPECT_EQ(server.heads().size(), 1U);
}

}  // namespace
}  // namespace chimplift
