// Each status and body that Mailchimp, or what stands before it, is known to send.
#include "mailchimp/answer.hpp"

#include <gmock/gmock.h>

#include "base/text.hpp"

namespace chimplift {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string kOrigin = "https://us1.api.mailchimp.com:443";

Answer answer(int status, const std::string& body = "", const std::string& location = "") {
  HttpResponse response;
  response.status = status;
  response.body = body;
  response.location = location;
  return meaning_of(response, kOrigin);
}

std::string problem(int status, const std::string& title, const std::string& detail = "x") {
  return R"({"type":"https://mailchimp.com/developer/","title":")" + title + R"(","status":)" + std::to_string(status) + R"(,"detail":")" +
         detail + R"(","instance":"995c5cb0"})";
}

TEST(Meaning, OfEveryStatusAndBody) {
  const std::string html = "<HTML><HEAD><TITLE>Access Denied</TITLE></HEAD></HTML>";
  const std::string akamai = R"({"type":"akamai_error_message","title":"akamai_503","status":503,"ref_no":"Reference Number: 00"})";
  struct Case {
    int status;
    std::string body;
    Meaning meaning;
  };
  const Case cases[] = {
      {200, "{}", Meaning::page},
      {200, html, Meaning::page},  // whether it is one is for its reader to say
      {204, "", Meaning::temporary},
      {206, "{}", Meaning::temporary},
      {400, problem(400, "Invalid Resource"), Meaning::refused},
      {401, problem(401, "API Key Invalid"), Meaning::key_refused},
      {401, "", Meaning::key_refused},
      {403, problem(403, "Forbidden"), Meaning::not_permitted},
      {403, problem(403, "User Disabled"), Meaning::disabled},
      {403, problem(403, "Account Deactivated"), Meaning::disabled},
      {403, problem(403, "Compliance Related"), Meaning::not_permitted},
      {403, html, Meaning::blocked},
      {403, "", Meaning::blocked},
      {403, R"({"type":"akamai_error_message","title":"akamai_403","status":403})", Meaning::blocked},
      {404, problem(404, "Resource Not Found"), Meaning::missing},
      {404, html, Meaning::wordless},
      {404, "", Meaning::wordless},
      {405, problem(405, "Method Not Allowed"), Meaning::refused},
      {408, "", Meaning::temporary},
      {414, problem(414, "Resource Nested Too Deeply"), Meaning::refused},
      {400, html, Meaning::wordless},
      {400, R"({"type":"akamai_error_message","title":"akamai_400","status":400})", Meaning::wordless},
      {404, R"({"type":"akamai_error_message","title":"akamai_404","status":404})", Meaning::wordless},
      {405, "", Meaning::wordless},
      {422, "", Meaning::wordless},
      {425, "", Meaning::temporary},
      {426, problem(426, "Upgrade Required"), Meaning::refused},
      {429, problem(429, "TooManyRequests"), Meaning::throttled},
      {429, "", Meaning::throttled},
      {500, problem(500, "InternalServerError"), Meaning::temporary},
      {502, html, Meaning::temporary},
      {503, akamai, Meaning::temporary},
      {504, "", Meaning::too_slow},
      {599, "", Meaning::temporary},
  };
  for (const Case& one : cases) EXPECT_EQ(answer(one.status, one.body).meaning, one.meaning) << one.status << " " << one.body;
}

TEST(Meaning, ReasonsSayStatusTitleAndDetailAndAreText) {
  EXPECT_EQ(answer(404, problem(404, "Resource Not Found", "gone")).reason, "404 Resource Not Found: gone");
  EXPECT_EQ(answer(404, "<html>").reason, "404");
  EXPECT_EQ(answer(404, "[1]").reason, "404");
  EXPECT_EQ(answer(404, R"({"title":7,"detail":null})").reason, "404");
  const std::string long_reason = answer(400, problem(400, "t", std::string(299, 'x') + "\xC3\xA9")).reason;
  EXPECT_LT(long_reason.size(), 320U);
  EXPECT_TRUE(is_utf8(long_reason));
  EXPECT_EQ(answer(400, std::string(100'000, '[')).reason, "400") << "deep nesting";
}

// A gateway's page may have 256 MB. Mailchimp's own words are short, and only these are taken apart.
TEST(Meaning, ABodyOfManyMegabytesIsNoneOfMailchimpsWords) {
  EXPECT_EQ(answer(403, problem(403, "Forbidden", std::string(500'000, 'x'))).meaning, Meaning::not_permitted);
  EXPECT_EQ(answer(403, problem(403, "Forbidden", std::string(2'000'000, 'x'))).meaning, Meaning::blocked);
}

TEST(Meaning, NoReasonHoldsAKeyEvenInPart) {
  const Secret key("fedcba9876543210fedcba9876543210-us1");
  for (const std::size_t before : {0U, 280U, 290U}) {
    const std::string reason = answer(400, problem(400, "t", std::string(before, 'x') + key.reveal())).reason;
    EXPECT_THAT(reason, Not(HasSubstr("fedcba98"))) << before;
  }
}

TEST(Meaning, RedirectsAreFollowedOnlyOnTheSameServer) {
  for (const int status : {301, 302, 303, 307, 308}) {
    const Answer same = answer(status, "", "https://us1.api.mailchimp.com/3.0/lists/");
    EXPECT_EQ(same.meaning, Meaning::redirected);
    EXPECT_EQ(same.location, "https://us1.api.mailchimp.com/3.0/lists/");
    for (const char* location : {"https://evil.example/", "http://us1.api.mailchimp.com/", "https://us1.api.mailchimp.com:444/",
                                 "https://us1.api.mailchimp.com.evil.example/", "https://us1.api.mailchimp.com@evil.example/",
                                 "https://us2.api.mailchimp.com/", "", "file:///etc/passwd"}) {
      const Answer other = answer(status, "", location);
      EXPECT_EQ(other.meaning, Meaning::refused) << location;
      EXPECT_EQ(other.location, "") << location;
    }
  }
  EXPECT_EQ(answer(304).meaning, Meaning::refused);
}

TEST(Meaning, TransportErrorsAreTemporaryButWhereAskingAgainCannotHelp) {
  const std::pair<TransportError, Meaning> cases[] = {
      {TransportError::unresolved, Meaning::temporary},  {TransportError::unreachable, Meaning::temporary},
      {TransportError::interrupted, Meaning::temporary}, {TransportError::timed_out, Meaning::temporary},
      {TransportError::tls, Meaning::temporary},         {TransportError::sink, Meaning::temporary},
      {TransportError::too_large, Meaning::too_large},   {TransportError::private_address, Meaning::refused},
      {TransportError::bad_url, Meaning::refused}};
  for (const auto& [error, meaning] : cases) {
    HttpResponse response;
    response.status = 200;
    response.error = error;
    EXPECT_EQ(meaning_of(response, kOrigin).meaning, meaning) << name_of(error);
    EXPECT_FALSE(meaning_of(response, kOrigin).reason.empty());
  }
}

}  // namespace
}  // namespace chimplift
