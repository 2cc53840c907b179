#include "standins/snowflake_token.hpp"

#include <nlohmann/json.hpp>

#include <ctime>

#include "base/text.hpp"
#include "standins/snowflake_jwt.hpp"

namespace snowflake_standin {
namespace {

using nlohmann::json;

constexpr std::int64_t kSkew = 60;  // seconds that clocks may differ

}  // namespace

void Gate::add_user(const std::string& account, const std::string& user, const std::string& public_pem) {
  keys_[account + "." + user] = public_pem;
}

std::string Gate::check(std::string_view type, std::string_view authorization, std::string& user) {
  if (!authorization.starts_with("Bearer ")) return "no bearer token";
  const std::string token(authorization.substr(7));
  if (type == "KEYPAIR_JWT") return check_jwt(token, user);
  const auto found = tokens_.find({std::string(type), token});
  if (found == tokens_.end()) return "unknown token of type '" + std::string(type) + "'";
  user = found->second;
  return "";
}

std::string Gate::check_jwt(const std::string& token, std::string& user) {
  const std::vector<std::string> parts = chimplift::split(token, '.');
  if (parts.size() != 3) return "the token has not three parts";
  const json head = json::parse(from_base64_url(parts[0]), nullptr, false);
  const json claims = json::parse(from_base64_url(parts[1]), nullptr, false);
  if (head != json{{"alg", "RS256"}, {"typ", "JWT"}}) return "the token's head is not RS256, JWT";
  if (!claims.is_object() || claims.size() != 4) return "the token has not four claims";
  for (const char* name : {"iss", "sub"}) {
    if (!claims.contains(name) || !claims[name].is_string()) return std::string("no claim ") + name;
  }
  for (const char* name : {"iat", "exp"}) {
    if (!claims.contains(name) || !claims[name].is_number_integer()) return std::string("no claim ") + name;
  }
  const std::string subject = claims["sub"];
  const auto key = keys_.find(subject);
  if (key == keys_.end()) return "no such user: " + subject;
  if (claims["iss"] != subject + "." + fingerprint_of(key->second)) return "iss does not name the registered key";
  const std::int64_t now = std::time(nullptr);
  const std::int64_t issued = claims["iat"];
  const std::int64_t ends = claims["exp"];
  if (issued > now + kSkew) return "issued in the future";
  if (ends <= now) return "expired";
  if (ends - issued > 3600) return "lives for more than an hour";
  if (!is_signed_by(key->second, parts[0] + "." + parts[1], from_base64_url(parts[2]))) return "wrong signature";
  user = subject.substr(subject.find('.') + 1);
  seen_.insert(token);
  return "";
}

}  // namespace snowflake_standin
