#include "cli/progress_view.hpp"

#include <fmt/format.h>

#include <chrono>
#include <optional>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace chimplift {
namespace {

using namespace std::chrono_literals;

constexpr auto kFrame = 100ms;
constexpr double kSecondsBetweenLines = 30;
constexpr double kRateSeconds = 5;

// The log's hooks are plain functions; there is one view at a time.
std::atomic<ProgressView*> g_view = nullptr;

}  // namespace

ProgressView::ProgressView(const Progress& progress, const Output& output, const std::atomic<int>& interrupted)
    : progress_(&progress), output_(output), interrupted_(&interrupted), started_(system_clock().steady_millis()) {
  if (output_.quiet) return;
  if (output_.repaint) {
    g_view = this;
    set_log_hooks(
        [] {
          g_view.load()->screen_.lock();
          g_view.load()->clear();
        },
        [] { g_view.load()->screen_.unlock(); });
  }
  thread_ = std::thread([this] {
    try {
      run();
    } catch (...) {  // out of memory, perhaps: the run goes on without being shown
    }
  });
}

ProgressView::~ProgressView() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  ended_changed_.notify_all();
  thread_.join();
  if (!output_.repaint) return;
  set_log_hooks(nullptr, nullptr);
  const std::lock_guard lock(screen_);
  clear();
}

void ProgressView::run() {
  std::optional<RunPhase> said_phase;
  double said_at = 0;
  std::unique_lock lock(mutex_);
  while (!ended_) {
    const Snapshot snapshot = look();
    if (output_.repaint) {
      repaint(snapshot);
    } else if (snapshot.phase != said_phase || snapshot.seconds - said_at >= kSecondsBetweenLines) {
      said_phase = snapshot.phase;
      said_at = snapshot.seconds;
      say(snapshot);
    }
    ended_changed_.wait_for(lock, kFrame, [this] { return ended_; });
  }
}

Snapshot ProgressView::look() {
  const double seconds = static_cast<double>(system_clock().steady_millis() - started_) / 1000;
  const bool is_first = recent_.empty();
  Snapshot now = take_snapshot(*progress_, seconds, is_first ? nullptr : &recent_.front(), is_first ? nullptr : &first_);
  now.stopping = *interrupted_ != 0;
  // The pace is measured from the moment at which it is known what there is to do: an archive's own past is read first.
  bool is_known = false;
  for (const AccountSnapshot& account : first_.accounts) is_known = is_known || account.units_known > 0;
  if (!is_known) first_ = now;
  recent_.push_back(now);
  while (recent_.size() > 1 && recent_.front().seconds < seconds - kRateSeconds) recent_.pop_front();
  return now;
}

void ProgressView::repaint(const Snapshot& snapshot) {
  const std::lock_guard lock(screen_);
  // Asked anew for each frame, so that a window that was made smaller or larger needs no signal.
  const ScreenSize size = screen_size();
  // One column is left free: a line that fills the last one makes some terminals wrap. One line is: the cursor stands there.
  const std::vector<std::string> lines = progress_lines(snapshot, size.columns - 1, size.lines - 1, output_.err);
  // In one write with what it replaces: no eye sees the gap.
  std::string frame = erased();
  for (const std::string& line : lines) {
    frame += line + "\n";
    painted_widths_.push_back(width_of(line));
  }
  write_to_stderr(frame);
}

void ProgressView::clear() { write_to_stderr(erased()); }

std::string ProgressView::erased() {
  if (painted_widths_.empty()) return {};
  // A window that became narrower has folded the lines since: the block takes more of them than were painted.
  const i64 columns = screen_size().columns;
  i64 lines = 0;
  for (const i64 width : painted_widths_) lines += std::max<i64>(1, (width + columns - 1) / columns);
  painted_widths_.clear();
  // Line by line: where the block begins on the first line, tmux takes "erase what is below" for a cleared screen, and keeps each frame in
  // its history.
  std::string text = fmt::format("\x1b[{}A\r", lines);
  for (i64 i = 0; i < lines; ++i) text += "\x1b[2K\x1b[1B";
  return text + fmt::format("\x1b[{}A", lines);
}

void ProgressView::say(const Snapshot& snapshot) const {
  AccountSnapshot all;
  for (const AccountSnapshot& account : snapshot.accounts) {
    all.units_ended += account.units_ended;
    all.units_known += account.units_known;
    all.files_ended += account.files_ended;
    all.files_known += account.files_known;
    all.records += account.records;
    all.rows += account.rows;
    all.requests += account.requests;
    all.in_flight += account.in_flight;
    all.requests_per_second += account.requests_per_second;
    if (account.seconds_left) all.seconds_left = std::max(all.seconds_left.value_or(0), *account.seconds_left);
    if (!account.trouble.empty()) all.trouble = account.name + ": " + account.trouble;
  }
  const std::string event = phase_name(snapshot.phase) + ".";
  const std::string accounts = fmt::format("{}", snapshot.accounts.size());
  const bool is_read_and_loaded = snapshot.phase == RunPhase::verify || snapshot.phase == RunPhase::done;
  if (is_read_and_loaded || (all.units_known == 0 && all.rows == 0)) {
    log_info(event, {{"accounts", accounts}});
  } else if (snapshot.phase == RunPhase::load) {
    log_info(event, {{"accounts", accounts}, {"records", fmt::format("{}", all.records)}, {"rows", fmt::format("{}", all.rows)}});
  } else {
    log_info(event, {{"accounts", accounts},
                     {"collections", fmt::format("{}/{}", all.units_ended, all.units_known)},
                     {"records", fmt::format("{}", all.records)},
                     {"rows", fmt::format("{}", all.rows)},
                     {"files", fmt::format("{}/{}", all.files_ended, all.files_known)},
                     {"requests", fmt::format("{}", all.requests)},
                     {"in_flight", fmt::format("{}", all.in_flight)},
                     {"requests_per_second", fmt::format("{:.1f}", all.requests_per_second)},
                     {"left", all.seconds_left ? format_duration(*all.seconds_left) : "unknown"},
                     {"last_trouble", all.trouble.empty() ? "none" : all.trouble}});
  }
}

}  // namespace chimplift
