// Settings of the Snowflake warehouse.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "net/http.hpp"
#include "warehouse/snowflake_auth.hpp"
#include "warehouse/snowflake_sql.hpp"

namespace chimplift {

struct SnowflakeSettings {
  SnowflakeLogin login;
  std::function<Result<SnowflakeLogin>()> reload = {};  // asked for after a 401, because keys are replaced while programs run
  std::string url;                                      // "": of the account
  std::string role;                                     // "": the user's own
  std::string warehouse;                                // the virtual warehouse; "": the user's own
  snowflake::Place place;                               // database and schema
  std::string stage;                                    // name of the external stage, in that schema
  /// Tells runs apart that may be at work at the same time. What an earlier run of the same owner left behind is removed at once, what
  /// others left only after two weeks.
  std::string owner = "chimplift";
  std::string ca_file;
  HttpProxies proxies = {};
  i64 patience_millis = 600'000;         // how long Snowflake may be out of reach
  i64 first_pause_millis = 500;          // before the second try; grows
  i64 statement_timeout_seconds = 7200;  // after which Snowflake ends a statement by itself
  const std::atomic<int>* interrupted = nullptr;
};

}  // namespace chimplift
