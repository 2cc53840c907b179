// See simulator.hpp.
#include "simulator/simulator.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "simulator/api.hpp"
#include "simulator/http_server.hpp"
#include "simulator/json_text.hpp"

namespace mailchimp_sim {

namespace {

std::string origin(std::string_view host, int port) { return fmt::format("http://{}:{}", host, port); }

/// Ten connections an account are the client's right; files, refused eleventh ones and idle connections need more.
int threads_for(const SimulatorOptions& options) { return 32 + 24 * options.accounts; }

Fault fault_from(const nlohmann::json& json) {
  Fault fault;
  fault.kind = json.at("kind").get<std::string>();
  fault.path_contains = json.value("path_contains", "");
  fault.query_contains = json.value("query_contains", "");
  fault.skip = json.value("skip", 0);
  fault.times = json.value("times", -1);
  fault.probability = json.value("probability", 1.0);
  fault.param = json.value("param", i64{0});
  return fault;
}

}  // namespace

struct Simulator::Inside {
  SimulatorOptions options;
  HttpServer server;
  std::unique_ptr<HttpServer> file_server;
  World world;
  Api api;

  // The servers are bound first: the world's addresses of files need the port.
  explicit Inside(const SimulatorOptions& wanted)
      : options(wanted),
        server(options.port, threads_for(options)),
        file_server(options.files_on_other_port ? std::make_unique<HttpServer>(0, threads_for(options)) : nullptr),
        world(options, origin("127.0.0.1", files_port())),
        api(world, options, origin("127.0.0.1", server.port()),
            file_server ? origin("127.0.0.1", files_port()) : origin("localhost", files_port())) {}

  [[nodiscard]] int files_port() const { return file_server ? file_server->port() : server.port(); }

  std::string control(const std::string& method, const std::string& path, const std::string& body) {
    if (method == "GET" && path == "/_sim/stats") return to_json(api.traffic().stats());
    if (method == "DELETE" && path == "/_sim/stats") {
      api.traffic().reset();
      return "{}";
    }
    if (method == "DELETE" && path == "/_sim/faults") {
      api.faults().lift();
      return "{}";
    }
    if (method != "POST" || path != "/_sim/faults") return "";
    try {
      for (const auto& fault : nlohmann::json::parse(body)) api.faults().plant(fault_from(fault));
    } catch (const std::exception& error) {
      return json::object({{"error", json::text(error.what())}});
    }
    return "{}";
  }
};

Simulator::Simulator(SimulatorOptions options) : inside_(std::make_unique<Inside>(options)) {}
Simulator::~Simulator() { stop(); }

void Simulator::start() {
  Inside* inside = inside_.get();
  const auto handle = [inside](const Request& request) { return inside->api.handle(request); };
  const auto control = [inside](const std::string& method, const std::string& path, const std::string& body) {
    return inside->control(method, path, body);
  };
  inside->server.start(handle, control);
  if (inside->file_server) inside->file_server->start(handle, control);
}

void Simulator::stop() {
  inside_->api.hurry();
  inside_->server.stop();
  if (inside_->file_server) inside_->file_server->stop();
}

int Simulator::port() const { return inside_->server.port(); }
std::string Simulator::api_base() const { return origin("127.0.0.1", port()) + "/3.0"; }
const World& Simulator::world() const { return inside_->world; }

std::vector<AccountCredentials> Simulator::accounts() const {
  std::vector<AccountCredentials> all;
  for (const auto& account : world().accounts()) all.push_back({account->name, account->key, account->server});
  return all;
}

std::string Simulator::accounts_json() const {
  std::vector<std::string> all;
  for (const auto& account : accounts())
    all.push_back(json::object(
        {{"account_name", json::text(account.name)}, {"api_key", json::text(account.key)}, {"server", json::text(account.server)}}));
  return json::array(all) + '\n';
}

Stats Simulator::stats() const { return inside_->api.traffic().stats(); }
void Simulator::reset_stats() { inside_->api.traffic().reset(); }
void Simulator::plant(Fault fault) { inside_->api.faults().plant(std::move(fault)); }
void Simulator::plan(KeyChange change) { inside_->api.keys().plan(std::move(change)); }
void Simulator::lift_faults() { inside_->api.faults().lift(); }
std::vector<std::string> Simulator::strikes() const { return inside_->api.faults().strikes(); }

void Simulator::plant_drift(DriftPlan plan) { inside_->api.drift().plant(std::move(plan)); }
void Simulator::plant_drift(const Deletion& deletion) { inside_->api.drift().plant(deletion); }
void Simulator::plant_drift(const Change& change) { inside_->api.drift().plant(change); }
void Simulator::calm() { inside_->api.drift().calm(); }
int Simulator::drifted() const { return inside_->api.drift().changes(); }
std::map<std::string, std::vector<RowTruth>> Simulator::drift_truth(std::size_t account) const {
  return truth_of(inside_->api.drift().stories(*world().accounts().at(account)));
}

std::string to_json(const Stats& stats) {
  std::vector<std::string> accounts;
  for (const AccountStats& account : stats.accounts) {
    json::Members paths;
    for (const auto& [path, count] : account.by_path) paths.emplace_back(path, json::number(count));
    std::vector<std::string> log;
    for (const std::string& line : account.request_log) log.push_back(json::text(line));
    accounts.push_back(json::object({{"account_name", json::text(account.account_name)},
                                     {"requests", json::number(account.requests)},
                                     {"max_in_flight", json::number(account.max_in_flight)},
                                     {"mean_in_flight", json::real(account.mean_in_flight)},
                                     {"non_get_requests", json::number(account.non_get_requests)},
                                     {"beyond_limit", json::number(account.beyond_limit)},
                                     {"file_requests", json::number(account.file_requests)},
                                     {"max_files_in_flight", json::number(account.max_files_in_flight)},
                                     {"by_path", json::object(paths)},
                                     {"request_log", json::array(log)}}));
  }
  return json::object({{"requests", json::number(stats.requests())},
                       {"unknown_key_requests", json::number(stats.unknown_key_requests)},
                       {"file_requests_with_key", json::number(stats.file_requests_with_key)},
                       {"other_host_requests_with_key", json::number(stats.other_host_requests_with_key)},
                       {"accounts", json::array(accounts)}}) +
         '\n';
}

}  // namespace mailchimp_sim
