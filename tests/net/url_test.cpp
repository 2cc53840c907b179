#include "net/url.hpp"

#include <gmock/gmock.h>

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
  for (const std::string_view text :
       {std::string_view(""), std::string_view("a"), std::string_view("/a/b"), std::string_view("//a/b"), std::string_view("ftp://a/"),
        std::string_view("file:///etc/passwd"), std::string_view("javascript:alert(1)"), std::string_view("data:image/png;base64,AA"),
        std::string_view("mailto:a@b"), std::string_view("cid:1"), std::string_view("http://"), std::string_view("http://user@a/"),
        std::string_view("http://user:word@a/"), std::string_view("http://a:99999/"), std::string_view("http://a:x/"),
        std::string_view("http://a b/"), std::string_view("http://a\0.evil/", 15), std::string_view("http://[::1/")}) {
    EXPECT_FALSE(parse_url(text)) << text;
  }
}

}  // namespace
}  // namespace chimplift
