// A stand-in for Snowflake's SQL API v2 on this machine: strict about what it is asked, true to what the documentation says of answers, and
// able to fail in every way that a network and a service can. It proves what it can of the client; that the real Snowflake takes the SQL,
// it cannot prove.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "standins/setting.hpp"
#include "standins/snowflake_engine.hpp"

namespace snowflake_standin {

/// A request as it came in, before anything was done about it.
struct Asked {
  std::string method;
  std::string path;  // with its query
  std::string sql;   // of a submission
  int number = 0;    // 1 for the first request that this server saw
  bool is_retry = false;
};

/// What becomes of a request.
enum class Fault {
  none,
  cut_before,   // the connection ends, nothing was done
  cut_after,    // it was done, and the connection ends in the answer
  too_many,     // 429
  unavailable,  // 503
  gateway,      // 504, and it was done
  unauthorized,
  forbidden,  // a network policy
  not_found,  // there is no such account: a page, and no word of Snowflake's API
  timed_out,  // 408: the statement took too long and was cancelled
  // From here on it was done, and the answer is 200 and not whole.
  page,          // of something on the way, and no JSON
  too_large,     // 391908: the result is not handed out
  short_result,  // the last row of the partition is not there
};

class Server {
 public:
  Server();
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Listens on a port of its own (or the given one) of 127.0.0.1. What was set up before stands.
  void start(int port = 0);
  void stop();
  [[nodiscard]] std::string url() const;

  Engine& engine() { return engine_; }
  /// `account` and `user` in upper case, as tokens name them; the public key as PEM.
  void add_user(const std::string& account, const std::string& user, const std::string& public_pem);
  /// Another kind of token: "OAUTH" or "PROGRAMMATIC_ACCESS_TOKEN".
  void add_token(const std::string& type, const std::string& token, const std::string& user);

  /// Asked before each request is looked at, on a thread of the server.
  chimplift::standins::Setting<std::function<Fault(const Asked&)>> fault;
  /// Told after a submission was executed, before it is answered.
  chimplift::standins::Setting<std::function<void(const Asked&)>> executed;
  /// Answers of "still running" before a statement that was submitted with async=true is done; it is executed when the last was given.
  int polls = 0;
  /// "Still running" as 429 with code 333334, as real servers were seen to do.
  bool says_429_while_running = false;
  std::size_t rows_per_partition = 1'000;
  /// Does not know earlier requests: executes what comes again with retry=true.
  bool forgets_requests = false;

  [[nodiscard]] int requests() const;
  [[nodiscard]] int cancelled() const;
  /// How many tokens of key pairs came that were not seen before.
  [[nodiscard]] int tokens() const;
  /// What was refused for its form: a client that does everything as documented has none.
  [[nodiscard]] std::vector<std::string> breaches() const;
  /// Executes what still waits, as Snowflake does with statements whose client is dead.
  void run_what_waits();

 private:
  struct Inside;
  Engine engine_;
  std::unique_ptr<Inside> inside_;
};

}  // namespace snowflake_standin
