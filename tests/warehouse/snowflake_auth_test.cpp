#include "warehouse/snowflake_auth.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "standins/snowflake_jwt.hpp"
#include "warehouse/snowflake_harness.hpp"

namespace chimplift {
namespace {

using nlohmann::json;

class SetClock : public Clock {
 public:
  [[nodiscard]] i64 now_micros() const override { return seconds * 1'000'000; }
  [[nodiscard]] i64 steady_millis() const override { return seconds * 1'000; }
  i64 seconds = 1'800'000'000;
};

json part(const std::string& token, std::size_t index) { return json::parse(snowflake_standin::from_base64_url(split(token, '.')[index])); }

/// The stand-in lets in what is signed, and nothing else.
TEST(SnowflakeAuth, TheStandInTellsAKeysOwnSignature) {
  const PrivateKey key = *PrivateKey::parse(test_key(), Secret());
  const std::string signature = key.sign("what is signed");
  EXPECT_TRUE(snowflake_standin::is_signed_by(key.public_pem(), "what is signed", signature));
  EXPECT_FALSE(snowflake_standin::is_signed_by(key.public_pem(), "what is not", signature));
  EXPECT_FALSE(snowflake_standin::is_signed_by("no key", "what is signed", signature));
  EXPECT_EQ(snowflake_standin::fingerprint_of(key.public_pem()), key.fingerprint());
  EXPECT_EQ(snowflake_standin::from_base64_url("-__-"), "\xfb\xff\xfe");
  EXPECT_EQ(snowflake_standin::from_base64_url("YQ=="), "");
}

/// As Snowflake's own JWTGenerator and its Node driver do it.
TEST(SnowflakeAuth, NamesTheAccountAsTokensDo) {
  EXPECT_EQ(snowflake::account_in_token("myorg-my_acct"), "MYORG-MY_ACCT");
  EXPECT_EQ(snowflake::account_in_token("xy12345.us-east-1"), "XY12345");
  EXPECT_EQ(snowflake::account_in_token("xy12345.us-east-1.aws"), "XY12345");
  EXPECT_EQ(snowflake::account_in_token("org-acct.privatelink"), "ORG-ACCT");
  EXPECT_EQ(snowflake::account_in_token("acct-abc123.global"), "ACCT");
  EXPECT_EQ(snowflake::url_of_account("MyOrg-my_acct"), "https://myorg-my-acct.snowflakecomputing.com");
}

TEST(SnowflakeAuth, TokensSayWhatSnowflakeAsksFor) {
  const PrivateKey key = *PrivateKey::parse(test_key(), Secret());
  const std::string token = snowflake::make_jwt(key, "myorg-my_acct", "chimplift", 1'800'000'000);
  EXPECT_EQ(part(token, 0), json({{"alg", "RS256"}, {"typ", "JWT"}}));
  EXPECT_EQ(part(token, 1), json({{"iss", "MYORG-MY_ACCT.CHIMPLIFT." + key.fingerprint()},
                                  {"sub", "MYORG-MY_ACCT.CHIMPLIFT"},
                                  {"iat", 1'800'000'000},
                                  {"exp", 1'800'003'540}}));
  EXPECT_EQ(token.find('='), std::string::npos);
}

TEST(SnowflakeAuth, TokensAreJsonWhateverTheUserIsCalled) {
  const PrivateKey key = *PrivateKey::parse(test_key(), Secret());
  const std::string odd = snowflake::make_jwt(key, "a", "U \" \\ \n \t \x01", 1'800'000'000);
  EXPECT_EQ(part(odd, 1)["sub"], "A.U \" \\ \n \t \x01");
  const std::string no_utf8 = snowflake::make_jwt(key, "a", "\xff", 1'800'000'000);
  EXPECT_EQ(part(no_utf8, 1)["sub"], "A.\ufffd");
}

TEST(SnowflakeAuth, RenewsATokenBeforeItEnds) {
  SetClock clock;
  SnowflakeLogin login{"a", "u", Secret(test_key()), Secret(), Secret(), false};
  snowflake::Auth auth = *snowflake::Auth::open(login, {}, clock);
  const std::string first = auth.token().value.reveal();
  EXPECT_EQ(auth.token().type, "KEYPAIR_JWT");
  clock.seconds += 53 * 60;
  EXPECT_EQ(auth.token().value.reveal(), first);
  clock.seconds += 2 * 60;
  EXPECT_NE(auth.token().value.reveal(), first);
  EXPECT_EQ(part(auth.token().value.reveal(), 1)["iat"], clock.seconds);
}

TEST(SnowflakeAuth, OtherTokensAreSentAsTheyAre) {
  snowflake::Auth oauth = *snowflake::Auth::open({"a", "u", Secret(), Secret(), Secret("of-oauth-1"), true}, {});
  EXPECT_EQ(oauth.token().type, "OAUTH");
  snowflake::Auth access = *snowflake::Auth::open({"a", "u", Secret(), Secret(), Secret("of-access-1"), false}, {});
  EXPECT_EQ(access.token().type, "PROGRAMMATIC_ACCESS_TOKEN");
  EXPECT_EQ(access.token().value.reveal(), "of-access-1");
}

}  // namespace
}  // namespace chimplift
