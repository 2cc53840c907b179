// A process of its own for what a test cannot do in its own: be killed, hold a lock, meet a limit.
#pragma once

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

namespace chimplift {

class ChildProcess {
 public:
  /// Runs the work in a fork; its result is the exit code. Fork before the test starts threads.
  explicit ChildProcess(const std::function<int()>& work) : id_(fork()) {
    if (id_ == 0) _exit(work());
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess() {
    if (!is_over_) kill_it();
  }
  /// The exit code, or -1 where it did not exit by itself.
  int wait() {
    int status = 0;
    waitpid(id_, &status, 0);
    is_over_ = true;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  void kill_it() {
    kill(id_, SIGKILL);
    wait();
  }

 private:
  pid_t id_;
  bool is_over_ = false;
};

/// Lets a child tell its parent that it has come to a place.
class Signpost {
 public:
  Signpost() {
    if (pipe(ends_) != 0) _exit(99);
  }
  Signpost(const Signpost&) = delete;
  Signpost& operator=(const Signpost&) = delete;
  ~Signpost() {
    close(ends_[0]);
    close(ends_[1]);
  }
  void reached() const { [[maybe_unused]] const auto written = write(ends_[1], "x", 1); }
  void await() const {
    char one = 0;
    [[maybe_unused]] const auto got = read(ends_[0], &one, 1);
  }

 private:
  int ends_[2] = {};
};

/// From here on this process can make no file longer than that: a write beyond it fails as one to a full disk does.
inline void limit_file_size(rlim_t bytes) {
  signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{bytes, bytes};
  setrlimit(RLIMIT_FSIZE, &limit);
}

}  // namespace chimplift
