// Statements over Snowflake's SQL API v2, each executed once, whatever the network does.
//
// Every request carries an id that is made before it is sent. Where no answer came (a cut connection, 429, 5xx), the same request is sent
// again under the same id with retry=true: Snowflake then does not execute a second time what it has executed. It does not promise so while
// the first copy still runs; that is harmless, because every statement that we send may be executed twice.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/backoff.hpp"
#include "net/call.hpp"
#include "warehouse/snowflake_answer.hpp"
#include "warehouse/snowflake_settings.hpp"

namespace chimplift::snowflake {

struct Statement {
  std::string sql;
  std::vector<std::string> binds = {};  // texts in the place of the `?`
  int count = 1;                        // of statements in `sql`; several take no binds
  bool is_long = false;                 // asks for a handle at once, so that it can be cancelled
};

class Client {
 public:
  static Result<std::unique_ptr<Client>> open(const SnowflakeSettings& settings);

  /// Runs it to its end. Errors: permission (401 with a new token too, 403, a missing right), temporary (patience is over), interrupted
  /// (the statement is cancelled in Snowflake), destination or as error_of() says.
  Result<ResultSet> run(const Statement& statement);
  /// Several statements as one request and one session, in order; ends at the first that fails.
  Result<void> run_all(std::span<const std::string> statements);

 private:
  explicit Client(const SnowflakeSettings& settings, Auth auth);

  struct Attempt;
  HttpResponse send(HttpClient& http, HttpMethod method, const std::string& path, std::string body);
  Result<ResultSet> fetch_rest(Answer answer);
  Result<void> before_next_try(const HttpResponse& response, const Answer& answer, Attempt& attempt);
  Result<void> renew_token(const Answer& answer, Attempt& attempt);
  [[nodiscard]] std::optional<Error> final_error(const HttpResponse& response, const Answer& answer) const;
  Result<void> wait_for_next_try(const HttpResponse& response, const Answer& answer, Attempt& attempt);
  Error interrupted(const std::string& handle);
  [[nodiscard]] std::string body_of(const Statement& statement) const;
  [[nodiscard]] bool is_interrupted() const { return settings_.interrupted != nullptr && *settings_.interrupted != 0; }

  SnowflakeSettings settings_;
  std::string url_;
  Auth auth_;
  HttpClient http_;
  Backoff backoff_;
};

}  // namespace chimplift::snowflake
