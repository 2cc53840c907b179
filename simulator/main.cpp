// mailchimp-sim: the simulator as a program. One line on stdout tells where it listens; it ends by itself.
#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <thread>

#include "simulator/query.hpp"
#include "simulator/simulator.hpp"
#include "simulator/truth.hpp"

namespace {

volatile std::sig_atomic_t g_stop = 0;

/// "kind[:path_contains[:times]]"
mailchimp_sim::Fault parse_fault(const std::string& text) {
  mailchimp_sim::Fault fault;
  const std::size_t first = text.find(':');
  fault.kind = text.substr(0, first);
  if (first == std::string::npos) return fault;
  const std::size_t second = text.find(':', first + 1);
  fault.path_contains = text.substr(first + 1, second == std::string::npos ? second : second - first - 1);
  if (second == std::string::npos) return fault;
  fault.times = std::stoi(text.substr(second + 1));
  const std::size_t third = text.find(':', second + 1);
  if (third != std::string::npos) fault.param = std::stoll(text.substr(third + 1));
  return fault;
}

/// The file holds keys: nobody else may read it, from its first byte on.
void write_private(const std::string& path, const std::string& text) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) throw std::runtime_error("cannot write " + path);
  const bool written = fchmod(file, 0600) == 0 && write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (close(file) != 0 || !written) throw std::runtime_error("cannot write " + path);
}

}  // namespace

int main(int argc, char** argv) {
  mailchimp_sim::SimulatorOptions options;
  std::string accounts_file;
  std::string truth_dir;
  std::vector<std::string> faults;
  std::optional<mailchimp_sim::u64> drift;
  int drift_changes = 100;
  double exit_after = 3600;
  bool exit_with_parent = false;
  CLI::App app{"A server on loopback that behaves as Mailchimp's Marketing API 3.0 does, with made-up accounts."};
  app.add_option("--port", options.port, "0: any free one");
  app.add_option("--seed", options.seed, "The same seed and scale give the same accounts");
  app.add_option("--scale", options.scale, "1: about 3,000 members and 40 campaigns an account")->check(CLI::PositiveNumber);
  app.add_option("--accounts", options.accounts, "How many")->check(CLI::Range(1, 1000));
  app.add_option("--latency-ms", options.latency_ms, "Added to each answer")->check(CLI::NonNegativeNumber);
  app.add_option("--accounts-file", accounts_file, "Write names and keys to this file");
  app.add_option("--truth-dir", truth_dir, "Write what the tables must hold to this folder");
  app.add_option("--fault", faults, "kind[:path_contains[:times[:param]]]; may be repeated");
  app.add_option("--drift", drift,
                 "Seed of rows that come, change, move and go while their collections are read; --truth-dir tells of the time before");
  app.add_option("--drift-changes", drift_changes, "How many, with --drift")->check(CLI::NonNegativeNumber);
  app.add_option("--most-rows", options.most_rows, "On a page, whatever is asked for; 0: as Mailchimp")->check(CLI::NonNegativeNumber);
  app.add_option("--exit-after", exit_after, "Seconds");
  app.add_flag("--exit-with-parent", exit_with_parent, "End when the process that started it ends");
  app.add_flag("--files-on-other-port", options.files_on_other_port, "Serve files from an origin of their own");
  app.add_flag("--hostile-links", options.hostile_links, "One campaign links private addresses");
  app.add_flag("--record-requests", options.record_requests, "Keep each request's path and query for /_sim/stats");
  CLI11_PARSE(app, argc, argv);

  std::signal(SIGTERM, [](int) { g_stop = 1; });
  std::signal(SIGINT, [](int) { g_stop = 1; });
  std::signal(SIGPIPE, SIG_IGN);
  const pid_t parent = getppid();
  try {
    mailchimp_sim::Simulator simulator(options);
    for (const std::string& fault : faults) simulator.plant(parse_fault(fault));
    if (drift) simulator.plant_drift({.seed = *drift, .changes = drift_changes});
    if (!accounts_file.empty()) write_private(accounts_file, simulator.accounts_json());
    if (!truth_dir.empty()) mailchimp_sim::write_truth(simulator.world(), truth_dir);
    simulator.start();
    fmt::print("listening on {}\n", simulator.api_base());
    std::fflush(stdout);
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(exit_after);
    while (g_stop == 0 && std::chrono::steady_clock::now() < end && !(exit_with_parent && getppid() != parent))
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    simulator.stop();
  } catch (const std::exception& error) {
    fmt::print(stderr, "mailchimp-sim: {}\n", error.what());
    return 1;
  }
  return 0;
}
