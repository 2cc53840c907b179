#include "cli/progress_lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "base/text.hpp"
#include "run/settings.hpp"

namespace chimplift {
namespace {

// With more accounts than this each has one line.
constexpr std::size_t kMostDetailed = 3;
constexpr i64 kMostLines = 12;
constexpr i64 kBar = 24;
constexpr i64 kShortBar = 12;
constexpr i64 kMostName = 24;
constexpr i64 kLeft = 16;  // "59 min 59 s left"

/// Before this much is known, a time left would be a guess.
constexpr double kSecondsBeforeEstimate = 3;
constexpr i64 kEndedBeforeEstimate = 20;

std::string bar(const AccountSnapshot& account, i64 width, const Paint& paint) {
  const i64 known = account.known();
  const i64 filled = account.pulled ? width : known == 0 ? 0 : std::clamp<i64>(account.ended() * width / known, 0, width);
  std::string done, left;
  for (i64 i = 0; i < width; ++i) (i < filled ? done : left) += i < filled ? "━" : "─";
  return (done.empty() ? "" : paint.green(done)) + (left.empty() ? "" : paint.dim(left));
}

std::string rate(double per_second) {
  return per_second >= 10 || per_second == 0 ? format_count(std::llround(per_second)) : fmt::format("{:.1f}", per_second);
}

/// Seconds are not promised one by one: an estimate is not that good.
std::string time_left(const AccountSnapshot& account) {
  if (!account.seconds_left) return "—";
  return *account.seconds_left < 10 ? std::string("under 10 s") : format_duration(*account.seconds_left);
}

std::string counts(const AccountSnapshot& account) {
  std::vector<std::string> parts;
  if (account.units_known > 0)
    parts.push_back(fmt::format("{}/{} collections", format_count(account.units_ended), format_count(account.units_known)));
  if (account.records > 0 || account.units_known > 0) parts.push_back(format_count(account.records) + " records");
  parts.push_back(format_count(account.rows) + " rows loaded");
  if (account.files_known > 0)
    parts.push_back(fmt::format("{}/{} files", format_count(account.files_ended), format_count(account.files_known)));
  return join(parts, " · ");
}

std::string pace(const AccountSnapshot& account) {
  if (account.pulled || account.units_known == 0) return fmt::format("{} rows/s", rate(account.rows_per_second));
  std::string text =
      fmt::format("time left {} · {}/{} requests in flight · {} requests/s · {} rows/s · {}", time_left(account), account.in_flight, kSlots,
                  rate(account.requests_per_second), rate(account.rows_per_second), format_bytes(account.bytes));
  if (account.retries > 0) text += fmt::format(" · {} tried again", format_count(account.retries));
  if (!account.step.empty()) text += " · " + account.step;
  return text;
}

void add_detailed(const Snapshot& snapshot, i64 width, i64 name_width, const Paint& paint, std::vector<std::string>& lines) {
  for (const AccountSnapshot& account : snapshot.accounts) {
    const std::string name = pad_right(cut(shown(account.name), name_width), name_width);
    const bool has_bar = width >= name_width + kBar + 50;
    lines.push_back(paint.bold(name) + "  " + (has_bar && account.units_known > 0 ? bar(account, kBar, paint) + "  " : "") +
                    counts(account));
    lines.push_back("  " + pace(account));
    if (!account.trouble.empty()) lines.push_back("  " + paint.yellow("last trouble: ") + shown(redact(account.trouble)));
  }
}

void add_compact(const Snapshot& snapshot, i64 most, i64 name_width, const Paint& paint, std::vector<std::string>& lines) {
  const bool all_fit = static_cast<i64>(snapshot.accounts.size()) <= most;
  // Where there are too many, the ones that are still being read come first; who is done needs no watching.
  std::vector<const AccountSnapshot*> order;
  for (const bool pulled : {false, true}) {
    for (const AccountSnapshot& account : snapshot.accounts) {
      if (all_fit ? !pulled : account.pulled == pulled) order.push_back(&account);
    }
  }
  const std::size_t count = all_fit ? order.size() : static_cast<std::size_t>(std::max<i64>(0, most - 1));
  for (std::size_t i = 0; i < count; ++i) {
    const AccountSnapshot& account = *order[i];
    const std::string name = pad_right(cut(shown(account.name), name_width), name_width);
    const bool is_read = !account.pulled && account.units_known > 0;
    const std::string left = is_read ? time_left(account) + " left" : "";
    std::string line = fmt::format("{}  {}  {}  {:>9} records  {:>9} rows", paint.bold(name), bar(account, kShortBar, paint),
                                   pad_left(left, kLeft), format_count(account.records), format_count(account.rows));
    if (is_read) line += fmt::format("  {:>2}/{} in flight", account.in_flight, kSlots);
    if (!account.trouble.empty()) line += "  " + shown(redact(account.trouble));
    lines.push_back(std::move(line));
  }
  if (!all_fit) {
    const auto pulled = std::count_if(order.begin(), order.end(), [](const AccountSnapshot* account) { return account->pulled; });
    lines.push_back(paint.dim(fmt::format("… and {} more; {} of {} read", order.size() - count, pulled, order.size())));
  }
}

}  // namespace

std::string phase_name(RunPhase phase) {
  switch (phase) {
    case RunPhase::pull:
      return "Reading Mailchimp";
    case RunPhase::load:
      return "Loading tables";
    case RunPhase::verify:
      return "Verifying";
    case RunPhase::done:
      return "Done";
  }
  return "Done";
}

Snapshot take_snapshot(const Progress& progress, double seconds, const Snapshot* earlier, const Snapshot* first) {
  Snapshot now;
  now.phase = progress.phase;
  now.seconds = seconds;
  for (const AccountProgress& account : progress.accounts) {
    AccountSnapshot one;
    one.name = account.account_name;
    one.requests = account.requests;
    one.in_flight = account.in_flight;
    one.retries = account.retries;
    one.records = account.records;
    one.bytes = account.bytes;
    one.rows = account.rows_loaded;
    one.units_known = account.units_known;
    one.units_ended = account.units_ended;
    one.files_known = account.files_known;
    one.files_ended = account.files_ended;
    one.pulled = account.pulled;
    one.step = account.step();
    one.trouble = account.trouble();
    const std::size_t index = now.accounts.size();
    if (earlier != nullptr && index < earlier->accounts.size() && seconds > earlier->seconds) {
      const double span = seconds - earlier->seconds;
      one.requests_per_second = static_cast<double>(one.requests - earlier->accounts[index].requests) / span;
      one.rows_per_second = static_cast<double>(one.rows - earlier->accounts[index].rows) / span;
    }
    if (first != nullptr && index < first->accounts.size()) {
      // What an earlier run had ended says nothing of this one's pace.
      const i64 ended = one.ended() - first->accounts[index].ended();
      const double span = seconds - first->seconds;
      if (span >= kSecondsBeforeEstimate && ended >= kEndedBeforeEstimate) {
        one.seconds_left = static_cast<double>(std::max<i64>(0, one.known() - one.ended())) * span / static_cast<double>(ended);
      }
    }
    now.accounts.push_back(std::move(one));
  }
  return now;
}

std::vector<std::string> progress_lines(const Snapshot& snapshot, i64 width, i64 most_lines, const Paint& paint) {
  const i64 most = std::min(most_lines, kMostLines);
  std::vector<std::string> lines;
  if (most <= 0 || width <= 0) return lines;
  const std::string title =
      snapshot.stopping ? "Stopping: what has come is being kept. Ctrl-C again ends at once" : phase_name(snapshot.phase);
  lines.push_back(paint.bold(title) + paint.dim(" · " + format_duration(snapshot.seconds)));
  i64 name_width = 0;
  for (const AccountSnapshot& account : snapshot.accounts) name_width = std::max(name_width, width_of(shown(account.name)));
  name_width = std::min(name_width, std::min(kMostName, std::max<i64>(8, width / 3)));
  if (snapshot.accounts.size() <= kMostDetailed) {
    add_detailed(snapshot, width, name_width, paint, lines);
  } else {
    add_compact(snapshot, most - 1, name_width, paint, lines);
  }
  if (static_cast<i64>(lines.size()) > most) lines.resize(static_cast<std::size_t>(most));
  for (std::string& line : lines) line = cut(line, width);
  return lines;
}

}  // namespace chimplift
