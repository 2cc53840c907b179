// From a request to an answer: keys, limits, faults, collections, files. Knows nothing of sockets.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "simulator/answer.hpp"
#include "simulator/drift.hpp"
#include "simulator/faults.hpp"
#include "simulator/keys.hpp"
#include "simulator/page.hpp"
#include "simulator/traffic.hpp"
#include "simulator/world.hpp"

namespace mailchimp_sim {

struct Request {
  std::string method;
  std::string target;         // as sent: path and query, still percent-encoded
  std::string authorization;  // the header's value
  std::function<bool()> is_client_gone;
};

/// An answer, and the place among the requests in flight that it holds until it is dropped.
struct HeldAnswer {
  Answer answer;
  std::shared_ptr<void> slot = nullptr;
};

class Api {
 public:
  Api(const World& world, const SimulatorOptions& options, std::string api_origin, std::string other_origin);

  HeldAnswer handle(const Request& request);
  Traffic& traffic() { return traffic_; }
  FaultPlan& faults() { return faults_; }
  Drift& drift() { return drift_; }
  Keys& keys() { return keys_; }
  /// Ends all waiting, so that the server can stop at once.
  void hurry() { hurried_ = true; }

 private:
  HeldAnswer handle_api(const Request& request, std::string_view target);
  HeldAnswer handle_file(const Request& request);
  Answer answer_for(const Account& account, const Request& request, const Target& target, const std::string& path, const PageTwist& twist);
  /// Waits; ends early when the client is gone, unless the request goes on without it.
  void wait(i64 milliseconds, const Request& request, bool even_if_gone = false) const;
  void stall_if(const std::optional<Fault>& fault, const Request& request) const;

  const World& world_;
  const SimulatorOptions& options_;
  std::string api_origin_;
  std::string other_origin_;
  Keys keys_;
  Traffic traffic_;
  FaultPlan faults_;
  Drift drift_;
  Pages pages_;
  std::atomic<bool> hurried_{false};
};

}  // namespace mailchimp_sim
