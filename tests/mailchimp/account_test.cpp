#include "mailchimp/account.hpp"

#include <gmock/gmock.h>

namespace chimplift {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string kKey = "0123456789abcdef0123456789abcdef-us12";

TEST(Accounts, AreReadWithTheServerFromTheKeyOrTheFile) {
  const auto accounts = parse_accounts(R"([{"account_name": " one ", "api_key": ")" + kKey + R"("},
    {"account_name": "tw/o", "api_key": "1123456789abcdef0123456789abcdef", "server": "US6", "other": [1]},
    {"account_name": "..", "api_key": "2123456789abcdef0123456789abcdef-us12", "server": null}])",
                                       "accounts.json", "");
  ASSERT_TRUE(accounts) << accounts.error().message;
  ASSERT_EQ(accounts->size(), 3U);
  EXPECT_EQ(accounts->at(0).name, "one");
  EXPECT_EQ(accounts->at(0).server, "us12");
  EXPECT_EQ(accounts->at(0).api_base, "https://us12.api.mailchimp.com/3.0");
  EXPECT_EQ(accounts->at(1).api_base, "https://us6.api.mailchimp.com/3.0");
  EXPECT_EQ(accounts->at(2).key.now().reveal(), "2123456789abcdef0123456789abcdef-us12");
}

TEST(Accounts, AnApiBaseStandsInForTheServer) {
  const auto account = make_account("a", "keywithoutsuffix", "", "http://127.0.0.1:8080/3.0//");
  ASSERT_TRUE(account) << account.error().message;
  EXPECT_EQ(account->api_base, "http://127.0.0.1:8080/3.0");
  for (const char* base : {"127.0.0.1:8080", "ftp://x/3.0", "https://user:word@x/", "https://", "x"}) {
    EXPECT_EQ(make_account("a", kKey, "", base).error().kind, ErrorKind::usage) << base;
  }
}

TEST(Accounts, EveryBadFormHasItsOwnWordsAndNoKeyInThem) {
  const std::string key = R"("api_key": ")" + kKey + "\"";
  const std::pair<std::string, std::string> cases[] = {
      {"", "is not JSON: see line 1, column 1"},
      {"{", "is not JSON: see line 1, column 2"},
      {"[{\"account_name\": \"\xFF\"}]", "is not JSON: see line 1, column 20"},
      {"[\n  {\"account_name\": \"caf\u00e9\", " + key + "},\n  oops]", "is not JSON: see line 3, column 3"},
      {"[\n{\"account_name\": \"caf\xC3\xA9\" " + key + "}]", "is not JSON: see line 2, column 33"},
      {"[{\"account_name\": 1e999}]", "is not JSON"},
      {"{}", "holds no list"},
      {"\"x\"", "holds no list"},
      {"[]", "holds no account"},
      {"[1]", "entry 1 of accounts.json is not an object"},
      {"[[]]", "is not an object"},
      {"[{" + key + "}]", "no account_name"},
      {"[{\"account_name\": \"  \", " + key + "}]", "no account_name"},
      {"[{\"account_name\": 7, " + key + "}]", "not a text"},
      {"[{\"account_name\": \"a\"}]", "has no api_key"},
      {"[{\"account_name\": \"a\", \"api_key\": \"\"}]", "has no api_key"},
      {"[{\"account_name\": \"a\", \"api_key\": [\"x\"]}]", "not a text"},
      {"[{\"account_name\": \"a\", \"api_key\": \"0123 456-us12\"}]", "blanks or quotes"},
      {"[{\"account_name\": \"a\", \"api_key\": \"0123\\r\\nX: y-us12\"}]", "blanks or quotes"},
      {"[{\"account_name\": \"a\", \"api_key\": \"0123\\u0000456-us12\"}]", "blanks or quotes"},
      {"[{\"account_name\": \"a\", \"api_key\": \"0123\\u0007456-us12\"}]", "blanks or quotes"},
      {"[{\"account_name\": \"a\", \"api_key\": \"0123\\u007f456-us12\"}]", "blanks or quotes"},
      {"[{\"account_name\": \"a\", \"api_key\": \"…-us12\"}]", "the api_key of account \"a\" is not a key"},
      {"[{\"account_name\": \"a\", \"api_key\": \"0123456789\"}]", "key without a suffix"},
      {"[{\"account_name\": \"a\", \"api_key\": \"0123456789-\"}]", "key without a suffix"},
      {"[{\"account_name\": \"a\", \"api_key\": \"0123456789-u/s\"}]", "key without a suffix"},
      {"[{\"account_name\": \"a\", " + key + ", \"server\": \"evil.example/\"}]", "is not one such as us12"},
      {"[{\"account_name\": \"a\", " + key + ", \"server\": \"us12.api\"}]", "is not one such as us12"},
      {"[{\"account_name\": \"a\", " + key + "}, {\"account_name\": \"a \", " + key + "}]", "names account \"a\" twice"},
      {"[{\"account_name\": \"a\", " + key + "}, {\"account_name\": \"b\"}]", "entry 2 of accounts.json"},
  };
  for (const auto& [json, words] : cases) {
    const auto accounts = parse_accounts(json, "accounts.json", "");
    ASSERT_FALSE(accounts) << json;
    EXPECT_EQ(accounts.error().kind, ErrorKind::usage) << json;
    EXPECT_THAT(accounts.error().message, HasSubstr(words)) << json;
    EXPECT_THAT(accounts.error().message, Not(HasSubstr(kKey))) << json;
    EXPECT_FALSE(accounts.error().advice.empty()) << json;
  }
}

TEST(Accounts, TheServerIsBehindTheLastDash) {
  EXPECT_EQ(server_of_key("a-us1"), "us1");
  EXPECT_EQ(server_of_key("a-b-US21"), "us21");
  for (const char* key : {"", "a", "a-", "a-us1.evil", "a-us 1", "a-aaaaaaaaaaaaaaaaaaaaaaaaa"}) EXPECT_EQ(server_of_key(key), "") << key;
}

}  // namespace
}  // namespace chimplift
