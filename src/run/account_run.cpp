#include "run/account_run.hpp"

#include <fmt/format.h>

#include <functional>

#include "archive/layout.hpp"
#include "base/log.hpp"

namespace chimplift {
namespace {

using Opened = Result<std::unique_ptr<AccountArchive>>;

std::vector<AccountRun> open_each(const Settings& settings, const std::function<Opened(const Account&)>& open) {
  std::vector<AccountRun> runs;
  for (const Account& account : settings.accounts) {
    AccountRun run;
    run.account = &account;
    run.progress = &settings.progress->accounts.at(runs.size());
    Opened archive = open(account);
    if (archive) {
      run.archive = std::move(*archive);
      run.ledger_before = run.archive->durable();
    } else {
      run.error = archive.error();
    }
    runs.push_back(std::move(run));
  }
  return runs;
}

/// What a test run is told to do is not done to an account that was read in full.
tl::unexpected<Error> not_a_test(const Settings& settings, const std::string& name, const std::string& advice) {
  return fail(ErrorKind::usage,
              fmt::format("{} holds account \"{}\" in full: a test run would mix with it", settings.archive->name_of(""), name), advice);
}

/// A test run's leftovers make room for the real run, and a test run never mixes with a real one's pages.
Opened open_to_pull(const Settings& settings, const std::string& name) {
  TRY_ASSIGN(std::unique_ptr<AccountArchive> archive, AccountArchive::open(*settings.archive, name, settings.test));
  if (archive->about().test == settings.test) return archive;
  if (settings.test) return not_a_test(settings, name, "Give the test run an --archive of its own.");
  const std::string aside = safe_name(name) + "~test-" + archive->about().id.substr(0, 8);
  archive.reset();
  TRY(settings.archive->below(safe_name(name))->rename_to(aside));
  log_warning("What a test run had pulled was put aside.", {{"account", name}, {"folder", settings.archive->name_of(aside)}});
  return AccountArchive::open(*settings.archive, name, settings.test);
}

/// Opens for writing what is there, and makes no new archive.
Opened open_alone(const Settings& settings, const std::string& name) {
  TRY_ASSIGN(std::unique_ptr<AccountArchive> archive, open_to_read(settings, name));
  const bool is_test = archive->about().test;
  archive.reset();
  return AccountArchive::open(*settings.archive, name, is_test);
}

}  // namespace

Opened open_to_read(const Settings& settings, const std::string& account_name) {
  TRY_ASSIGN(std::unique_ptr<AccountArchive> archive, AccountArchive::open_to_read(*settings.archive, account_name));
  if (settings.test && !archive->about().test)
    return not_a_test(settings, account_name, "Leave out --is-test, or name the test run's own --archive.");
  return archive;
}

std::vector<AccountRun> open_archives_to_pull(const Settings& settings) {
  return open_each(settings, [&settings](const Account& account) { return open_to_pull(settings, account.name); });
}

std::vector<AccountRun> open_archives_to_read(const Settings& settings) {
  return open_each(settings, [&settings](const Account& account) { return open_to_read(settings, account.name); });
}

std::vector<AccountRun> open_archives_to_verify(const Settings& settings) {
  if (!settings.asks_source) return open_archives_to_read(settings);
  return open_each(settings, [&settings](const Account& account) { return open_alone(settings, account.name); });
}

}  // namespace chimplift
