// See e2e.hpp.
#include "e2e.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#include "archive/layout.hpp"
#include "built_paths.hpp"

extern char** environ;

namespace chimplift::e2e {

namespace {

constexpr auto kGlance = std::chrono::milliseconds(2);

/// Settings of the program, and AWS's: no test may reach for what the machine that it runs on can do.
bool is_setting(const std::string& entry) {
  return entry.starts_with("CHIMPLIFT_") || entry.starts_with("RES_ENV=") || entry.starts_with("AWS_");
}

Words clean_environment(const Words& more) {
  const auto is_replaced = [&more](const std::string& entry) {
    const std::string name = entry.substr(0, entry.find('=') + 1);
    return std::any_of(more.begin(), more.end(), [&name](const std::string& other) { return other.starts_with(name); });
  };
  Words entries = {"NO_COLOR=1"};
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!is_setting(*entry) && !is_replaced(*entry)) entries.emplace_back(*entry);
  }
  entries.insert(entries.end(), more.begin(), more.end());
  return entries;
}

std::vector<char*> pointers(Words& words) {
  std::vector<char*> all;
  for (std::string& word : words) all.push_back(word.data());
  all.push_back(nullptr);
  return all;
}

std::filesystem::path fresh_file(const std::filesystem::path& folder, const std::string& name) {
  static int number = 0;
  return folder / (name + "-" + std::to_string(++number));
}

}  // namespace

// ---- a program

Process::Process(const Words& command, const std::filesystem::path& folder, const Words& more)
    : out_(fresh_file(folder, "out")), err_(fresh_file(folder, "err")) {
  Words words = command;
  Words environment = clean_environment(more);
  const std::vector<char*> arguments = pointers(words);
  const std::vector<char*> entries = pointers(environment);
  pid_ = fork();
  if (pid_ != 0) return;
  const int out = open(out_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const int err = open(err_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
  constexpr int kNoProgram = 127;
  if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0 || chdir(folder.c_str()) != 0) _exit(kNoProgram);
  execve(arguments[0], arguments.data(), entries.data());
  _exit(kNoProgram);
}

Process::~Process() {
  if (over_) return;
  send(SIGKILL);
  reap(true);
}

void Process::send(int signal) const {
  if (!over_) kill(pid_, signal);
}

bool Process::reap(bool may_block) {
  if (over_) return true;
  int status = 0;
  if (waitpid(pid_, &status, may_block ? 0 : WNOHANG) != pid_) return false;
  over_ = true;
  signalled_ = WIFSIGNALED(status);
  code_ = signalled_ ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return true;
}

bool Process::ended_within(std::chrono::milliseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (!reap(false)) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(kGlance);
  }
  return true;
}

Ended Process::wait() {
  reap(true);
  return {code_, read_text(out_), read_text(err_), signalled_};
}

// ---- a place

Scratch::Scratch() {
  std::string pattern = (std::filesystem::temp_directory_path() / "chimplift-e2e-XXXXXX").string();
  path_ = ::mkdtemp(pattern.data());
}

Scratch::~Scratch() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Scene::Scene(const SimulatorOptions& options) : simulator(options), archive(scratch_.path() / "archive") {
  simulator.start();
  write_text(accounts_file(), simulator.accounts_json());
}

SimulatorOptions Scene::small() {
  SimulatorOptions options;
  options.scale = 0.05;
  options.missing_image = false;
  return options;
}

SimulatorOptions Scene::very_small() {
  SimulatorOptions options = small();
  options.scale = 0.01;
  options.most_rows = 50;
  return options;
}

std::filesystem::path Scene::account_folder(std::size_t at) const { return archive / safe_name(account(at).name); }

Words Scene::command(const std::string& name, const Words& more) const {
  Words words = {CHIMPLIFT_BIN, name};
  const auto given = [&more](const std::string& option) { return std::find(more.begin(), more.end(), option) != more.end(); };
  const auto add = [&](const std::string& option, const std::string& value) {
    if (!given(option)) words.insert(words.end(), {option, value});
  };
  if (!given("--api-key-override")) add("--accounts", accounts_file());
  add("--api-base", simulator.api_base());
  add("--archive", archive);
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

Ended Scene::run(const std::string& name, const Words& more, const Words& environment) const {
  return Process(command(name, more), folder(), environment).wait();
}

void Scene::kill_after(const std::string& name, std::chrono::milliseconds time) const {
  Process process(command(name), folder());
  if (process.ended_within(time)) return;
  process.send(SIGKILL);
  process.wait();
}

Ended Scene::signal_after(const std::string& name, i64 requests, int signal, const Words& more) const {
  const i64 target = simulator.stats().requests() + requests;
  Process process(command(name, more), folder());
  while (simulator.stats().requests() < target && !process.ended_within(kGlance)) {
  }
  process.send(signal);
  return process.wait();
}

Json Scene::certificate(std::size_t at) const { return Json::parse(read_text(account_folder(at) / "certificate.json")); }

// ---- a run that stands still

Hold::Hold(Scene& scene, i64 after) {
  // Whoever looks up a key waits for whoever changes one; this one stays the same.
  scene.simulator.plan({.account = 0, .key = scene.account().key, .after = after, .first = [state = state_] {
                          state->is_reached = true;
                          state->is_open.wait(false);
                        }});
}

bool Hold::holds(Process& process) const {
  while (!state_->is_reached) {
    if (process.ended_within(kGlance)) return false;
  }
  return true;
}

void Hold::open() {
  state_->is_open = true;
  state_->is_open.notify_all();
}

// ---- certificates

Words findings(const Json& list) {
  Words all;
  for (const Json& one : list) {
    std::string words = one.at("stream");
    for (const auto& [column, id] : one.at("parent").items()) words += " " + column + "=" + id.get<std::string>();
    if (one.contains("file")) words += " file=" + one.at("file").get<std::string>();
    all.push_back(std::move(words));
  }
  std::sort(all.begin(), all.end());
  return all;
}

std::string reasons(const Json& list) {
  std::string all;
  for (const Json& one : list) all += one.at("reason").get<std::string>() + "; ";
  return all;
}

// ---- files

std::string read_text(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void write_text(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
  std::filesystem::permissions(file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

std::vector<std::filesystem::path> files_below(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code none;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, none)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// ---- chance

Chance::Chance() {
  const char* given = std::getenv("CHIMPLIFT_TEST_SEED");
  seed_ = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
  engine_.seed(seed_);
}

int times(int few, int many) { return std::getenv("CHIMPLIFT_TORTURE") != nullptr ? many : few; }

}  // namespace chimplift::e2e
