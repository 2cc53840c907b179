// The commands, each as one function. This is what the command line calls.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sync/certificate.hpp"
#include "sync/settings.hpp"
#include "warehouse/warehouse.hpp"

namespace chimplift {

struct AccountResult {
  std::string account_name;
  std::optional<Error> error;              // what stopped this account
  std::optional<Certificate> certificate;  // where it was verified
  std::optional<PartialReading> partial;   // where only a part was read again
  std::string standing;                    // certificate.json, where a partial verification found no fault and left it as it is
  i64 requests = 0;
  i64 retries = 0;
  i64 records = 0;  // pulled in this run
  i64 rows = 0;     // loaded in this run
  // Where a finished archive was brought up to date: what that did to the tables, as far as the warehouse counts it.
  std::optional<ChangesByTable> changes = {};
};

struct RunResult {
  std::vector<AccountResult> accounts;
  std::optional<Error> error;  // what stopped the run as a whole (the warehouse, an interrupt)
  double seconds = 0;

  /// The worst that happened: nullopt where all went well. Gaps count as ErrorKind::gaps.
  [[nodiscard]] std::optional<ErrorKind> failure() const;
};

/// Pull, load and verify, pages being loaded while others are pulled. Writes each account's certificate.
RunResult sync(const Settings& settings);
RunResult pull_only(const Settings& settings);
RunResult load_only(const Settings& settings);
/// Reads the archive and the warehouse; asks Mailchimp for its totals only where the settings say so. Writes each account's certificate.
RunResult verify_only(const Settings& settings);

/// One line of a plan.
struct PlanLine {
  std::string table;
  std::string step;
  bool excluded = false;
  bool helper = false;      // read for its ids only, because another step needs them
  std::optional<i64> rows;  // nullopt: not known before it is read
  i64 requests = 0;         // at least
};
struct AccountPlan {
  std::string account_name;
  std::optional<Error> error;
  std::vector<PlanLine> lines;
  i64 requests = 0;              // at least
  double latency_seconds = 0;    // median of the requests that the plan made
  double estimated_seconds = 0;  // requests x latency / slots
};
std::vector<AccountPlan> plan(const Settings& settings);

/// What is done, left and missing, from the archive alone.
struct StatusLine {
  std::string table;
  std::string step;
  std::string state;  // "complete", "under way", "not begun", "not permitted", "gone", "incomplete", "excluded"
  i64 units_ended = 0;
  i64 units_open = 0;  // begun and not ended
  i64 records = 0;
  i64 pages = 0;
  std::string inside;  // the table whose records hold this one's, and then only what came beside them is counted here; "" for none
};
struct AccountStatus {
  std::string account_name;
  std::optional<Error> error;
  bool test = false;
  std::string last_page_at;
  std::string verdict;         // of the last certificate; "" where there is none
  std::string verdict_at;      // when that was written
  bool is_current = false;     // nothing came into the archive since
  std::string verify_command;  // what gives a new verdict
  std::vector<StatusLine> lines;
  i64 files = 0;
  i64 file_bytes = 0;
};
std::vector<AccountStatus> status(const Settings& settings);

/// One check of doctor: what was tried, and what came of it.
struct Check {
  std::string account_name;  // "" for checks of the run as a whole
  std::string what;          // "archive", "warehouse", "key", …
  std::optional<Error> error;
  std::string detail;
};
/// Tries just what sync will do: writes and removes a file in the archive, opens the warehouse, asks each account who it is (the one that
/// the archive is of?) and reads one record of each step's first stream.
std::vector<Check> doctor(const Settings& settings);

}  // namespace chimplift
