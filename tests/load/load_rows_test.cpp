// A run says how many rows it has loaded: those that are in the tables, and not those that went with what was rolled back.
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <thread>

#include "load/load.hpp"
#include "run/account_run.hpp"
#include "sync/in_process.hpp"
#include "warehouse/duckdb_warehouse.hpp"

namespace chimplift::e2e {
namespace {

/// Loads a scene's archive within this process.
struct Load {
  explicit Load(const Scene& scene) {
    settings.accounts = *parse_accounts(scene.simulator.accounts_json(), "the test", scene.simulator.api_base());
    for (const Account& account : settings.accounts) progress.accounts.emplace_back().account_name = account.name;
    settings.selection = *Selection::of({}, {});
    settings.archive = folder_tree(scene.archive);
    settings.progress = &progress;
    settings.interrupted = &signal;
  }
  /// Into tables that are there already, or are made.
  RunResult into(const std::filesystem::path& file) {
    settings.duckdb = file;
    return load_only(settings);
  }
  /// The same, told to end once the first rows have been handed to the warehouse.
  RunResult interrupted_into(const std::filesystem::path& file) {
    std::atomic<bool> is_over = false;
    std::thread watcher([this, &is_over] {
      while (progress.accounts[0].rows_loaded == 0 && !is_over) std::this_thread::yield();
      signal = SIGINT;
    });
    RunResult result = into(file);
    is_over = true;
    watcher.join();
    return result;
  }

  Settings settings;
  Progress progress;
  std::atomic<int> signal = 0;
};

TEST(LoadRows, CountWhenTheyAreCommitted) {
  const Scene scene;
  ASSERT_EQ(scene.run("pull").code, 0);
  const Load load(scene);
  const auto warehouse = open_duckdb({.file = scene.duckdb()});
  ASSERT_TRUE(warehouse) << warehouse.error().message;
  const auto archive = *AccountArchive::open_to_read(*load.settings.archive, scene.account().name);
  AccountProgress progress;
  Loader loader(**warehouse, load.settings);
  loader.add(*archive, &progress);
  ASSERT_TRUE(loader.prepare());
  ASSERT_TRUE(loader.step());
  EXPECT_GT(progress.rows_loaded, 0);
  EXPECT_EQ(loader.rows_of(*archive), 0);
  ASSERT_TRUE(loader.commit());
  EXPECT_EQ(loader.rows_of(*archive), progress.rows_loaded);
}

TEST(LoadRows, OfAnInterruptedLoadAndOfTheOneThatGoesOnAreTogetherAll) {
  const Scene scene;
  ASSERT_EQ(scene.run("pull").code, 0);
  const i64 all = Load(scene).into(scene.folder() / "whole.duckdb").accounts.at(0).rows;
  EXPECT_GT(all, 0);
  const RunResult first = Load(scene).interrupted_into(scene.duckdb());
  const RunResult second = Load(scene).into(scene.duckdb());
  EXPECT_FALSE(second.failure()) << trouble_of(second);
  EXPECT_EQ(first.accounts.at(0).rows + second.accounts.at(0).rows, all);
}

}  // namespace
}  // namespace chimplift::e2e
