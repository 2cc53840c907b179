// The commands that move data, in the order in which it flows: pull → archive → load → warehouse, verify beside it.
#include "sync/engine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "archive/layout.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "sync/background_load.hpp"
#include "sync/certificate_files.hpp"
#include "sync/closing_command.hpp"
#include "sync/pull.hpp"
#include "sync/source_check.hpp"
#include "sync/verify.hpp"
#include "warehouse/duckdb_warehouse.hpp"
#include "warehouse/snowflake_warehouse.hpp"

namespace chimplift {
namespace {

std::string now() { return format_utc(system_clock().now_micros()); }

/// A warehouse where the settings name one; nullptr for "none".
Result<std::unique_ptr<Warehouse>> open_warehouse(const Settings& settings) {
  if (settings.snowflake) {
    SnowflakeSettings snowflake = settings.snowflake->snowflake;
    snowflake.interrupted = settings.interrupted;
    TRY_ASSIGN(std::shared_ptr<StageFiles> files, open_stage_files(*settings.snowflake));
    return open_snowflake(snowflake, std::move(files));
  }
  if (!settings.duckdb) return std::unique_ptr<Warehouse>();
  if (settings.duckdb->has_parent_path()) TRY(make_folders(settings.duckdb->parent_path()));
  return open_duckdb({.file = *settings.duckdb});
}

/// From here on another sync of these streams reads them anew instead of going on.
Result<void> note_finished(const Settings& settings, AccountArchive& archive) {
  std::vector<std::string> tables;
  for (const Stream* stream : settings.selection.pulled()) {
    tables.emplace_back(stream->table);
  }
  archive.keep(EventRecord{"finished", tables, now()});
  return archive.flush();
}

/// Both sides of the cross-checks that failed, as refreshes; what is doubtful as a whole in one of them.
std::vector<EventRecord> refreshes_of(const std::set<CrossChecker::Doubt>& doubts) {
  EventRecord whole{"refresh", {}, now()};
  std::vector<EventRecord> events;
  for (const auto& [table, parents] : doubts) {
    if (parents.empty()) {
      whole.streams.push_back(table);
    } else {
      events.push_back({"refresh", {table}, now(), parents});
    }
  }
  if (!whole.streams.empty()) events.push_back(std::move(whole));
  return events;
}

/// Nobody vouches for what another run has put into the archive meanwhile, and the certificate is then that run's to write. Error: busy.
Result<void> is_as_opened(const Settings& settings, const AccountRun& run) {
  TRY_ASSIGN(const std::unique_ptr<AccountArchive> now, AccountArchive::open_to_read(*settings.archive, run.account->name));
  if (now->durable() == run.archive->durable()) return {};
  return fail(ErrorKind::busy, fmt::format("more came into the archive of \"{}\" while it was verified", run.account->name),
              "Verify again when the other run has ended. The certificate was left as it is.");
}

/// Verifies each account that has an archive and writes its certificate. `ends_sync`: notes in the ledger that the run went through; before
/// the certificate, because the ledger is part of the content that the certificate sums up.
void verify_accounts(const Settings& settings, Warehouse* warehouse, bool ends_sync, std::vector<AccountRun>& runs, RunResult& result) {
  settings.progress->phase = 2;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    AccountRun& run = runs[i];
    if (!run.archive || run.is_settled || settings.is_interrupted()) continue;
    // A run that failed before anything came takes nothing away from what was certified: after the account was closed, for one.
    if (run.error && last_verdict(*run.archive, 0).is_current) continue;
    std::optional<SourceResult> source;
    if (settings.asks_source) {
      // First, because it is what may fail: where it does, what stands is left as it is.
      Result<SourceResult> asked = check_source(settings, *run.account, *run.archive, *run.progress);
      if (!asked) {
        run.error = asked.error();
        continue;
      }
      source = std::move(*asked);
    }
    Verifier verifier(*run.archive, settings.selection, warehouse, settings);
    Result<Certificate> certificate = verifier.run();
    if (!certificate) {
      if (!run.error) run.error = certificate.error();
      continue;
    }
    certificate->limited_by = settings.limited_by;
    run.doubts = refreshes_of(verifier.doubts());
    run.damaged_files = verifier.damaged_files();
    if (source) {
      // What came in since is to be read by any run that comes next, and nothing vouches for it until then.
      for (EventRecord& grown : source->grown) run.archive->keep(std::move(grown));
      if (Result<void> flushed = run.archive->flush(); !flushed && !run.error) run.error = flushed.error();
      add_source(std::move(*source), *certificate);
    } else if (Result<void> same = ends_sync ? Result<void>() : is_as_opened(settings, run); !same) {
      run.error = same.error();
      continue;
    }
    if (run.error) {
      certificate->gaps.insert(
          certificate->gaps.begin(),
          Finding{"", {}, "", run.error->message, closing_command(settings, "sync", {{"account", run.account->name}})});
      if (certificate->verdict != Verdict::test_run) certificate->verdict = Verdict::not_safe;
    }
    const auto note_error = [&run](const Result<void>& done) {
      if (!done && !run.error) run.error = done.error();
    };
    if (certificate->partial) {
      note_error(write_partial_certificate(*run.archive, *certificate));
      result.accounts[i].partial = certificate->partial;
      result.accounts[i].standing = standing_certificate(*run.archive);
      if (!certificate->gaps.empty()) result.accounts[i].certificate = std::move(*certificate);
      continue;
    }
    if (ends_sync && !run.error && certificate->verdict != Verdict::not_safe) note_error(note_finished(settings, *run.archive));
    note_error(write_certificate(settings, *run.archive, verifier.known_sums(), *certificate));
    result.accounts[i].certificate = std::move(*certificate);
  }
}

std::vector<AccountRun> open_archives_to_read(const Settings& settings) {
  return open_each(settings, [&settings](const Account& account) { return AccountArchive::open_to_read(*settings.archive, account.name); });
}

/// For a verification: an account whose source is asked is locked, so that no other run has its ten requests, and what is found goes into
/// its ledger.
std::vector<AccountRun> open_archives_to_verify(const Settings& settings) {
  if (!settings.asks_source) return open_archives_to_read(settings);
  return open_each(settings, [&settings](const Account& account) -> Result<std::unique_ptr<AccountArchive>> {
    TRY_ASSIGN(std::unique_ptr<AccountArchive> archive, AccountArchive::open_to_read(*settings.archive, account.name));
    const bool is_test = archive->about().test;
    archive.reset();
    return AccountArchive::open(*settings.archive, account.name, is_test);
  });
}

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

  /// False where the run cannot go on.
  bool succeeds(const Result<void>& done) {
    if (!done) result.error = done.error();
    return done.has_value();
  }

  /// False where none can be opened, or there is nothing to put into it: then none is made.
  bool has_warehouse() {
    if (std::none_of(accounts.begin(), accounts.end(), [](const AccountRun& account) { return account.archive != nullptr; })) return false;
    Result<std::unique_ptr<Warehouse>> opened = open_warehouse(settings);
    if (!opened) return succeeds(tl::unexpected(opened.error()));
    warehouse = std::move(*opened);
    return true;
  }

  RunResult end() {
    for (std::size_t i = 0; i < accounts.size(); ++i) {
      AccountResult& account = result.accounts[i];
      account.error = accounts[i].error;
      account.requests = accounts[i].progress->requests;
      account.retries = accounts[i].progress->retries;
      account.records = accounts[i].progress->records;
      account.rows = accounts[i].progress->rows_loaded;
      if (accounts[i].was_refresh.value_or(accounts[i].progress->refreshed) && warehouse)
        account.changes = warehouse->changes(account.account_name);
    }
    if (Result<void> going = settings.go_on(); !going && !result.error) result.error = going.error();
    settings.progress->phase = 3;
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
  run.settings.progress->phase = 1;
  return load.finish(run.settings.is_interrupted());
}

/// Where a cross-check failed, the account may only have moved between the two readings: both are to be read once more before that is a
/// gap. What the archive has lost since, Mailchimp may still have. False where no account needs it.
bool begin_second_look(std::vector<AccountRun>& runs) {
  for (AccountRun& run : runs) {
    run.is_settled = run.error || (run.doubts.empty() && run.damaged_files.empty());
    if (run.is_settled) continue;
    std::vector<std::string> tables;
    for (EventRecord& doubt : run.doubts) {
      tables.insert(tables.end(), doubt.streams.begin(), doubt.streams.end());
      run.archive->keep(std::move(doubt));
    }
    run.doubts.clear();
    // What the ledger no longer vouches for is fetched again, or made again.
    for (auto& [record, how] : run.damaged_files) {
      FileRecord lost{record.kind, record.id, "", 0, "", "", record.source_url, record.expected_bytes, "failed", how, now()};
      run.archive->keep(FileToKeep{std::move(lost), std::nullopt, {}});
    }
    const std::string files = std::to_string(run.damaged_files.size());
    run.damaged_files.clear();
    if (Result<void> flushed = run.archive->flush(); !flushed) run.error = flushed.error();
    run.progress->pulled = false;
    run.was_refresh = run.progress->refreshed;
    log_info("Something does not agree or is damaged; it is read once more.",
             {{"account", run.account->name}, {"tables", join(tables, ", ")}, {"files", files}});
  }
  return !std::all_of(runs.begin(), runs.end(), [](const AccountRun& run) { return run.is_settled; });
}

/// The three steps one after the other. Error: what stopped the run as a whole.
Result<void> pull_load_and_verify(Run& run) {
  Result<void> loaded = pull_and_load(run);
  if (!loaded && loaded.error().kind != ErrorKind::archive) return loaded;
  // Beyond this point the tables hold what the archive holds; verify proves it.
  verify_accounts(run.settings, run.warehouse.get(), true, run.accounts, run.result);
  // A page that could not be loaded is damaged: verify has named it, and it can be read once more.
  const bool can_be_mended =
      std::any_of(run.accounts.begin(), run.accounts.end(), [](const AccountRun& account) { return !account.doubts.empty(); });
  return can_be_mended ? Result<void>() : loaded;
}

}  // namespace

RunResult sync(const Settings& settings) {
  Run run(settings, open_archives(settings));
  if (!run.has_warehouse() || !run.succeeds(pull_load_and_verify(run))) return run.end();
  if (!settings.is_interrupted() && begin_second_look(run.accounts)) {
    settings.progress->phase = 0;
    if (!run.succeeds(pull_load_and_verify(run))) return run.end();
  }
  return run.end();
}

RunResult pull_only(const Settings& settings) {
  Run run(settings, open_archives(settings));
  pull(settings, run.accounts, [] {});
  return run.end();
}

RunResult load_only(const Settings& settings) {
  Run run(settings, open_archives_to_read(settings));
  settings.progress->phase = 1;
  if (!run.has_warehouse() || !run.warehouse) return run.end();
  BackgroundLoad load(*run.warehouse, settings, run.accounts);
  run.succeeds(load.finish(false));
  return run.end();
}

RunResult verify_only(const Settings& settings) {
  Run run(settings, open_archives_to_verify(settings));
  if (run.has_warehouse()) verify_accounts(settings, run.warehouse.get(), false, run.accounts, run.result);
  return run.end();
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
    // What a partial verification did not read may be what made the account not safe.
    if (account.partial && verdict_in(account.standing) == name_of(Verdict::not_safe)) kinds.push_back(ErrorKind::gaps);
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
