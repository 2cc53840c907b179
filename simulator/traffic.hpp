// Who asked for what, and how many requests were open at once: the numbers that tests hold against a client's promises.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "simulator/world.hpp"

namespace mailchimp_sim {

struct AccountStats {
  std::string account_name;
  i64 requests = 0;           // to the API, refused ones included
  i64 max_in_flight = 0;      // ever
  double mean_in_flight = 0;  // weighted by time, while at least one was open
  i64 non_get_requests = 0;
  i64 beyond_limit = 0;  // answered 429
  i64 file_requests = 0;
  i64 max_files_in_flight = 0;
  i64 max_together = 0;                       // files and the API
  std::map<std::string, i64> by_path = {};    // path → requests
  std::vector<std::string> request_log = {};  // path and query, if recording is on
};

struct Stats {
  std::vector<AccountStats> accounts = {};
  i64 unknown_key_requests = 0;          // answered 401
  i64 file_requests_with_key = 0;        // an Authorization header that should not have been there
  i64 other_host_requests_with_key = 0;  // under a host name that a redirect gave
  [[nodiscard]] i64 requests() const;
};

class Traffic {
 public:
  Traffic(const World& world, const SimulatorOptions& options);

  /// A request begins. False: it is one too many.
  bool enter(i64 account, const std::string& path, const std::string& target, bool is_get);
  void leave(i64 account);
  void enter_file(i64 account, bool with_key);
  void leave_file(i64 account);
  void count_unknown_key();
  void count_key_on_other_host();
  [[nodiscard]] Stats stats() const;
  void reset();

 private:
  using Clock = std::chrono::steady_clock;
  struct Line {
    AccountStats stats;
    i64 in_flight = 0;
    i64 files_in_flight = 0;
    Clock::time_point since = {};  // of the last change
    double busy_seconds = 0;
    double request_seconds = 0;
    void pass_time();
  };
  const SimulatorOptions& options_;
  mutable std::mutex mutex_;
  std::vector<Line> lines_;
  Stats common_;
};

}  // namespace mailchimp_sim
