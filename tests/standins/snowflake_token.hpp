// Whether a request may come in: what Snowflake checks of a key pair's token.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace snowflake_standin {

class Gate {
 public:
  void add_user(const std::string& account, const std::string& user, const std::string& public_pem);
  void add_token(const std::string& type, const std::string& token, const std::string& user) { tokens_[{type, token}] = user; }

  /// "" and the user, or what is wrong with it.
  std::string check(std::string_view type, std::string_view authorization, std::string& user);
  [[nodiscard]] int seen() const { return static_cast<int>(seen_.size()); }

 private:
  std::string check_jwt(const std::string& token, std::string& user);
  std::map<std::string, std::string> keys_;  // "ACCOUNT.USER": public key
  std::map<std::pair<std::string, std::string>, std::string> tokens_;
  std::set<std::string> seen_;
};

}  // namespace snowflake_standin
