// mailchimp-sim for tests: a server on loopback that behaves as Mailchimp's Marketing API 3.0 does, with accounts made from a seed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "simulator/drift.hpp"
#include "simulator/faults.hpp"
#include "simulator/keys.hpp"
#include "simulator/options.hpp"
#include "simulator/traffic.hpp"
#include "simulator/truth.hpp"
#include "simulator/world.hpp"

namespace mailchimp_sim {

struct AccountCredentials {
  std::string name;
  std::string key;     // 32 hex digits, "-", the server
  std::string server;  // "us12"
};

class Simulator {
 public:
  explicit Simulator(SimulatorOptions options);
  ~Simulator();
  void start();
  void stop();
  [[nodiscard]] int port() const;
  /// "http://127.0.0.1:PORT/3.0"
  [[nodiscard]] std::string api_base() const;
  [[nodiscard]] const World& world() const;
  [[nodiscard]] std::vector<AccountCredentials> accounts() const;
  /// JSON list of {"account_name","api_key","server"}: what the program's --accounts file holds.
  [[nodiscard]] std::string accounts_json() const;
  [[nodiscard]] Stats stats() const;
  void reset_stats();
  void plant(Fault fault);
  void lift_faults();
  /// Which fault struck what: FaultPlan::strikes().
  [[nodiscard]] std::vector<std::string> strikes() const;
  void plan(KeyChange change);
  void plant_drift(DriftPlan plan);
  void plant_drift(const Deletion& deletion);
  void plant_drift(const Change& change);
  /// Nothing changes any more.
  void calm();
  /// What the account's tables must hold, may hold, and may not hold, after all that has happened so far.
  [[nodiscard]] std::map<std::string, std::vector<RowTruth>> drift_truth(std::size_t account = 0) const;
  /// How many changes there were.
  [[nodiscard]] int drifted() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

/// The stats as JSON, as GET /_sim/stats gives them.
std::string to_json(const Stats& stats);

}  // namespace mailchimp_sim
