// What a run is to do, as the command line has worked it out.
#pragma once

#include <atomic>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "mailchimp/account.hpp"
#include "sync/progress.hpp"
#include "sync/selection.hpp"

namespace chimplift {

/// Mailchimp's own limit is 10 simultaneous connections a user (api-facts 5).
inline constexpr int kSlots = 10;
/// Records of each table in a test run (design: --is-test).
inline constexpr i64 kTestRecords = 1000;

struct Settings {
  std::vector<Account> accounts;
  Selection selection;
  std::filesystem::path archive;
  std::optional<std::filesystem::path> duckdb;  // nullopt: no warehouse
  bool test = false;
  bool private_links = false;  // follow links in bodies to private addresses
  std::string ca_file = {};
  i64 patience_millis = 600'000;                  // how long Mailchimp may be out of reach before the run ends
  const std::atomic<int>* interrupted = nullptr;  // the signal's number once one came
  Progress* progress = nullptr;

  [[nodiscard]] bool is_interrupted() const { return interrupted != nullptr && *interrupted != 0; }
};

}  // namespace chimplift
