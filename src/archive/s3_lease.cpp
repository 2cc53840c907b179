#include "archive/s3_lease.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>

#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace chimplift {
namespace {

using Json = nlohmann::ordered_json;

// Renewed three times in a lease, so that one that is late does not end it.
constexpr i64 kRenewalsPerLease = 3;
// Whoever waits for one to end looks so often: once a second with a lease of 30 s, so that a lock that was let go is not waited for.
constexpr i64 kLooksPerLease = 30;

std::string text_of(const std::filesystem::path& file) { return std::string(trim(read_file(file).value_or(""))); }

/// When a process began, in clock ticks since the machine did (proc(5): field 22 of stat); "" where there is no such process.
std::string start_of_process(i64 id) {
  const std::string stat = text_of(fmt::format("/proc/{}/stat", id).c_str());
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return {};
  const std::vector<std::string> fields = split(stat.substr(name_end + 2), ' ');
  constexpr std::size_t kStart = 19;  // field 22, counted from the third
  return fields.size() > kStart ? fields[kStart] : std::string();
}

std::string host_name() {
  char name[256] = {};
  ::gethostname(name, sizeof name - 1);
  return to_utf8(name);  // JSON has nothing else
}

/// False where a field of ours is not what we write: then somebody else wrote all of it.
bool is_ours(const Json& facts) {
  const auto has = [&facts](const char* name, bool (Json::*is_type)() const noexcept) {
    const auto found = facts.find(name);
    return found == facts.end() || ((*found).*is_type)();
  };
  for (const char* text : {"run", "host", "started", "place", "since"}) {
    if (!has(text, &Json::is_string)) return false;
  }
  return has("held", &Json::is_boolean) && has("process", &Json::is_number_integer);
}

struct Seen {
  std::string etag;  // "": there is none
  Json facts = Json::object();

  [[nodiscard]] bool is_held() const { return !etag.empty() && facts.value("held", false); }
  [[nodiscard]] std::string holder() const {
    return fmt::format("{}, process {}, since {}", facts.value("host", "?"), facts.value("process", i64{0}), facts.value("since", "?"));
  }
  /// It ran on this machine, and its process is gone. False where that cannot be known.
  [[nodiscard]] bool is_dead() const {
    const i64 process = facts.value("process", i64{0});
    const std::string place = place_of_processes();
    const std::string started = facts.value("started", "");
    if (process <= 0 || place.empty() || facts.value("place", "") != place || started.empty()) return false;
    const std::string now = start_of_process(process);
    // Another user's process may not be shown; that there is one, this tells all the same.
    return now.empty() ? ::kill(static_cast<pid_t>(process), 0) != 0 && errno == ESRCH : now != started;
  }
};

Result<Seen> look(S3Bucket& bucket, const std::string& key) {
  return bucket.with([&key](S3Client& client) -> Result<Seen> {
    Seen seen;
    TRY_ASSIGN(const std::optional<S3Object> object, client.head(key));
    if (!object) return seen;
    TRY_ASSIGN(const std::optional<std::string> text, client.get(key));
    if (!text) return seen;
    seen.etag = object->etag;
    // A lock that we did not write is never renewed, so it is taken over after one lease.
    seen.facts = Json::parse(*text, nullptr, false);
    if (!seen.facts.is_object() || !is_ours(seen.facts)) seen.facts = Json{{"held", true}};
    return seen;
  });
}

Error busy(std::string_view account_name, const std::string& where, const Seen& seen) {
  return Error{ErrorKind::busy, fmt::format("another run works on account \"{}\" in {} ({})", account_name, where, seen.holder()),
               "Wait until it has ended, or end it; two runs on one account would break Mailchimp's limit of 10 requests."};
}

}  // namespace

std::string place_of_processes(const std::filesystem::path& proc) {
  std::error_code ignored;
  const std::string boot = text_of(proc / "sys/kernel/random/boot_id");
  const std::string numbering = std::filesystem::read_symlink(proc / "self/ns/pid", ignored).string();
  return boot.empty() || numbering.empty() ? std::string() : boot + " " + numbering;
}

S3Lease::S3Lease(std::shared_ptr<S3Bucket> bucket, std::string key, i64 lease_millis)
    : bucket_(std::move(bucket)), key_(std::move(key)), lease_millis_(lease_millis), id_(random_id()) {}

Result<bool> S3Lease::write(const std::string& etag, bool is_held) {
  const i64 process = ::getpid();
  const Json facts = {{"held", is_held},
                      {"run", id_},
                      {"host", host_name()},
                      {"process", process},
                      {"started", start_of_process(process)},
                      {"place", place_of_processes()},
                      {"since", format_utc(system_clock().now_micros())},
                      {"renewals", ++renewals_},
                      {"lease_seconds", lease_millis_ / 1000}};
  S3Condition condition;
  condition.absent = etag.empty();
  condition.etag = etag;
  TRY_ASSIGN(const S3Written written, bucket_->with([&](S3Client& client) { return client.put(key_, facts.dump(1) + "\n", condition); }));
  if (written.outcome == S3Outcome::refused) return false;
  etag_ = written.etag;
  return true;
}

Result<std::unique_ptr<S3Lease>> S3Lease::acquire(std::shared_ptr<S3Bucket> bucket, const std::string& key, std::string_view account_name,
                                                  i64 lease_millis) {
  std::unique_ptr<S3Lease> lease(new S3Lease(bucket, key, lease_millis));
  const std::string where = bucket->with([&key](S3Client& client) -> Result<std::string> { return client.name_of(key); }).value_or(key);
  TRY_ASSIGN(Seen first, look(*bucket, key));
  const i64 began = system_clock().steady_millis();
  bool told = false;
  for (Seen now = first; now.is_held() && !now.is_dead();) {
    if (now.etag != first.etag) return tl::unexpected(busy(account_name, where, now));
    if (system_clock().steady_millis() - began >= lease_millis) {
      log_warning("The lock of a run that does not renew it any more is taken over.",
                  {{"account", std::string(account_name)}, {"holder", now.holder()}});
      break;
    }
    if (!told)
      log_info("The account is locked; looking whether the run that locked it lives.",
               {{"account", std::string(account_name)}, {"holder", now.holder()}});
    told = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(lease_millis / kLooksPerLease));
    TRY_ASSIGN(now, look(*bucket, key));
    if (!now.is_held()) first = now;
  }
  TRY_ASSIGN(const bool is_ours, lease->write(first.etag, true));
  if (!is_ours) {
    TRY_ASSIGN(const Seen other, look(*bucket, key));
    return tl::unexpected(busy(account_name, where, other));
  }
  lease->thread_ = std::thread([self = lease.get()] { self->keep_alive(); });
  return lease;
}

S3Lease::~S3Lease() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (!thread_.joinable()) return;
  thread_.join();
  if (is_lost_) return;
  // Not well done is no harm: the next run waits for the lease to end.
  try {
    (void)write(etag_, false);
  } catch (const std::exception& problem) {
    log_exception("The lock could not be let go.", problem);
  } catch (...) {  // the same
  }
}

Result<bool> S3Lease::finds_own() {
  TRY_ASSIGN(const Seen seen, look(*bucket_, key_));
  if (!seen.is_held() || seen.facts.value("run", "") != id_) return false;
  etag_ = seen.etag;
  return true;
}

Result<bool> S3Lease::confirm() {
  const std::lock_guard lock(writing_);
  TRY_ASSIGN(const bool is_written, write(etag_, true));
  return is_written ? Result<bool>(true) : finds_own();
}

bool S3Lease::renew() noexcept {
  try {
    // What failed for another reason is tried again the next time; whether it was too late, the next answer says.
    return confirm().value_or(true);
  } catch (const std::exception& problem) {
    log_exception("The lock could not be renewed; it is tried again.", problem);
  } catch (...) {  // the same
  }
  return true;
}

void S3Lease::keep_alive() {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, std::chrono::milliseconds(lease_millis_ / kRenewalsPerLease), [this] { return stopping_; })) {
    lock.unlock();
    if (!renew()) {
      is_lost_ = true;
      return;
    }
    lock.lock();
  }
}

}  // namespace chimplift
