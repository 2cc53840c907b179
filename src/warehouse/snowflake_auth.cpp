#include "warehouse/snowflake_auth.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

#include "base/text.hpp"
#include "warehouse/snowflake_sql.hpp"

namespace chimplift::snowflake {
namespace {

using Json = nlohmann::ordered_json;

constexpr i64 kLifetime = 59 * 60;    // seconds; a token of more than an hour is refused
constexpr i64 kRenewBefore = 5 * 60;  // so that none ends on its way

}  // namespace

std::string account_in_token(std::string_view account) {
  // As Snowflake's own samples do it: a ".global" account ends at its first hyphen, any other at its first dot.
  const std::size_t end = account.find(".global") != std::string_view::npos ? account.find('-') : account.find('.');
  return upper(account.substr(0, end));
}

std::string url_of_account(std::string_view account) {
  std::string host = to_lower(account);
  std::ranges::replace(host, '_', '-');
  return "https://" + host + ".snowflakecomputing.com";
}

std::string make_jwt(const PrivateKey& key, std::string_view account, std::string_view user, i64 now) {
  const std::string subject = account_in_token(account) + "." + upper(user);
  const Json head{{"alg", "RS256"}, {"typ", "JWT"}};
  const Json claims{{"iss", subject + "." + key.fingerprint()}, {"sub", subject}, {"iat", now}, {"exp", now + kLifetime}};
  const std::string text = base64_url(head.dump()) + "." + base64_url(claims.dump(-1, ' ', false, Json::error_handler_t::replace));
  return text + "." + base64_url(key.sign(text));
}

Result<Auth> Auth::open(SnowflakeLogin login, std::function<Result<SnowflakeLogin>()> reload, const Clock& clock) {
  Auth auth;
  auth.reload_ = std::move(reload);
  auth.clock_ = &clock;
  TRY(auth.take(std::move(login)));
  return auth;
}

Result<void> Auth::take(SnowflakeLogin login) {
  key_.reset();
  renew_at_ = 0;
  if (login.token.empty()) {
    Result<PrivateKey> key = PrivateKey::parse(login.private_key.reveal(), login.passphrase);
    if (!key) {
      Error error = key.error();
      if (error.advice.empty())
        error.advice =
            "--snowflake-private-key and --snowflake-passphrase name files; a document has private_key and private_key_passphrase.";
      return tl::unexpected(std::move(error));
    }
    key_ = std::move(*key);
  } else {
    token_ = {login.token, login.token_is_oauth ? "OAUTH" : "PROGRAMMATIC_ACCESS_TOKEN"};
  }
  login_ = std::move(login);
  return {};
}

const Token& Auth::token() {
  const i64 now = clock_->now_micros() / 1'000'000;
  if (key_ && now >= renew_at_) {
    token_ = {Secret(make_jwt(*key_, login_.account, login_.user, now)), "KEYPAIR_JWT"};
    renew_at_ = now + kLifetime - kRenewBefore;
  }
  return token_;
}

Result<void> Auth::renew() {
  renew_at_ = 0;
  if (!reload_) return {};
  TRY_ASSIGN(SnowflakeLogin login, reload_());
  return take(std::move(login));
}

}  // namespace chimplift::snowflake
