// The real program against the simulator: a place of its own, an account or two, and the program as a subprocess.
#pragma once

#include <nlohmann/json.hpp>
#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "simulator/simulator.hpp"

namespace chimplift::e2e {

using Words = std::vector<std::string>;
using Json = nlohmann::json;
using mailchimp_sim::SimulatorOptions;

/// How a program ended. `code` is 128 and the signal's number where a signal ended it, or where it says so itself: `signalled` tells which.
struct Ended {
  int code = -1;
  std::string out;
  std::string err;
  bool signalled = false;
  [[nodiscard]] std::string all() const { return out + err; }
};

/// A program that runs. Dies with its owner.
class Process {
 public:
  /// The environment is the test's own, without settings of the program's and AWS's; `more` ("NAME=value") is added, or takes the place of
  /// what has its name.
  Process(const Words& command, const std::filesystem::path& folder, const Words& more = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  void send(int signal) const;
  /// False: it still runs after that time.
  bool ended_within(std::chrono::milliseconds time);
  Ended wait();

 private:
  bool reap(bool may_block);
  std::filesystem::path out_, err_;
  pid_t pid_ = -1;
  bool over_ = false;
  int code_ = -1;
  bool signalled_ = false;
};

/// A folder that is gone afterwards.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A running simulator with its accounts file, and an archive to be.
class Scene {
 public:
  explicit Scene(const SimulatorOptions& options = small());
  /// One account, small enough that each test may have its own, and nothing that stands in the way of "safe to close".
  static SimulatorOptions small();
  /// Smaller than small: a run of it is a matter of a few hundred requests.
  static SimulatorOptions very_small();

  [[nodiscard]] std::filesystem::path accounts_file() const { return scratch_.path() / "accounts.json"; }
  [[nodiscard]] std::filesystem::path folder() const { return scratch_.path(); }
  [[nodiscard]] std::filesystem::path account_folder(std::size_t account = 0) const;
  [[nodiscard]] std::filesystem::path duckdb() const { return archive / "mailchimp.duckdb"; }
  [[nodiscard]] const mailchimp_sim::Account& account(std::size_t at = 0) const { return *simulator.world().accounts().at(at); }
  [[nodiscard]] mailchimp_sim::AccountStats stats(std::size_t account = 0) const { return simulator.stats().accounts.at(account); }

  /// The program's words: the command, the accounts, the simulator's address, the archive, and `more`.
  [[nodiscard]] Words command(const std::string& name, const Words& more = {}) const;
  Ended run(const std::string& name, const Words& more = {}, const Words& environment = {}) const;
  Ended sync(const Words& more = {}) const { return run("sync", more); }
  /// Kills the command with signal 9 after that time, unless it ended before.
  void kill_after(const std::string& name, std::chrono::milliseconds time) const;
  /// Sends the signal once the simulator has answered so many requests more.
  Ended signal_after(const std::string& name, i64 requests, int signal, const Words& more = {}) const;

  [[nodiscard]] Json certificate(std::size_t account = 0) const;

 private:
  Scratch scratch_;

 public:
  mailchimp_sim::Simulator simulator;
  std::filesystem::path archive;
};

/// Lets an account's first `after` requests pass and holds the others until it is opened: a run is surely under way meanwhile, however
/// slow the machine. Stands behind its scene, which cannot end while something is held.
class Hold {
 public:
  Hold(Scene& scene, i64 after);
  ~Hold() { open(); }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;
  /// Waits until the program is held. False: it ended before.
  bool holds(Process& process) const;
  void open();

 private:
  struct State {
    std::atomic<bool> is_reached = false;
    std::atomic<bool> is_open = false;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();  // the simulator's too
};

/// "stream parent file": what a certificate's gap or exception is about, without its wording. Sorted.
Words findings(const Json& list);
/// "reason" of each, joined.
std::string reasons(const Json& list);

std::string read_text(const std::filesystem::path& file);
void write_text(const std::filesystem::path& file, const std::string& text);
/// All files below a folder, sorted.
std::vector<std::filesystem::path> files_below(const std::filesystem::path& folder);

/// Random, from CHIMPLIFT_TEST_SEED or a new seed; tells the seed where a test fails.
class Chance {
 public:
  Chance();
  i64 between(i64 low, i64 high) { return std::uniform_int_distribution<i64>(low, high)(engine_); }
  [[nodiscard]] std::string seed() const { return "CHIMPLIFT_TEST_SEED=" + std::to_string(seed_); }

 private:
  mailchimp_sim::u64 seed_;
  std::mt19937_64 engine_;
};

/// How often a thing that takes long is to be done: `many` where CHIMPLIFT_TORTURE is set.
int times(int few, int many);

}  // namespace chimplift::e2e
