// A whole pull from the simulator on this machine, without latency, against a bare libcurl loop that asks for the same pages and throws
// them away: their ratio is what chimplift costs, whatever the machine. An item is a request.
#include <benchmark/benchmark.h>
#include <curl/curl.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <thread>

#include "archive/account_archive.hpp"
#include "archive/folder_tree.hpp"
#include "made_up.hpp"

namespace chimplift::bench {
namespace {

constexpr int kInFlight = 10;

/// What a command prints. The commands are ours, with paths that mkdtemp made.
std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  if (!pipe) throw std::runtime_error("cannot run " + command);
  std::string text;
  char buffer[4096];
  for (std::size_t size = 0; (size = fread(buffer, 1, sizeof buffer, pipe.get())) > 0;) text.append(buffer, size);
  return text;
}

/// A simulator with one account, as long as this process lives.
class Simulator {
 public:
  Simulator() {
    const std::string log = (folder_.path() / "log").string();
    const std::string command = fmt::format("{} --accounts 1 --scale 2 --accounts-file {} --exit-after 600 --exit-with-parent >{} 2>&1 &",
                                            CHIMPLIFT_SIM, accounts(), log);
    if (std::system(command.c_str()) != 0) throw std::runtime_error("the simulator does not start");
    for (int tries = 0; base_.empty() && tries < 300; ++tries) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      std::ifstream file(log);
      constexpr std::string_view kWords = "listening on ";
      for (std::string line; std::getline(file, line);) {
        if (line.starts_with(kWords)) base_ = line.substr(kWords.size());
      }
    }
    if (base_.empty()) throw std::runtime_error("the simulator does not say where it listens");
    std::ifstream file(accounts());
    const nlohmann::json list = nlohmann::json::parse(file);
    name_ = list[0]["account_name"];
    key_ = list[0]["api_key"];
  }
  [[nodiscard]] std::string accounts() const { return (folder_.path() / "accounts.json").string(); }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
  [[nodiscard]] const std::string& base() const { return base_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& key() const { return key_; }

 private:
  Folder folder_;
  std::string base_, name_, key_;
};

const Simulator& simulator() {
  static const Simulator instance;
  return instance;
}

/// Pulls into a new archive and returns the number of requests.
i64 pull(const std::filesystem::path& archive) {
  const std::string text = output_of(fmt::format("{} pull --quiet --json --accounts {} --api-base {} --archive {}", CHIMPLIFT_BIN,
                                                 simulator().accounts(), simulator().base(), archive.string()));
  return nlohmann::json::parse(text).at("accounts").at(0).at("requests").get<i64>();
}

/// The addresses of all pages of an archive.
std::vector<std::string> addresses_of(const std::filesystem::path& folder) {
  const auto archive = must(AccountArchive::open_to_read(*folder_tree(folder), simulator().name()));
  LedgerReader ledger = must(archive->ledger());
  std::vector<std::string> addresses;
  while (const auto record = must(ledger.next(archive->durable()))) {
    const auto* page = std::get_if<PageRecord>(&*record);
    if (page == nullptr) continue;
    const Stream& stream = *find_stream(page->unit.stream);
    addresses.push_back(simulator().base() + path_of(stream, page->unit.parents) + "?" +
                        query_of(stream, page->unit.sweep, {page->offset, page->count, {}}));
  }
  return addresses;
}

std::size_t throw_away(char* /*bytes*/, std::size_t size, std::size_t count, void* /*nothing*/) { return size * count; }

/// Asks for all of them, ten at a time, and does nothing else.
void fetch(const std::vector<std::string>& addresses) {
  CURLM* multi = curl_multi_init();
  std::size_t next = 0;
  int under_way = 0;
  const auto ask = [&](CURL* handle) {
    curl_easy_setopt(handle, CURLOPT_URL, addresses[next++].c_str());
    curl_multi_add_handle(multi, handle);
    ++under_way;
  };
  for (int i = 0; i < kInFlight && next < addresses.size(); ++i) {
    CURL* handle = curl_easy_init();
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, throw_away);
    curl_easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(handle, CURLOPT_USERPWD, ("chimplift:" + simulator().key()).c_str());
    ask(handle);
  }
  while (under_way > 0) {
    int running = 0;
    curl_multi_perform(multi, &running);
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
      CURL* handle = message->easy_handle;
      curl_multi_remove_handle(multi, handle);
      --under_way;
      if (next < addresses.size()) {
        ask(handle);
      } else {
        curl_easy_cleanup(handle);
      }
    }
    if (under_way > 0) curl_multi_poll(multi, nullptr, 0, 100, nullptr);
  }
  curl_multi_cleanup(multi);
}

void bare_libcurl(benchmark::State& state) {
  const std::filesystem::path archive = simulator().folder() / "first";
  if (!std::filesystem::exists(archive)) pull(archive);
  const std::vector<std::string> addresses = addresses_of(archive);
  for (auto _ : state) fetch(addresses);
  state.SetItemsProcessed(state.iterations() * static_cast<i64>(addresses.size()));
}

void chimplift_pull(benchmark::State& state) {
  i64 requests = 0;
  int number = 0;
  for (auto _ : state) requests += pull(simulator().folder() / fmt::format("archive-{}", ++number));
  state.SetItemsProcessed(requests);
}

BENCHMARK(bare_libcurl)->UseRealTime()->Iterations(3)->Unit(benchmark::kMillisecond);
BENCHMARK(chimplift_pull)->UseRealTime()->Iterations(3)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace chimplift::bench
