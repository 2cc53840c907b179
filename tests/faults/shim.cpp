// Put before the C library of a program (LD_PRELOAD), it numbers the calls that can fail, fails the one that it was told to, kills the
// program at a given one, and writes down what was done to files, so that the disk after a loss of power can be put together
// (power_loss.hpp). The program itself knows nothing of it.
//   FAULTS_ROOT=FOLDER        files below it count
//   FAULTS_FAIL=CLASS:I[+]    the I-th call of that class fails; with + all behind it too
//   FAULTS_KILL=N[h]          signal 9 before the N-th change of a file; with h half of it is done where it is a write
//   FAULTS_COUNTS=FILE        how many calls of each class there were, in the order of kNames, 8 bytes each; then changes of files
//   FAULTS_LOG=FILE           what was done to files
//   FAULTS_TOLD=FILE          what was failed
#include "faults/shim.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace {

namespace faults = chimplift::faults;
using faults::Class;
using faults::real;
using faults::strikes;

constexpr int kMostFiles = 4096;

struct OpenFile {
  std::string path;
  long node = 0;
  bool is_folder = false;
};

struct State {
  std::string root;
  bool is_armed = false;
  Class failing = Class::count;
  long from = 0;
  bool is_for_good = false;
  long kill_at = 0;
  bool halves = false;
  int log = -1;
  int told = -1;
  std::atomic<long>* counts = nullptr;
  std::recursive_mutex mutex;
  OpenFile files[kMostFiles];
  std::unordered_map<ino_t, long> nodes;
  std::unordered_map<long, off_t> synced;  // size of a file when it was synced last, by node
  long last_node = 0;
};

State& state() {
  static auto* only = new State;  // never destroyed: calls go on while the program ends
  return *only;
}

bool is_armed = false;

void put(int file, std::string_view bytes) {
  static const auto next = real(&::write, "write");
  while (!bytes.empty()) {
    const ssize_t done = next(file, bytes.data(), bytes.size());
    if (done <= 0) _exit(99);
    bytes.remove_prefix(static_cast<std::size_t>(done));
  }
}

bool is_below_root(std::string_view path) { return path.starts_with(state().root); }

int failed(int error_number) {
  errno = error_number;
  return -1;
}

// ---- changes of files: one at a time, each written down when it is done

using Guard = std::lock_guard<std::recursive_mutex>;

/// Called before a change. True: die after half of it.
bool is_last_change(bool can_be_halved) {
  State& s = state();
  const long number = ++s.counts[static_cast<int>(Class::count)];
  if (s.kill_at == 0 || number < s.kill_at) return false;
  if (can_be_halved && s.halves) return true;
  kill(getpid(), SIGKILL);
  pause();
  return false;
}

void note(const std::string& line, std::string_view bytes = {}) {
  if (state().log < 0) return;
  put(state().log, line + "\n");
  if (!bytes.empty()) put(state().log, bytes);
}

std::string below_root(const std::string& path) {
  return path.size() > state().root.size() ? path.substr(state().root.size() + 1) : std::string();
}

OpenFile* file_of(int descriptor) {
  if (!is_armed || descriptor < 0 || descriptor >= kMostFiles) return nullptr;
  OpenFile& file = state().files[descriptor];
  return file.path.empty() ? nullptr : &file;
}

std::string resolved(int folder, const char* path) {
  if (path[0] == '/' || folder == AT_FDCWD) return path;
  const OpenFile* file = file_of(folder);
  return file == nullptr ? std::string(path) : file->path + "/" + path;
}

int open_tracked(const std::string& path, int flags, mode_t mode) {
  static const auto next = real(&::open, "open");
  State& s = state();
  const Guard guard(s.mutex);
  if (strikes(Class::open, path)) return failed(EIO);
  struct stat before{};
  static const auto look = real(static_cast<int (*)(const char*, struct stat*)>(&::stat), "stat");
  const bool was_there = look(path.c_str(), &before) == 0;
  const bool changes = (!was_there && (flags & O_CREAT) != 0) || (was_there && (flags & O_TRUNC) != 0 && before.st_size > 0);
  if (changes) is_last_change(false);
  const int descriptor = next(path.c_str(), flags, mode);
  if (descriptor < 0 || descriptor >= kMostFiles) return descriptor;
  struct stat facts{};
  static const auto look_at = real(static_cast<int (*)(int, struct stat*)>(&::fstat), "fstat");
  look_at(descriptor, &facts);
  OpenFile& file = s.files[descriptor];
  file = {path, 0, S_ISDIR(facts.st_mode)};
  if (file.is_folder) return descriptor;
  if (!was_there) {
    file.node = s.nodes[facts.st_ino] = ++s.last_node;
    note("create " + std::to_string(file.node) + " " + below_root(path));
    return descriptor;
  }
  const auto known = s.nodes.find(facts.st_ino);
  if (known != s.nodes.end()) {
    file.node = known->second;
  } else {
    file.node = s.nodes[facts.st_ino] = ++s.last_node;
    note("open " + std::to_string(file.node) + " " + below_root(path));
  }
  if ((flags & O_TRUNC) != 0) note("cut " + std::to_string(file.node) + " 0");
  return descriptor;
}

template <typename Next>
ssize_t write_tracked(const OpenFile& file, off_t at, const char* bytes, std::size_t size, Next next) {
  if (strikes(Class::write, file.path)) {
    // A full disk takes what fits before it says so.
    const ssize_t some = size > 1 ? next(bytes, size / 2) : 0;
    if (some > 0)
      note("write " + std::to_string(file.node) + " " + std::to_string(at) + " " + std::to_string(some),
           {bytes, static_cast<std::size_t>(some)});
    return failed(ENOSPC);
  }
  const bool is_last = is_last_change(true);
  const ssize_t done = next(bytes, is_last ? size / 2 : size);
  if (done > 0)
    note("write " + std::to_string(file.node) + " " + std::to_string(at) + " " + std::to_string(done),
         {bytes, static_cast<std::size_t>(done)});
  if (is_last) {
    kill(getpid(), SIGKILL);
    pause();
  }
  return done;
}

template <typename Next>
int change_tracked(Class call, const std::string& about, const std::string& line, Next next) {
  const Guard guard(state().mutex);
  if (strikes(call, about)) return failed(EIO);
  is_last_change(false);
  const int result = next();
  if (result == 0) note(line);
  return result;
}

/// A sync that fails is told with how much of the file is on the disk: Linux shows the rest until it needs the memory, and loses it then.
template <typename Next>
int sync_tracked(int descriptor, Next next) {
  const OpenFile* file = file_of(descriptor);
  if (file == nullptr) return next(descriptor);
  const Guard guard(state().mutex);
  off_t& synced = state().synced[file->node];
  const int result = change_tracked(Class::sync, file->path + "\tsynced " + std::to_string(synced),
                                    file->is_folder ? "sync-folder " + below_root(file->path) : "sync " + std::to_string(file->node),
                                    [&] { return next(descriptor); });
  if (result == 0 && !file->is_folder) synced = lseek(descriptor, 0, SEEK_END);
  return result;
}

void read_plan(State& s) {
  if (const char* plan = std::getenv("FAULTS_FAIL")) {
    const std::string text = plan;
    const std::size_t colon = text.find(':');
    for (int i = 0; i < static_cast<int>(Class::count); ++i) {
      if (text.substr(0, colon) == faults::kNames[i]) s.failing = static_cast<Class>(i);
    }
    s.from = std::strtol(text.c_str() + colon + 1, nullptr, 10);
    s.is_for_good = text.ends_with("+");
  }
  if (const char* at = std::getenv("FAULTS_KILL")) {
    s.kill_at = std::strtol(at, nullptr, 10);
    s.halves = std::string_view(at).ends_with("h");
  }
}

__attribute__((constructor)) void arm() {
  const char* root = std::getenv("FAULTS_ROOT");
  if (root == nullptr) return;
  State& s = state();
  s.root = root;
  read_plan(s);
  static const auto next = real(&::open, "open");
  if (const char* log = std::getenv("FAULTS_LOG")) s.log = next(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (const char* told = std::getenv("FAULTS_TOLD")) s.told = next(told, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const char* counts = std::getenv("FAULTS_COUNTS");
  const int file = next(counts != nullptr ? counts : "/dev/zero", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  constexpr std::size_t kSize = sizeof(std::atomic<long>) * (static_cast<std::size_t>(Class::count) + 1);
  static const auto cut = real(&::ftruncate, "ftruncate");
  if (counts != nullptr && cut(file, kSize) != 0) _exit(99);
  void* memory = mmap(nullptr, kSize, PROT_READ | PROT_WRITE, counts != nullptr ? MAP_SHARED : MAP_PRIVATE, file, 0);
  if (memory == MAP_FAILED) _exit(99);
  s.counts = static_cast<std::atomic<long>*>(memory);
  unsetenv("LD_PRELOAD");  // for this program alone
  is_armed = true;
}

}  // namespace

bool chimplift::faults::strikes(Class call, std::string_view about) {
  if (!is_armed) return false;
  State& s = state();
  const long number = ++s.counts[static_cast<int>(call)];
  if (call != s.failing || number < s.from || (number > s.from && !s.is_for_good)) return false;
  if (s.told >= 0) {
    char line[600];
    const int size =
        std::snprintf(line, sizeof line, "%s %ld %.500s\n", faults::kNames[static_cast<int>(call)], number, std::string(about).c_str());
    put(s.told, std::string_view(line, static_cast<std::size_t>(std::min<int>(size, sizeof line - 1))));
  }
  return true;
}

extern "C" {

int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  REAL(open);
  return is_armed && is_below_root(path) ? open_tracked(path, flags, mode) : next(path, flags, mode);
}

int openat(int folder, const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  REAL(openat);
  if (!is_armed) return next(folder, path, flags, mode);
  const std::string whole = resolved(folder, path);
  return is_below_root(whole) ? open_tracked(whole, flags, mode) : next(folder, path, flags, mode);
}

int close(int descriptor) {
  REAL(close);
  if (OpenFile* file = file_of(descriptor)) {
    const Guard guard(state().mutex);
    file->path.clear();
  }
  return next(descriptor);
}

ssize_t write(int descriptor, const void* bytes, size_t size) {
  REAL(write);
  if (is_armed && (descriptor == 1 || descriptor == 2) && strikes(Class::output, descriptor == 1 ? "stdout" : "stderr"))
    return failed(ENOSPC);
  const OpenFile* file = file_of(descriptor);
  if (file == nullptr) return next(descriptor, bytes, size);
  const Guard guard(state().mutex);
  const bool appends = (fcntl(descriptor, F_GETFL) & O_APPEND) != 0;
  const off_t at = lseek(descriptor, 0, appends ? SEEK_END : SEEK_CUR);
  return write_tracked(*file, at, static_cast<const char*>(bytes), size,
                       [&](const char* some, std::size_t many) { return next(descriptor, some, many); });
}

ssize_t pwrite(int descriptor, const void* bytes, size_t size, off_t at) {
  REAL(pwrite);
  const OpenFile* file = file_of(descriptor);
  if (file == nullptr) return next(descriptor, bytes, size, at);
  const Guard guard(state().mutex);
  return write_tracked(*file, at, static_cast<const char*>(bytes), size,
                       [&](const char* some, std::size_t many) { return next(descriptor, some, many, at); });
}

ssize_t read(int descriptor, void* bytes, size_t size) {
  REAL(read);
  const OpenFile* file = file_of(descriptor);
  if (file != nullptr && strikes(Class::read, file->path)) return failed(EIO);
  return next(descriptor, bytes, size);
}

ssize_t pread(int descriptor, void* bytes, size_t size, off_t at) {
  REAL(pread);
  const OpenFile* file = file_of(descriptor);
  if (file != nullptr && strikes(Class::read, file->path)) return failed(EIO);
  return next(descriptor, bytes, size, at);
}

int fsync(int descriptor) {
  REAL(fsync);
  return sync_tracked(descriptor, next);
}

int fdatasync(int descriptor) {
  REAL(fdatasync);
  return sync_tracked(descriptor, next);
}

int ftruncate(int descriptor, off_t size) {
  REAL(ftruncate);
  const OpenFile* file = file_of(descriptor);
  if (file == nullptr) return next(descriptor, size);
  return change_tracked(Class::cut, file->path, "cut " + std::to_string(file->node) + " " + std::to_string(size),
                        [&] { return next(descriptor, size); });
}

int fallocate(int descriptor, int mode, off_t at, off_t size) {
  REAL(fallocate);
  if (file_of(descriptor) != nullptr)
    return failed(EOPNOTSUPP);  // so that DuckDB writes instead: a hole that was made is written down nowhere
  return next(descriptor, mode, at, size);
}

int rename(const char* from, const char* to) {
  REAL(rename);
  if (!is_armed || !is_below_root(to)) return next(from, to);
  return change_tracked(Class::rename, to, "rename " + below_root(from) + "\t" + below_root(to), [&] { return next(from, to); });
}

int link(const char* from, const char* to) {
  REAL(link);
  if (!is_armed || !is_below_root(to)) return next(from, to);
  return change_tracked(Class::rename, to, "link " + below_root(from) + "\t" + below_root(to), [&] { return next(from, to); });
}

int mkdir(const char* path, mode_t mode) {
  REAL(mkdir);
  if (!is_armed || !is_below_root(path)) return next(path, mode);
  return change_tracked(Class::mkdir, path, "mkdir " + below_root(path), [&] { return next(path, mode); });
}

int unlink(const char* path) {
  REAL(unlink);
  if (!is_armed || !is_below_root(path)) return next(path);
  return change_tracked(Class::remove, path, "remove " + below_root(path), [&] { return next(path); });
}

int remove(const char* path) {
  REAL(remove);
  if (!is_armed || !is_below_root(path)) return next(path);
  return change_tracked(Class::remove, path, "remove " + below_root(path), [&] { return next(path); });
}

int rmdir(const char* path) {
  REAL(rmdir);
  if (!is_armed || !is_below_root(path)) return next(path);
  return change_tracked(Class::remove, path, "remove " + below_root(path), [&] { return next(path); });
}

int unlinkat(int folder, const char* path, int flags) {
  REAL(unlinkat);
  if (!is_armed) return next(folder, path, flags);
  const std::string whole = resolved(folder, path);
  if (!is_below_root(whole)) return next(folder, path, flags);
  return change_tracked(Class::remove, whole, "remove " + below_root(whole), [&] { return next(folder, path, flags); });
}

int stat(const char* path, struct stat* facts) {
  static const auto next = real(static_cast<int (*)(const char*, struct stat*)>(&::stat), "stat");
  if (is_armed && is_below_root(path) && strikes(Class::stat, path)) return failed(EIO);
  return next(path, facts);
}

int lstat(const char* path, struct stat* facts) {
  static const auto next = real(static_cast<int (*)(const char*, struct stat*)>(&::lstat), "lstat");
  if (is_armed && is_below_root(path) && strikes(Class::stat, path)) return failed(EIO);
  return next(path, facts);
}

int fstat(int descriptor, struct stat* facts) {
  static const auto next = real(static_cast<int (*)(int, struct stat*)>(&::fstat), "fstat");
  const OpenFile* file = file_of(descriptor);
  if (file != nullptr && strikes(Class::stat, file->path)) return failed(EIO);
  return next(descriptor, facts);
}

// ---- the network

int socket(int domain, int type, int protocol) {
  REAL(socket);
  if (domain != AF_UNIX && strikes(Class::socket, "socket")) return failed(EMFILE);
  return next(domain, type, protocol);
}

int connect(int descriptor, const sockaddr* address, socklen_t size) {
  REAL(connect);
  if (address->sa_family != AF_UNIX && strikes(Class::connect, "connect")) return failed(ECONNREFUSED);
  return next(descriptor, address, size);
}

ssize_t send(int descriptor, const void* bytes, size_t size, int flags) {
  REAL(send);
  if (strikes(Class::send, "send")) return failed(ECONNRESET);
  return next(descriptor, bytes, size, flags);
}

ssize_t recv(int descriptor, void* bytes, size_t size, int flags) {
  REAL(recv);
  const ssize_t got = next(descriptor, bytes, size, flags);
  // Only answers count: asking whether there is one is no call that can fail in a way of its own.
  if (got > 0 && (flags & MSG_PEEK) == 0 && strikes(Class::receive, "recv")) return failed(ECONNRESET);
  return got;
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*work)(void*), void* argument) {
  REAL(pthread_create);
  if (strikes(Class::thread, "pthread_create")) return EAGAIN;
  return next(thread, attributes, work, argument);
}

}  // extern "C"
