#include "net/url.hpp"

#include <gmock/gmock.h>

#include "net/fetch.hpp"

namespace chimplift {
namespace {

TEST(ParseUrl, GivesThePartsOfAnAddress) {
  const std::optional<Url> url = parse_url("HTTPS://Us12.API.mailchimp.com/3.0/lists?count=1#x");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "https");
  EXPECT_EQ(url->host, "us12.api.mailchimp.com");
  EXPECT_EQ(url->port, "443");
  EXPECT_EQ(url->path, "/3.0/lists");
  EXPECT_EQ(url->origin(), "https://us12.api.mailchimp.com:443");
}

TEST(ParseUrl, OneServerHasOneOrigin) {
  const auto origin = [](std::string_view text) { return parse_url(text)->origin(); };
  EXPECT_EQ(origin("http://a"), "http://a:80");
  EXPECT_EQ(origin("http://a:80/x"), origin("http://A/y"));
  EXPECT_EQ(origin("https://a/"), origin("https://a:443"));
  EXPECT_NE(origin("http://a:443"), origin("https://a"));
  EXPECT_NE(origin("http://a"), origin("http://a.b"));
  EXPECT_NE(origin("http://a:8080"), origin("http://a"));
  EXPECT_EQ(origin("http://[::1]:9/"), "http://[::1]:9");
  EXPECT_EQ(parse_url("http://a")->path, "/");
}

TEST(ParseUrl, WhatLooksLikeOurServerAndIsNotHasAnotherOrigin) {
  for (const char* text : {"https://us12.api.mailchimp.com.evil.example/", "https://evil.example/us12.api.mailchimp.com",
                           "https://evil.example#us12.api.mailchimp.com", "https://evil.example?us12.api.mailchimp.com",
                           "https://evil.example\\@us12.api.mailchimp.com/", "https://us12.api.mailchimp.com@evil.example/"}) {
    const std::optional<Url> url = parse_url(text);
    EXPECT_TRUE(!url || url->origin() != "https://us12.api.mailchimp.com:443") << text;
  }
}

TEST(ParseUrl, AnythingElseIsNone) {
  for (const std::string_view text : {std::string_view(""),
                                      std::string_view("a"),
                                      std::string_view("/a/b"),
                                      std::string_view("//a/b"),
                                      std::string_view("ftp://a/"),
                                      std::string_view("file:///etc/passwd"),
                                      std::string_view("javascript:alert(1)"),
                                      std::string_view("data:image/png;base64,AA"),
                                      std::string_view("mailto:a@b"),
                                      std::string_view("cid:1"),
                                      std::string_view("http://"),
                                      std::string_view("http://user@a/"),
                                      std::string_view("http://user:word@a/"),
                                      std::string_view("http://a:99999/"),
                                      std::string_view("http://a:x/"),
                                      std::string_view("http://a b/"),
                                      std::string_view("http://a\0.evil/", 15),
                                      std::string_view("http://[::1/"),
                                      std::string_view("http:/%302"),
                                      std::string_view("http://%31%32%37.0.0.01/")}) {
    EXPECT_FALSE(parse_url(text)) << text;
  }
}

TEST(EncodedUrl, EncodesWhatABrowserEncodesAndNothingTwice) {
  EXPECT_EQ(encoded_url("https://a/My Logo.png"), "https://a/My%20Logo.png");
  EXPECT_EQ(encoded_url("https://a/My%20Logo 2.png?a b=\xC3\xBC&c=d+e%2B#f"), "https://a/My%20Logo%202.png?a%20b=%C3%BC&c=d+e%2B#f");
  EXPECT_EQ(encoded_url("https://a?b c"), "https://a?b%20c");
  for (const char* text : {"https://b\xC3\xBC.example/", "https://b\xC3\xBC.example", "https://a b/", "", "a b", "https://a/%zz?x=|\"<>"})
    EXPECT_EQ(encoded_url(text), text) << text;
}

TEST(EncodedUrl, IsWhatTheServerSees) {
  RawServer server([](RawServer::Connection& c, const std::string&) { return c.answer(200, "ok"); });
  EXPECT_EQ(fetch(get(server.url("/My Logo.png?size=a b"))).status, 200);
  EXPECT_EQ(fetch(get(server.url("/Gr\xC3\xBC\xC3\x9F"
                                 "e%20%C3%BC.png")))
                .status,
            200);
  const std::vector<std::string> heads = server.heads();
  ASSERT_EQ(heads.size(), 2U);
  EXPECT_THAT(heads[0], testing::StartsWith("GET /My%20Logo.png?size=a%20b HTTP/1.1\r\n"));
  EXPECT_THAT(heads[1], testing::StartsWith("GET /Gr%C3%BC%C3%9Fe%20%C3%BC.png HTTP/1.1\r\n"));
}

}  // namespace
}  // namespace chimplift
