// What the progress block says, as lines: a function of numbers alone, so that tests need no terminal and no clock.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/types.hpp"
#include "cli/screen_text.hpp"
#include "run/progress.hpp"

namespace chimplift {

struct AccountSnapshot {
  std::string name;
  i64 requests = 0, in_flight = 0, retries = 0, records = 0, bytes = 0, rows = 0;
  i64 units_known = 0, units_ended = 0, files_known = 0, files_ended = 0;
  bool pulled = false;
  std::string step, trouble;
  double requests_per_second = 0, rows_per_second = 0;
  std::optional<double> seconds_left;

  [[nodiscard]] i64 known() const { return units_known + files_known; }
  [[nodiscard]] i64 ended() const { return units_ended + files_ended; }
};

struct Snapshot {
  std::vector<AccountSnapshot> accounts;
  RunPhase phase = RunPhase::pull;
  double seconds = 0;
  bool stopping = false;
};

/// "Reading Mailchimp", …
std::string phase_name(RunPhase phase);

/// Reads the numbers; `earlier` is a snapshot of some seconds ago and `first` the run's first, for rates and the time left.
Snapshot take_snapshot(const Progress& progress, double seconds, const Snapshot* earlier, const Snapshot* first);

/// At most `most_lines` lines of at most `width` columns, without line breaks.
std::vector<std::string> progress_lines(const Snapshot& snapshot, i64 width, i64 most_lines, const Paint& paint);

}  // namespace chimplift
