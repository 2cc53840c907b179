// The thread that makes things durable. Only account_archive.cpp includes this.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <variant>

#include "archive/account_archive.hpp"
#include "archive/journal.hpp"

namespace chimplift {

class AccountArchive::Writer {
 public:
  Writer(std::unique_ptr<Journal> journal, ArchiveState state);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  using Item = std::variant<PageToKeep, FileToKeep, EndRecord, RefreshEvent, FinishedEvent, AccountEvent>;
  /// `bytes`: that the item holds in memory; `on_disk`: in a temporary file. `ends_gathering`: nothing should be
  /// waited for after it.
  void add(Item item, i64 bytes, i64 on_disk = 0, bool ends_gathering = false);
  Result<void> flush();
  std::optional<Error> error() const;
  void on_durable(std::function<void()> callback);
  i64 queued_bytes() const { return queued_bytes_.load(); }
  i64 queued_on_disk() const { return queued_on_disk_.load(); }
  i64 durable() const { return durable_.load(); }

 private:
  void run();
  void write_until_stopped();
  void give_up(const char* why) noexcept;
  Result<void> write_batch(std::deque<Item>& batch);
  Result<LedgerRecord> put(PageToKeep& page);
  Result<LedgerRecord> put(FileToKeep& file);
  /// What has no bytes beside its line.
  template <typename Line>
  static Result<LedgerRecord> put(Line& line) {
    return LedgerRecord(std::move(line));
  }
  void gather(std::unique_lock<std::mutex>& lock);

  std::unique_ptr<Journal> journal_;
  ArchiveState state_;
  std::atomic<i64> queued_bytes_ = 0;
  std::atomic<i64> queued_on_disk_ = 0;
  std::atomic<i64> durable_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Item> queue_;
  i64 queued_in_queue_ = 0;
  i64 on_disk_in_queue_ = 0;
  int flushing_ = 0;  // callers that wait for all to be durable
  bool gathered_ = false;
  bool busy_ = false;
  bool stopping_ = false;
  std::optional<Error> error_;
  std::function<void()> callback_;
  std::thread thread_;
};

}  // namespace chimplift
