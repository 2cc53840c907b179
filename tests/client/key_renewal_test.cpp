// A refused key whose source fails in a way that nobody thought of: the refusal stands, and the loop hears of it.
#include "client/key_renewal.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace chimplift {
namespace {

TEST(KeyRenewal, WhereTheSourceThrowsTheRefusalStands) {
  const Secret key("0123456789abcdef0123456789abcdef-us12");
  Account account{"brand", AccountKey(key), "us12", "http://127.0.0.1:1/3.0"};
  account.key.read_again_by([]() -> Result<Secret> { throw std::bad_alloc(); });
  const std::unique_ptr<HttpLoop> loop = make_http_loop({});
  std::string refusal;
  bool is_renewed = false;
  KeyRenewal renewal(
      *loop, account,
      {.renewed = [&is_renewed] { is_renewed = true; }, .unchanged = [&refusal](const Answer& answer) { refusal = answer.reason; }});
  renewal.begin(key, {Meaning::key_refused, "401 API Key Invalid", ""});
  EXPECT_TRUE(renewal.is_under_way());
  loop->run([&renewal] { return !renewal.is_under_way(); });
  EXPECT_EQ(refusal, "401 API Key Invalid");
  EXPECT_FALSE(is_renewed);
}

TEST(KeyRenewal, WhereThereIsAnotherKeyTheLoopHearsOfIt) {
  const Secret key("0123456789abcdef0123456789abcdef-us12");
  Account account{"brand", AccountKey(key), "us12", "http://127.0.0.1:1/3.0"};
  account.key.read_again_by([]() -> Result<Secret> { return Secret("fedcba9876543210fedcba9876543210-us12"); });
  const std::unique_ptr<HttpLoop> loop = make_http_loop({});
  bool is_renewed = false;
  KeyRenewal renewal(*loop, account, {.renewed = [&is_renewed] { is_renewed = true; }, .unchanged = [](const Answer&) {}});
  renewal.begin(key, {Meaning::key_refused, "401 API Key Invalid", ""});
  loop->run([&renewal] { return !renewal.is_under_way(); });
  EXPECT_TRUE(is_renewed);
}

}  // namespace
}  // namespace chimplift
