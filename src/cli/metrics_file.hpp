// A run's numbers in a file, as Prometheus reads them (text format 0.0.4): for node_exporter's textfile collector, or whoever looks.
// Written anew every few seconds under another name and then given its own, so that nobody ever reads half of it.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "run/progress.hpp"
#include "run/settings.hpp"
#include "sync/run_result.hpp"

namespace chimplift {

struct RunName {
  std::string id;       // as in the log's field `run`
  std::string command;  // "sync"
};

/// How a run ended; nullopt while it goes on.
struct RunEnding {
  const RunResult* result = nullptr;
  int exit_code = 0;
};

/// The file's text. Times are seconds since 1970.
std::string metrics_text(const RunName& run, const Progress& progress, i64 started, i64 now, const std::optional<RunEnding>& ending);

class MetricsFile {
 public:
  /// Writes it at once, so that a place that cannot be written to shows before the run begins; nullptr where `file` is empty.
  static Result<std::unique_ptr<MetricsFile>> begin(const std::string& file, const RunName& run, const Progress& progress);
  MetricsFile(const MetricsFile&) = delete;
  MetricsFile& operator=(const MetricsFile&) = delete;
  ~MetricsFile();

  /// The last word, with what came of the run. What goes wrong now is a warning: the run is done.
  void end(const RunResult& result, int exit_code);

 private:
  MetricsFile(std::filesystem::path file, RunName run, const Progress& progress);
  Result<void> write(const std::optional<RunEnding>& ending);
  void keep_writing();
  void stop();

  std::filesystem::path file_;
  RunName run_;
  const Progress* progress_;
  i64 started_;
  std::mutex mutex_;
  std::condition_variable ended_changed_;
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace chimplift
