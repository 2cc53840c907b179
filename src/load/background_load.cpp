#include "load/background_load.hpp"

#include <fmt/format.h>

#include <exception>

#include "base/log.hpp"

namespace chimplift {
namespace {

/// At once: the pull goes on, and its end, when the run says so itself, may be days away.
void tell(const Error& error) {
  if (error.kind == ErrorKind::interrupted) return;
  log_error("The tables cannot be loaded; what is read is kept in the archive.", {{"reason", error.message}});
}

}  // namespace

BackgroundLoad::BackgroundLoad(Warehouse& warehouse, const Settings& settings, const std::vector<AccountRun>& runs)
    : loader_(warehouse, settings) {
  for (const AccountRun& run : runs) {
    if (run.archive) loader_.add(*run.archive, run.progress);
  }
  thread_ = std::thread([this] { run(); });
}

BackgroundLoad::~BackgroundLoad() { static_cast<void>(finish(true)); }

void BackgroundLoad::wake() {
  {
    const std::lock_guard lock(mutex_);
    awake_ = true;
  }
  changed_.notify_all();
}

Result<void> BackgroundLoad::finish(bool abandon) {
  {
    const std::lock_guard lock(mutex_);
    finishing_ = true;
    abandoned_ = abandoned_ || abandon;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  if (error_) return tl::unexpected(*error_);
  return {};
}

/// An exception is a bug, or memory that is lacking. It ends the run as an error does, and not the program on the spot: what came is kept.
void BackgroundLoad::run() {
  try {
    if (Result<void> done = load(); !done) error_ = done.error();
  } catch (const std::exception& problem) {
    error_ = Error{ErrorKind::internal, fmt::format("the load stopped: {}", problem.what()), {}};
    tell(*error_);
  }
}

Result<void> BackgroundLoad::load() {
  Result<void> done = loader_.prepare();
  bool is_last = false;
  while (done && !is_last) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return awake_ || finishing_; });
      awake_ = false;
      if (abandoned_) return loader_.flush();
      // What came before finish() was called is durable by now, so one more round reads it all.
      is_last = finishing_;
    }
    if (Result<bool> worked = loader_.step(); !worked) done = tl::unexpected(worked.error());
  }
  if (done) done = loader_.commit();
  if (done) return loader_.finish();
  tell(done.error());
  return done;
}

}  // namespace chimplift
