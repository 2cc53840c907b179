// The commands that move data, in the order in which it flows: pull → archive → load → warehouse, verify beside it.
#include "sync/engine.hpp"

#include <algorithm>

#include "base/clock.hpp"
#include "load/background_load.hpp"
#include "pull/pull.hpp"
#include "sync/open_warehouse.hpp"
#include "sync/pull_gaps.hpp"
#include "sync/second_look.hpp"
#include "sync/verify_account.hpp"

namespace chimplift {
namespace {

/// What every command has around its own work: accounts and a warehouse to work on, and a result to hand out.
struct Run {
  const Settings& settings;
  std::vector<AccountRun> accounts;
  std::unique_ptr<Warehouse> warehouse = nullptr;  // none where the settings name none
  RunResult result = {};
  i64 started = system_clock().steady_millis();

  Run(const Settings& with, std::vector<AccountRun> on) : settings(with), accounts(std::move(on)) {
    for (const AccountRun& account : accounts)
      result.accounts.push_back({.account_name = account.account->name, .error = {}, .certificate = {}, .partial = {}, .standing = {}});
  }

  /// Notes what stops the run as a whole. False where something does.
  bool note(const Result<void>& done) {
    if (!done) result.error = done.error();
    return done.has_value();
  }

  [[nodiscard]] bool has_archive() const {
    return std::any_of(accounts.begin(), accounts.end(), [](const AccountRun& account) { return account.archive != nullptr; });
  }

  /// Opens what the settings name.
  Result<void> open_tables(TablesAre purpose) {
    TRY_ASSIGN(warehouse, open_warehouse(settings, purpose));
    return {};
  }

  /// What the load has committed by now.
  void add_rows(const BackgroundLoad& load) {
    for (std::size_t i = 0; i < accounts.size(); ++i) {
      if (accounts[i].archive) result.accounts[i].rows += load.rows_of(*accounts[i].archive);
    }
  }

  RunResult end() {
    for (std::size_t i = 0; i < accounts.size(); ++i) {
      AccountResult& account = result.accounts[i];
      account.error = accounts[i].error;
      account.requests = accounts[i].progress->requests;
      account.retries = accounts[i].progress->retries;
      account.records = accounts[i].progress->records;
      if (accounts[i].was_refresh.value_or(accounts[i].progress->refreshed) && warehouse)
        account.changes = warehouse->changes(account.account_name);
    }
    if (Result<void> going = settings.go_on(); !going && !result.error) result.error = going.error();
    settings.progress->phase = RunPhase::done;
    result.seconds = static_cast<double>(system_clock().steady_millis() - started) / 1000;
    return std::move(result);
  }
};

/// Pages are loaded while others are still being pulled.
Result<void> pull_and_load(Run& run) {
  if (!run.warehouse) {
    pull(run.settings, run.accounts, [] {});
    return {};
  }
  BackgroundLoad load(*run.warehouse, run.settings, run.accounts);
  pull(run.settings, run.accounts, [&load] { load.wake(); });
  // Beyond this point nothing is asked of Mailchimp, and every page that came is durable.
  run.settings.progress->phase = RunPhase::load;
  Result<void> finished = load.finish(run.settings.is_interrupted());
  run.add_rows(load);
  return finished;
}

Result<void> load_alone(Run& run) {
  BackgroundLoad load(*run.warehouse, run.settings, run.accounts);
  Result<void> finished = load.finish(false);
  run.add_rows(load);
  return finished;
}

/// A pull alone has no certificate that would name them.
void note_gaps(Run& run) {
  for (std::size_t i = 0; i < run.accounts.size(); ++i) {
    AccountRun& account = run.accounts[i];
    if (!account.archive || run.settings.is_interrupted()) continue;
    Result<std::vector<Finding>> gaps = gaps_of_pull(run.settings, account);
    if (gaps) {
      run.result.accounts[i].gaps = std::move(*gaps);
      run.result.accounts[i].is_test = account.archive->about().test;
    } else if (!account.error) {
      account.error = gaps.error();
    }
  }
}

void verify_each(Run& run, VerifyAs as) {
  run.settings.progress->phase = RunPhase::verify;
  for (std::size_t i = 0; i < run.accounts.size(); ++i)
    verify_account(run.settings, run.warehouse.get(), as, run.accounts[i], run.result.accounts[i]);
}

/// The three steps one after the other. Error: what stopped the run as a whole.
Result<void> pull_load_and_verify(Run& run, VerifyAs as) {
  Result<void> loaded = pull_and_load(run);
  if (!loaded && loaded.error().kind != ErrorKind::archive) return loaded;
  // Beyond this point the tables hold what the archive holds; verify proves it.
  // Where not all was loaded, a second look may not come.
  verify_each(run, loaded ? as : VerifyAs::end_of_sync);
  // A page that could not be loaded is damaged: verify has named it, and it can be read once more.
  const bool can_be_mended =
      std::any_of(run.accounts.begin(), run.accounts.end(), [](const AccountRun& account) { return !account.doubts.empty(); });
  return can_be_mended ? Result<void>() : loaded;
}

}  // namespace

RunResult sync(const Settings& settings) {
  Run run(settings, open_archives_to_pull(settings));
  if (!run.has_archive()) return run.end();
  if (!run.note(run.open_tables(TablesAre::filled))) return run.end();
  if (!run.note(pull_load_and_verify(run, VerifyAs::first_look))) return run.end();
  if (settings.is_interrupted()) return run.end();
  if (!begin_second_look(run.accounts)) return run.end();
  settings.progress->phase = RunPhase::pull;
  run.note(pull_load_and_verify(run, VerifyAs::end_of_sync));
  return run.end();
}

RunResult pull_only(const Settings& settings) {
  Run run(settings, open_archives_to_pull(settings));
  pull(settings, run.accounts, [] {});
  note_gaps(run);
  return run.end();
}

RunResult load_only(const Settings& settings) {
  Run run(settings, open_archives_to_read(settings));
  settings.progress->phase = RunPhase::load;
  if (!run.has_archive()) return run.end();
  if (!run.note(run.open_tables(TablesAre::filled))) return run.end();
  if (!run.warehouse) return run.end();
  run.note(load_alone(run));
  return run.end();
}

RunResult verify_only(const Settings& settings) {
  Run run(settings, open_archives_to_verify(settings));
  if (!run.has_archive()) return run.end();
  if (!run.note(run.open_tables(TablesAre::compared))) return run.end();
  verify_each(run, VerifyAs::command);
  return run.end();
}

}  // namespace chimplift
