// The kinds of calls that can fail, each numbered by itself. What the shim counts and the tests ask for.
#pragma once

namespace chimplift::faults {

enum class Class {
  open,
  write,
  sync,
  cut,
  rename,
  mkdir,
  remove,
  read,
  stat,
  socket,
  connect,
  send,
  receive,
  thread,
  statement,
  fetch,
  memory,
  output,
  count
};

inline constexpr const char* kNames[] = {"open",   "write",   "sync", "cut",     "rename", "mkdir",     "remove", "read",   "stat",
                                         "socket", "connect", "send", "receive", "thread", "statement", "fetch",  "memory", "output"};
static_assert(sizeof kNames / sizeof kNames[0] == static_cast<unsigned>(Class::count));

}  // namespace chimplift::faults
