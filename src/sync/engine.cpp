// The commands that move data, in the order in which it flows: pull → archive → load → warehouse, verify beside it.
#include "sync/engine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "sync/load.hpp"
#include "sync/pull.hpp"
#include "sync/verify.hpp"
#include "warehouse/duckdb_warehouse.hpp"

namespace chimplift {
namespace {

/// A warehouse where the settings name one; nullptr for "none".
Result<std::unique_ptr<Warehouse>> open_warehouse(const Settings& settings) {
  if (!settings.duckdb) return std::unique_ptr<Warehouse>();
  if (settings.duckdb->has_parent_path()) TRY(make_folders(settings.duckdb->parent_path()));
  return open_duckdb({.file = *settings.duckdb});
}

/// Loads on a thread of its own while the pull goes on.
class BackgroundLoad {
 public:
  BackgroundLoad(Warehouse& warehouse, const Settings& settings, const std::vector<AccountRun>& runs)
      : loader_(warehouse, settings.selection) {
    for (const AccountRun& run : runs) {
      if (run.archive) loader_.add(*run.archive, run.progress);
    }
    thread_ = std::thread([this] { run(); });
  }
  BackgroundLoad(const BackgroundLoad&) = delete;
  BackgroundLoad& operator=(const BackgroundLoad&) = delete;
  ~BackgroundLoad() { (void)finish(true); }

  /// There may be more to load.
  void wake() {
    {
      const std::lock_guard lock(mutex_);
      awake_ = true;
    }
    changed_.notify_all();
  }

  /// Waits until all that is durable is loaded; with `abandon`, only until what is under way has ended.
  Result<void> finish(bool abandon) {
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

 private:
  void run() {
    Result<void> prepared = loader_.prepare();
    if (!prepared) error_ = prepared.error();
    while (!error_) {
      bool last = false;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return awake_ || finishing_; });
        awake_ = false;
        if (abandoned_) return;
        last = finishing_;
      }
      Result<bool> worked = loader_.step();
      if (!worked) error_ = worked.error();
      // What came before finish() was called is durable by now, so a last round reads it all.
      if (last) break;
    }
    if (error_) return;
    if (Result<void> committed = loader_.commit(); !committed) error_ = committed.error();
  }

  Loader loader_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool awake_ = true;  // an earlier run may have left something to load
  bool finishing_ = false;
  bool abandoned_ = false;
  std::optional<Error> error_;
  std::thread thread_;
};

Error interrupted() {
  return {ErrorKind::interrupted, "interrupted; all that came is kept", "Run the same command again: it goes on where it was."};
}

Result<void> write_certificate(const AccountArchive& archive, const Certificate& certificate) {
  return write_file(archive.layout().certificate(), to_json(certificate));
}

/// Verifies each account that has an archive, writes its certificate, and notes in the ledger that the run went through.
void verify_accounts(const Settings& settings, Warehouse* warehouse, std::vector<AccountRun>& runs, RunResult& result) {
  settings.progress->phase = 2;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    AccountRun& run = runs[i];
    if (!run.archive || settings.is_interrupted()) continue;
    Result<Certificate> certificate = Verifier(*run.archive, settings.selection, warehouse, settings).run();
    if (!certificate) {
      if (!run.error) run.error = certificate.error();
      continue;
    }
    if (run.error) {
      certificate->gaps.insert(certificate->gaps.begin(),
                               Finding{"", {}, "", run.error->message, fmt::format("chimplift sync --account \"{}\"", run.account->name)});
      if (certificate->verdict != Verdict::test_run) certificate->verdict = Verdict::not_safe;
    }
    if (Result<void> written = write_certificate(*run.archive, *certificate); !written && !run.error) run.error = written.error();
    result.accounts[i].certificate = std::move(*certificate);
  }
}

/// From here on another sync of these streams reads them anew instead of going on.
void note_finished(const Settings& settings, std::vector<AccountRun>& runs, const RunResult& result) {
  std::vector<std::string> tables;
  for (const Stream* stream : settings.selection.pulled()) {
    if (settings.selection.has(*stream)) tables.emplace_back(stream->table);
  }
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const std::optional<Certificate>& certificate = result.accounts[i].certificate;
    if (!certificate || runs[i].error || certificate->verdict == Verdict::not_safe) continue;
    runs[i].archive->keep(EventRecord{"finished", tables, format_utc(system_clock().now_micros())});
    if (Result<void> flushed = runs[i].archive->flush(); !flushed) runs[i].error = flushed.error();
  }
}

RunResult begin_result(const Settings& settings) {
  RunResult result;
  for (const Account& account : settings.accounts)
    result.accounts.push_back({.account_name = account.name, .error = {}, .certificate = {}});
  return result;
}

void end_result(const Settings& settings, const std::vector<AccountRun>& runs, i64 started, RunResult& result) {
  for (std::size_t i = 0; i < runs.size(); ++i) {
    AccountResult& account = result.accounts[i];
    account.error = runs[i].error;
    account.requests = runs[i].progress->requests;
    account.retries = runs[i].progress->retries;
    account.records = runs[i].progress->records;
    account.rows = runs[i].progress->rows_loaded;
  }
  if (!result.error && settings.is_interrupted()) result.error = interrupted();
  settings.progress->phase = 3;
  result.seconds = static_cast<double>(system_clock().steady_millis() - started) / 1000;
}

std::vector<AccountRun> open_archives_to_read(const Settings& settings) {
  std::vector<AccountRun> runs;
  for (const Account& account : settings.accounts) {
    AccountRun run;
    run.account = &account;
    run.progress = &settings.progress->accounts.at(runs.size());
    Result<std::unique_ptr<AccountArchive>> archive = AccountArchive::open_to_read(settings.archive, account.name);
    if (archive) {
      run.archive = std::move(*archive);
    } else {
      run.error = archive.error();
    }
    runs.push_back(std::move(run));
  }
  return runs;
}

}  // namespace

RunResult sync(const Settings& settings) {
  const i64 started = system_clock().steady_millis();
  RunResult result = begin_result(settings);
  std::vector<AccountRun> runs = open_archives(settings);
  Result<std::unique_ptr<Warehouse>> warehouse = open_warehouse(settings);
  if (!warehouse) {
    result.error = warehouse.error();
    end_result(settings, runs, started, result);
    return result;
  }

  // Pages are loaded while others are still being pulled.
  Result<void> loaded;
  {
    std::optional<BackgroundLoad> load;
    if (*warehouse) load.emplace(**warehouse, settings, runs);
    pull(settings, runs, [&load] {
      if (load) load->wake();
    });
    // Beyond this point nothing is asked of Mailchimp, and every page that came is durable.
    settings.progress->phase = 1;
    if (load) loaded = load->finish(settings.is_interrupted());
  }
  if (!loaded) {
    result.error = loaded.error();
    end_result(settings, runs, started, result);
    return result;
  }

  // Beyond this point the tables hold what the archive holds; verify proves it.
  verify_accounts(settings, warehouse->get(), runs, result);
  if (!settings.is_interrupted()) note_finished(settings, runs, result);
  end_result(settings, runs, started, result);
  return result;
}

RunResult pull_only(const Settings& settings) {
  const i64 started = system_clock().steady_millis();
  RunResult result = begin_result(settings);
  std::vector<AccountRun> runs = open_archives(settings);
  pull(settings, runs, [] {});
  end_result(settings, runs, started, result);
  return result;
}

RunResult load_only(const Settings& settings) {
  const i64 started = system_clock().steady_millis();
  RunResult result = begin_result(settings);
  std::vector<AccountRun> runs = open_archives_to_read(settings);
  settings.progress->phase = 1;
  Result<std::unique_ptr<Warehouse>> warehouse = open_warehouse(settings);
  if (!warehouse) {
    result.error = warehouse.error();
  } else if (*warehouse) {
    BackgroundLoad load(**warehouse, settings, runs);
    if (Result<void> loaded = load.finish(false); !loaded) result.error = loaded.error();
  }
  end_result(settings, runs, started, result);
  return result;
}

RunResult verify_only(const Settings& settings) {
  const i64 started = system_clock().steady_millis();
  RunResult result = begin_result(settings);
  std::vector<AccountRun> runs = open_archives_to_read(settings);
  Result<std::unique_ptr<Warehouse>> warehouse = open_warehouse(settings);
  if (!warehouse) {
    result.error = warehouse.error();
  } else {
    verify_accounts(settings, warehouse->get(), runs, result);
  }
  end_result(settings, runs, started, result);
  return result;
}

std::optional<ErrorKind> RunResult::failure() const {
  // The first of these that occurred says how the run ended: what somebody has to do something about stands before what only has to be
  // tried again.
  static constexpr std::array kWorstFirst = {ErrorKind::interrupted, ErrorKind::internal, ErrorKind::archive, ErrorKind::destination,
                                             ErrorKind::permission,  ErrorKind::usage,    ErrorKind::blocked, ErrorKind::busy,
                                             ErrorKind::temporary,   ErrorKind::gaps};
  std::vector<ErrorKind> kinds;
  if (error) kinds.push_back(error->kind);
  for (const AccountResult& account : accounts) {
    if (account.error) kinds.push_back(account.error->kind);
    if (account.certificate) {
      if (const std::optional<ErrorKind> kind = failure_of(*account.certificate)) kinds.push_back(*kind);
    }
  }
  for (const ErrorKind kind : kWorstFirst) {
    if (std::find(kinds.begin(), kinds.end(), kind) != kinds.end()) return kind;
  }
  return std::nullopt;
}

}  // namespace chimplift
