// What a run tells of itself while it goes on. The working threads write it, the one that shows progress reads it; none waits.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "base/types.hpp"

namespace chimplift {

/// One account's. Numbers are atomics; the text has a lock.
struct AccountProgress {
  std::string account_name;
  std::atomic<i64> requests = 0;
  std::atomic<i64> in_flight = 0;
  std::atomic<i64> retries = 0;
  std::atomic<i64> records = 0;
  std::atomic<i64> bytes = 0;
  std::atomic<i64> units_known = 0;
  std::atomic<i64> units_ended = 0;
  std::atomic<i64> files_known = 0;
  std::atomic<i64> files_ended = 0;
  std::atomic<i64> rows_loaded = 0;
  std::atomic<bool> pulled = false;
  std::atomic<bool> refreshed = false;  // a finished archive was brought up to date

  void set_trouble(std::string text) {
    const std::lock_guard lock(mutex_);
    trouble_ = std::move(text);
  }
  [[nodiscard]] std::string trouble() const {
    const std::lock_guard lock(mutex_);
    return trouble_;
  }
  void set_step(std::string step) {
    const std::lock_guard lock(mutex_);
    step_ = std::move(step);
  }
  [[nodiscard]] std::string step() const {
    const std::lock_guard lock(mutex_);
    return step_;
  }

 private:
  mutable std::mutex mutex_;
  std::string trouble_;
  std::string step_;
};

/// Which Mailchimp accounts are under way in a run. Two names for one of them would have ten requests each there. Thread-safe.
class TakenAccounts {
 public:
  /// Takes the account with this id for the run's account of this name. Returns the name that another one has taken it for; "" for none.
  std::string take(const std::string& id, const std::string& account_name) {
    const std::lock_guard lock(mutex_);
    const std::string& name = names_.try_emplace(id, account_name).first->second;
    return name == account_name ? std::string() : name;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::string> names_;  // by id
};

/// What a run is at. Their order is that of a run, and their numbers are those of the metrics file: new ones go to the end.
enum class RunPhase {
  pull,    // and load beside it
  load,    // what is left to load
  verify,  // archive and tables
  done,
};

struct Progress {
  std::deque<AccountProgress> accounts;  // a deque: its elements never move
  std::atomic<RunPhase> phase = RunPhase::pull;
  TakenAccounts taken_accounts;
};

}  // namespace chimplift
