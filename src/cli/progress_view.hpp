// Shows the progress of a run on stderr, from a thread of its own: on a terminal one block that repaints itself, elsewhere a line for each
// phase and one every 30 seconds. Log lines that come in between find the block gone and the cursor at the start of a line.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "cli/output.hpp"
#include "cli/progress_lines.hpp"

namespace chimplift {

class ProgressView {
 public:
  ProgressView(const Progress& progress, const Output& output, const std::atomic<int>& interrupted);
  ProgressView(const ProgressView&) = delete;
  ProgressView& operator=(const ProgressView&) = delete;
  /// Clears the block and gives the terminal back.
  ~ProgressView();

 private:
  void run();
  Snapshot look();
  void repaint(const Snapshot& snapshot);
  void say(const Snapshot& snapshot) const;
  void clear();
  /// What takes the block off the screen.
  std::string erased();

  const Progress* progress_;
  Output output_;
  const std::atomic<int>* interrupted_;
  i64 started_;
  std::deque<Snapshot> recent_;  // of the last seconds, for rates
  Snapshot first_;

  std::mutex screen_;                // held while the block is painted, and while a log line is written
  std::vector<i64> painted_widths_;  // of the block's lines on the screen

  std::mutex mutex_;
  std::condition_variable ended_changed_;
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace chimplift
