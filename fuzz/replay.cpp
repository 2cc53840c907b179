// Replays a fuzzer's corpus without libFuzzer, and some thousand inputs made of it at random: what a test run has time for. What breaks
// something is left in the folder where this runs. usage: fuzz_replay NAME CORPUS; CHIMPLIFT_TEST_SEED repeats a run,
// CHIMPLIFT_FUZZ_INPUTS says how many inputs are made.
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <sstream>
#include <vector>

#include "targets.hpp"

namespace {

using Input = std::string;

Input under_way;
char left_behind[200];

/// Whatever ends the process, the input that did it stays.
void leave_input(int signal) {
  std::ofstream(left_behind, std::ios::binary) << under_way;
  std::cerr << "the input is in " << left_behind << std::endl;
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

std::vector<Input> inputs_in(const std::filesystem::path& folder) {
  std::vector<Input> inputs;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    inputs.push_back(bytes.str());
  }
  return inputs;
}

class Mutator {
 public:
  explicit Mutator(unsigned long seed) : random_(seed) {}

  Input made_of(const std::vector<Input>& inputs) {
    Input input = one_of(inputs);
    for (auto edits = 1 + below(4); edits > 0; --edits) edit(input, one_of(inputs));
    return input;
  }

 private:
  std::size_t below(std::size_t limit) { return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_); }
  const Input& one_of(const std::vector<Input>& inputs) { return inputs[below(inputs.size())]; }

  void edit(Input& input, const Input& other) {
    static constexpr std::string_view kLetters = "{}[],:\"\\ \n\r\t019-+.eEunl/%<>=#&;'\x00\x01\x80\xC3\xFF";
    const std::size_t at = below(input.size() + 1);
    const std::size_t from = below(other.size() + 1);
    const std::size_t some = 1 + below(16);
    switch (below(6)) {
      case 0:
        if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << below(8)));
        return;
      case 1:
        if (at < input.size()) input[at] = kLetters[below(kLetters.size())];
        return;
      case 2:
        input.insert(at, 1, kLetters[below(kLetters.size())]);
        return;
      case 3:
        input.erase(at, some);
        return;
      case 4:
        input.insert(at, other.substr(from, some));
        return;
      default:
        input.resize(at);
    }
  }

  std::mt19937_64 random_;
};

}  // namespace

int main(int count, char** words) {
  const auto target = count == 3 ? fuzz_targets().find(words[1]) : fuzz_targets().end();
  if (target == fuzz_targets().end()) {
    std::cerr << "usage: fuzz_replay NAME CORPUS\n";
    return 2;
  }
  const char* given = std::getenv("CHIMPLIFT_TEST_SEED");
  const char* wanted = std::getenv("CHIMPLIFT_FUZZ_INPUTS");
  const unsigned long seed = given != nullptr ? std::strtoul(given, nullptr, 10) : std::random_device()();
  const long made = wanted != nullptr ? std::strtol(wanted, nullptr, 10) : 3000;
  std::snprintf(left_behind, sizeof left_behind, "fuzz-%s-%lu", words[1], seed);
  for (const int signal : {SIGABRT, SIGSEGV, SIGFPE, SIGBUS, SIGILL}) std::signal(signal, leave_input);

  const std::vector<Input> inputs = inputs_in(words[2]);
  if (inputs.empty()) {
    std::cerr << words[2] << " holds nothing\n";
    return 1;
  }
  std::cout << inputs.size() << " inputs, and " << made << " made of them with CHIMPLIFT_TEST_SEED=" << seed << std::endl;
  const auto run = [&target](Input input) {
    under_way = std::move(input);
    target->second(reinterpret_cast<const std::uint8_t*>(under_way.data()), under_way.size());
  };
  for (const Input& input : inputs) run(input);
  Mutator mutator(seed);
  for (long i = 0; i < made; ++i) run(mutator.made_of(inputs));
  return 0;
}
