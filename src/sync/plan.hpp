// The command `plan`: what a sync would read, from totals and from the lists that others hang below.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "run/settings.hpp"

namespace chimplift {

/// One line of a plan.
struct PlanLine {
  std::string table;
  std::string step;
  bool excluded = false;
  bool helper = false;      // read for its ids only, because another step needs them
  std::optional<i64> rows;  // nullopt: not known before it is read
  i64 requests = 0;         // at least
  std::string reason = {};  // why it cannot be read, or not all of it: "403 Forbidden: …"; "" where nothing stands against it
};
struct AccountPlan {
  std::string account_name;
  std::optional<Error> error;
  std::vector<PlanLine> lines;
  i64 requests = 0;              // at least
  double latency_seconds = 0;    // median of the requests that the plan made
  double estimated_seconds = 0;  // requests x latency / slots
};
/// Of each account; what may not be read is named in its lines, and is no error. The error of an account, for which there are no lines
/// then: busy; usage, where its key opens another account than the archive's; that of a request that failed otherwise.
std::vector<AccountPlan> plan(const Settings& settings);

}  // namespace chimplift
