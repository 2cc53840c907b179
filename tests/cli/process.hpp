// Runs programs as a person or a workflow would: with arguments, an environment and a folder of their own, into pipes or on a
// pseudo-terminal.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "built_paths.hpp"

namespace chimplift::testing {

/// A folder that goes with the test.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "chimplift-cli-XXXXXX").string();
    if (mkdtemp(name.data()) != nullptr) path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    std::filesystem::permissions(path_ / name, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

struct Ended {
  int code = -1;
  std::string out;
  std::string err;  // with `terminal`: what the terminal got
};

struct Call {
  std::vector<std::string> words;
  std::map<std::string, std::string> environment = {};
  std::filesystem::path folder = "/";
  bool terminal = false;      // stderr is a terminal, stdout a pipe
  bool all_terminal = false;  // stdout too: `out` stays empty
  int columns = 100;
  int signal = 0;       // sent once the program has written to stderr
  bool unread = false;  // whoever read stdout has gone before the program began
  bool slow = false;    // stdout is a small pipe with O_NONBLOCK, read once it is full
  std::string program = CHIMPLIFT_BIN;
};

inline std::string read_all(int descriptor, const std::function<void()>& on_first = {}) {
  std::string all;
  char buffer[4096];
  for (;;) {
    const ssize_t count = read(descriptor, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return all;  // a pseudo-terminal ends with EIO
    if (all.empty() && on_first) on_first();
    all.append(buffer, static_cast<std::size_t>(count));
  }
}

inline Ended run(const Call& call) {
  int out[2];
  int err[2];
  if (pipe(out) != 0) return {};
  if (call.terminal || call.all_terminal) {
    winsize size{};
    size.ws_col = static_cast<unsigned short>(call.columns);
    size.ws_row = 30;
    if (openpty(&err[0], &err[1], nullptr, nullptr, &size) != 0) return {};
  } else if (pipe(err) != 0) {
    return {};
  }
  if (call.unread) {
    close(out[0]);
    out[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
  }
  int pipe_size = 0;
  if (call.slow) {
    fcntl(out[1], F_SETFL, O_NONBLOCK);
    pipe_size = fcntl(out[1], F_SETPIPE_SZ, 4096);
  }
  const pid_t child = fork();
  if (child == 0) {
    ::signal(SIGPIPE, SIG_DFL);  // as a shell starts programs, whatever started this test
    dup2(call.all_terminal ? err[1] : out[1], STDOUT_FILENO);
    dup2(err[1], STDERR_FILENO);
    for (const int descriptor : {out[0], out[1], err[0], err[1]}) close(descriptor);
    if (chdir(call.folder.c_str()) != 0) _exit(126);
    clearenv();
    setenv("PATH", "/usr/bin:/bin", 1);
    for (const auto& [name, value] : call.environment) setenv(name.c_str(), value.c_str(), 1);
    std::vector<char*> arguments;
    std::string program = call.program;
    arguments.push_back(program.data());
    std::vector<std::string> words = call.words;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    execv(program.c_str(), arguments.data());
    _exit(127);
  }
  close(out[1]);
  close(err[1]);
  Ended ended;
  std::thread reader([&] {
    ended.err = read_all(err[0], [&] {
      if (call.signal != 0) kill(child, call.signal);
    });
  });
  for (int waiting = 0, tries = 0; waiting < pipe_size && tries < 500; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    ioctl(out[0], FIONREAD, &waiting);
  }
  ended.out = read_all(out[0]);
  reader.join();
  close(out[0]);
  close(err[0]);
  int status = 0;
  waitpid(child, &status, 0);
  ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ended;
}

/// chimplift with these words in an empty folder.
inline Ended chimplift(const std::vector<std::string>& words, const std::map<std::string, std::string>& environment = {}) {
  const Folder folder;
  return run({.words = words, .environment = environment, .folder = folder.path()});
}

/// A simulator that lives as long as this value.
class Simulator {
 public:
  explicit Simulator(const Folder& folder, const std::string& scale = "0.02", const std::string& latency = "1") {
    int out[2];
    if (pipe(out) != 0) return;
    const std::string accounts = (folder.path() / "accounts.json").string();
    child_ = fork();
    if (child_ == 0) {
      dup2(out[1], STDOUT_FILENO);
      close(out[0]);
      close(out[1]);
      execl(CHIMPLIFT_SIM, CHIMPLIFT_SIM, "--accounts", "2", "--scale", scale.c_str(), "--latency-ms", latency.c_str(), "--accounts-file",
            accounts.c_str(), "--exit-after", "60", "--exit-with-parent", nullptr);
      _exit(127);
    }
    close(out[1]);
    std::string line;
    for (char c = 0; read(out[0], &c, 1) == 1 && c != '\n';) line += c;
    close(out[0]);
    const std::string kListening = "listening on ";
    if (line.starts_with(kListening)) url_ = line.substr(kListening.size());
  }
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;
  ~Simulator() {
    if (child_ <= 0) return;
    kill(child_, SIGTERM);
    waitpid(child_, nullptr, 0);
  }
  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  pid_t child_ = -1;
  std::string url_;
};

}  // namespace chimplift::testing
