// A run inside the test's own process, where time can be made short: what takes minutes of waiting in a real run takes a second here. All
// else is the real engine.
#pragma once

#include <gtest/gtest.h>

#include "archive/folder_tree.hpp"
#include "e2e_compare.hpp"
#include "mailchimp/account.hpp"
#include "sync/engine.hpp"

namespace chimplift::e2e {

/// Everything a thousand times sooner, but for what the server itself takes.
inline Pace hurried() {
  Pace pace;
  pace.first_wait_millis = 1;
  pace.longest_wait_millis = 20;
  pace.longest_retry_after_millis = 20;
  pace.reachability_millis = 20;
  pace.server_limit_millis = 120;
  return pace;
}

/// Runs a scene's account into its archive, with its tables if `with_tables`. `shown`: where the run's progress goes, for who wants to see
/// it.
inline RunResult sync_in_process(const Scene& scene, const Pace& pace, bool with_tables, const Words& only_steps = {},
                                 Progress* shown = nullptr) {
  Progress unseen;
  Progress& progress = shown == nullptr ? unseen : *shown;
  Settings settings;
  const Result<std::vector<Account>> accounts = parse_accounts(scene.simulator.accounts_json(), "the test", scene.simulator.api_base());
  EXPECT_TRUE(accounts) << accounts.error().message;
  settings.accounts = *accounts;
  for (const Account& account : settings.accounts) progress.accounts.emplace_back().account_name = account.name;
  settings.selection = *Selection::of({}, only_steps);
  settings.archive = folder_tree(scene.archive);
  if (with_tables) settings.duckdb = scene.duckdb();
  settings.pace = pace;
  settings.progress = &progress;
  return sync(settings);
}

/// "" where the run went well; else what went wrong.
inline std::string trouble_of(const RunResult& result) {
  std::string text;
  if (result.error) text += result.error->message + "; ";
  for (const AccountResult& account : result.accounts) {
    if (account.error) text += account.error->message + "; ";
    if (!account.certificate) continue;
    for (const Finding& gap : account.certificate->gaps) text += gap.stream + ": " + gap.reason + "; ";
  }
  if (const std::optional<ErrorKind> kind = result.failure(); kind && text.empty()) text = "failed";
  return text;
}

}  // namespace chimplift::e2e
