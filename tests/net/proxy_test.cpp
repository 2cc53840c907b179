// Through a proxy: which requests go there, and which may not.
#include "net/proxy.hpp"

#include <gmock/gmock.h>

#include "net/call.hpp"
#include "net/fetch.hpp"

namespace chimplift {
namespace {

using ::testing::StartsWith;
using Connection = RawServer::Connection;

/// A proxy for http as well: what it says stands for the server's word. It opens no tunnels.
bool say_ok(Connection& connection, const std::string& head) {
  if (!head.starts_with("CONNECT ")) return connection.answer(200, "ok");
  connection.answer(403, "");
  return false;
}

std::string proxy_of(const std::string& url, const std::string& except) {
  return proxy_for({"http://plain:1", "http://secure:2", except}, parse_url(url).value());
}

TEST(Proxy, IsThatOfTheScheme) {
  EXPECT_EQ(proxy_of("http://example.com/", ""), "http://plain:1");
  EXPECT_EQ(proxy_of("https://example.com/", ""), "http://secure:2");
  EXPECT_EQ(proxy_for({"", "", ""}, *parse_url("https://example.com/")), "");
}

TEST(Proxy, IsNotAskedForWhatIsExcepted) {
  for (const char* except : {"*", "example.com", ".example.com", "other.org, Example.COM", "other.org example.com.", "com"}) {
    EXPECT_EQ(proxy_of("https://www.example.com/", except), "") << except;
  }
  for (const char* except : {"", ",", ".", "xample.com", "example.co", "www.example.com.org", "10.0.0.0/8"}) {
    EXPECT_EQ(proxy_of("https://www.example.com/", except), "http://secure:2") << except;
  }
  for (const char* except : {"10.1.2.3", "10.0.0.0/8", "10.1.2.2/31", "0.0.0.0/0", "::1 10.1.2.3/32"}) {
    EXPECT_EQ(proxy_of("https://10.1.2.3/", except), "") << except;
  }
  for (const char* except : {"10.1.2", "10.1.2.4/31", "11.0.0.0/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/x", "2.3", ".3", "::/0"}) {
    EXPECT_EQ(proxy_of("https://10.1.2.3/", except), "http://secure:2") << except;
  }
  EXPECT_EQ(proxy_of("https://[2001:db8::1]/", "2001:db8::/32"), "");
  EXPECT_EQ(proxy_of("https://[2001:db8::1]/", "[2001:db8::1]"), "");
  EXPECT_EQ(proxy_of("https://[2001:db8::1]/", "2001:db9::/32"), "http://secure:2");
}

class ThroughProxy : public testing::Test {
 protected:
  ThroughProxy() { settings_.proxies = HttpProxies{proxy_.url(""), proxy_.url(""), "direct.localhost"}; }

  HttpResponse fetch_public(const std::string& url) {
    HttpRequest request = get(url);
    request.public_only = true;
    return fetch(std::move(request), settings_);
  }

  RawServer proxy_{say_ok};
  HttpSettings settings_;
};

/// Most companies' and clusters' proxies have private addresses. That says nothing of where the file is.
TEST_F(ThroughProxy, AFileOfAPublicHostIsFetchedThoughTheProxyIsAPrivateAddress) {
  EXPECT_EQ(fetch_public("http://mcusercontent.com/a.png").body, "ok");
  ASSERT_EQ(proxy_.heads().size(), 1U);
  EXPECT_THAT(proxy_.heads()[0], StartsWith("GET http://mcusercontent.com/a.png HTTP/1.1"));
  EXPECT_NE(fetch_public("https://mcusercontent.com/a.png").error, TransportError::private_address);
  ASSERT_EQ(proxy_.heads().size(), 2U);
  EXPECT_THAT(proxy_.heads()[1], StartsWith("CONNECT mcusercontent.com:443 HTTP/1.1"));
}

TEST_F(ThroughProxy, WhatIsPrivateAsItIsWrittenIsNotAskedFor) {
  for (const char* url : {"http://127.0.0.1/", "http://169.254.169.254/latest/meta-data", "http://localhost/", "http://a.localhost./",
                          "http://2130706433/", "http://0x7f.1/", "http://[::1]/", "http://[::ffff:10.0.0.1]/", "https://10.0.0.1/"}) {
    EXPECT_EQ(fetch_public(url).error, TransportError::private_address) << url;
  }
  EXPECT_EQ(proxy_.connections(), 0);
  EXPECT_EQ(fetch(get("http://10.0.0.1/"), settings_).body, "ok") << "and without the rule it is";
}

/// The proxy has no say there: it is judged where the connection is made.
TEST_F(ThroughProxy, WhatIsExceptedIsJudgedByItsOwnConnection) {
  RawServer server(say_ok);
  EXPECT_EQ(fetch_public(server.url("/", "direct.localhost")).error, TransportError::private_address);
  // Neither is an address that only libcurl can read.
  EXPECT_EQ(fetch_public("http://user:word@127.0.0.1:" + std::to_string(server.port()) + "/").error, TransportError::private_address);
  EXPECT_EQ(server.connections() + proxy_.connections(), 0);
}

TEST_F(ThroughProxy, WhatIsToGoDirectlyDoes) {
  RawServer server(say_ok);
  HttpCall call;
  call.request = get(server.url("/"));
  call.direct = true;
  EXPECT_EQ(HttpClient(settings_).send(std::move(call)).body, "ok");
  EXPECT_EQ(proxy_.connections(), 0);
  EXPECT_EQ(server.connections(), 1);
}

/// Only what the settings say counts.
TEST(NoProxy, OfTheEnvironmentIsUsedWhereTheSettingsHaveTheSay) {
  RawServer proxy(say_ok);
  RawServer server([](Connection& c, const std::string&) { return c.answer(200, "direct"); });
  setenv("http_proxy", proxy.url("").c_str(), 1);
  HttpSettings settings;
  EXPECT_EQ(fetch(get(server.url("/")), settings).body, "direct");
  settings.proxies.http = proxy.url("");
  setenv("no_proxy", "*", 1);
  EXPECT_EQ(fetch(get(server.url("/")), settings).body, "ok");
  unsetenv("http_proxy");
  unsetenv("no_proxy");
}

}  // namespace
}  // namespace chimplift
