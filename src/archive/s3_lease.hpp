// An account's lock in a bucket: the object `lock`, which its holder writes anew every few seconds, each time only over what it wrote
// itself. A run that finds it unchanged for a whole lease takes it over, again only over what it saw; so nobody's clock has to be right. A
// run on the same machine whose process is gone need not be waited for. Letting go is a write too: nothing is ever deleted.
//
// The lock keeps two runs from working side by side. That they could not harm the archive if they did is the ledger's doing: its pieces
// are numbered, and each is written only where none of that number is (S3Journal).
#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "archive/s3_bucket.hpp"

namespace chimplift {

/// Which machine, since when, and which numbering of processes: where all are equal, a process can be looked up by its id. "" where that
/// cannot be known.
std::string place_of_processes(const std::filesystem::path& proc = "/proc");

class S3Lease {
 public:
  /// Error: busy, where another run keeps it alive. May wait for one lease to find out.
  static Result<std::unique_ptr<S3Lease>> acquire(std::shared_ptr<S3Bucket> bucket, const std::string& key, std::string_view account_name,
                                                  i64 lease_millis);
  S3Lease(const S3Lease&) = delete;
  S3Lease& operator=(const S3Lease&) = delete;
  /// Lets go.
  ~S3Lease();

  /// True once another run has taken it over.
  [[nodiscard]] bool is_lost() const { return is_lost_; }
  /// Writes the lock anew, so that it is known whose it is now and not only a while ago: this run may have been stopped in between. False
  /// where another run has taken it over. From any thread.
  Result<bool> confirm();

 private:
  S3Lease(std::shared_ptr<S3Bucket> bucket, std::string key, i64 lease_millis);
  /// Writes the lock over what stands there (`etag`; "": nothing). False where it has changed meanwhile.
  Result<bool> write(const std::string& etag, bool is_held);
  void keep_alive();
  /// Writes it anew. False where another run has taken it over; true also where that cannot be seen now: the next one tells.
  bool renew() noexcept;
  /// True where this run wrote what stands there, and the answer that would have said so was lost.
  Result<bool> finds_own();

  std::shared_ptr<S3Bucket> bucket_;
  std::string key_;
  i64 lease_millis_;
  std::string id_;      // of this run
  std::mutex writing_;  // guards the next two
  std::string etag_;    // of what this run wrote last
  i64 renewals_ = 0;
  std::atomic<bool> is_lost_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace chimplift
