#include "cli/interrupt.hpp"

#include <unistd.h>

#include <csignal>

namespace chimplift {
namespace {

std::atomic<int> g_signal = 0;
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler must not wait for a lock");

// Shells and schedulers expect 128 and the signal's number.
constexpr int kSignalBase = 128;

// A run that was told to end has ended by then, in whatever it was: what came is durable or asked for again, as after any kill. Schedulers
// kill after 30 s (Kubernetes) and sooner; an archive on S3 gives up after 7.
constexpr unsigned kSecondsToEnd = 9;

extern "C" void on_signal(int number) {
  int none = 0;
  if (!g_signal.compare_exchange_strong(none, number)) _exit(kSignalBase + number);
  alarm(kSecondsToEnd);
}

extern "C" void on_alarm(int) { _exit(kSignalBase + g_signal); }

}  // namespace

const std::atomic<int>& watch_signals() {
  struct sigaction action{};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  action.sa_handler = on_alarm;
  sigaction(SIGALRM, &action, nullptr);
  return g_signal;
}

int exit_code_of_signal() { return g_signal == 0 ? 0 : kSignalBase + g_signal; }

}  // namespace chimplift
