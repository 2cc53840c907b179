// What a run is to do, as the command line has worked it out.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "archive/tree.hpp"
#include "base/error.hpp"
#include "mailchimp/account.hpp"
#include "net/proxy.hpp"
#include "run/progress.hpp"
#include "run/retry.hpp"
#include "run/selection.hpp"
#include "run/snowflake_target.hpp"
#include "run/subset.hpp"

namespace chimplift {

/// Records of each table in a test run (design: --is-test).
inline constexpr i64 kTestRecords = 1000;

/// An option of the command line and its value.
using GivenOption = std::pair<std::string, std::string>;

struct Settings {
  std::vector<Account> accounts;
  Selection selection;
  std::shared_ptr<Tree> archive;
  std::optional<std::filesystem::path> duckdb;  // at most one of these two; none: no warehouse
  std::optional<SnowflakeTarget> snowflake = {};
  bool test = false;
  bool private_links = false;         // follow links in bodies to private addresses
  std::optional<Subset> subset = {};  // verify: reads only this part of the bytes
  bool asks_source = false;           // verify: asks Mailchimp for its totals again
  std::string ca_file = {};
  HttpProxies proxies = {};  // of the environment
  // What this run was given, by the command that takes it: so that a command that closes a gap says the same. Never a key.
  std::map<std::string, std::vector<GivenOption>, std::less<>> given = {};
  std::vector<std::string> limited_by = {};  // of these, what keeps the run from being about everything: "--only-steps lists"
  Pace pace = {};
  i64 patience_millis = 600'000;                  // how long Mailchimp may be out of reach before the run ends
  const std::atomic<int>* interrupted = nullptr;  // the signal's number once one came
  Progress* progress = nullptr;

  [[nodiscard]] bool is_interrupted() const { return interrupted != nullptr && *interrupted != 0; }
  /// For loops that may take long. Error: interrupted, once the signal came.
  [[nodiscard]] Result<void> go_on() const {
    if (!is_interrupted()) return {};
    return fail(ErrorKind::interrupted, "interrupted; all that came is kept", "Run the same command again: it goes on where it was.");
  }
};

}  // namespace chimplift
