// Loads on a thread of its own while the pull goes on.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "load/load.hpp"
#include "run/account_run.hpp"

namespace chimplift {

class BackgroundLoad {
 public:
  /// Begins to load what the archives of these accounts hold.
  BackgroundLoad(Warehouse& warehouse, const Settings& settings, const std::vector<AccountRun>& runs);
  BackgroundLoad(const BackgroundLoad&) = delete;
  BackgroundLoad& operator=(const BackgroundLoad&) = delete;
  ~BackgroundLoad();

  /// There may be more to load. From any thread.
  void wake();
  /// Waits until all that is durable by now is loaded; with `abandon`, only until what is under way has ended.
  Result<void> finish(bool abandon);
  /// Rows of this archive that have been committed. Call after finish().
  [[nodiscard]] i64 rows_of(const AccountArchive& archive) const { return loader_.rows_of(archive); }

 private:
  void run();
  Result<void> load();

  Loader loader_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool awake_ = true;  // an earlier run may have left something to load
  bool finishing_ = false;
  bool abandoned_ = false;
  std::optional<Error> error_;  // the thread's alone until it has ended
  std::thread thread_;
};

}  // namespace chimplift
