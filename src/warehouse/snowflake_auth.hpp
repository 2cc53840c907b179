// Who we are, for Snowflake: a token that is made of a key pair and renewed in time, or one that was given.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/private_key.hpp"
#include "base/secret.hpp"

namespace chimplift {

/// One of `private_key` and `token`.
struct SnowflakeLogin {
  std::string account;  // "myorg-myaccount" or "xy12345.eu-central-1"
  std::string user;
  Secret private_key;  // PEM
  Secret passphrase;   // of the key, where it is encrypted
  Secret token;        // OAuth, or a programmatic access token
  bool token_is_oauth = false;
};

namespace snowflake {

/// The account as tokens name it: without region and cloud, in upper case.
std::string account_in_token(std::string_view account);
/// "https://myorg-my-account.snowflakecomputing.com": underscores become hyphens, because host names have none.
std::string url_of_account(std::string_view account);

/// The JSON Web Token of a key pair: RS256, valid for 59 minutes from `now` (seconds since 1970). Snowflake takes an hour at most.
std::string make_jwt(const PrivateKey& key, std::string_view account, std::string_view user, i64 now);

/// What a request's headers say.
struct Token {
  Secret value;
  std::string_view type;  // of X-Snowflake-Authorization-Token-Type
};

class Auth {
 public:
  /// `reload` reads the login again, because a key may be replaced while we run; may be empty. Errors: usage, where the key cannot be read.
  static Result<Auth> open(SnowflakeLogin login, std::function<Result<SnowflakeLogin>()> reload, const Clock& clock = system_clock());

  /// The current token; renewed five minutes before its end.
  [[nodiscard]] const Token& token();
  /// For when Snowflake refuses the token: reads the login again and makes another token.
  Result<void> renew();

 private:
  Auth() = default;
  Result<void> take(SnowflakeLogin login);

  SnowflakeLogin login_;
  std::function<Result<SnowflakeLogin>()> reload_;
  const Clock* clock_ = nullptr;
  std::optional<PrivateKey> key_;
  Token token_;
  i64 renew_at_ = 0;  // seconds since 1970
};

}  // namespace snowflake
}  // namespace chimplift
