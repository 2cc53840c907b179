// The thread that makes things durable. Only account_archive.cpp includes this.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <variant>
#include <vector>

#include "archive/account_archive.hpp"

namespace chimplift {

/// Where a stream's next page goes.
struct SegmentEnd {
  int segment = 0;  // 0: none yet
  i64 size = 0;
};

/// What the ledger says is durable when an archive is opened.
struct ArchiveState {
  i64 ledger_size = 0;
  std::string ledger_sum;
  i64 last_page = 0;
  std::map<std::string, SegmentEnd> segments;  // by stream
};

std::string segment_name(int segment);

class AccountArchive::Writer {
 public:
  Writer(AccountLayout layout, ArchiveState state, File lock, File ledger);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  using Item = std::variant<PageToKeep, FileToKeep, EndRecord, EventRecord>;
  void add(Item item, i64 bytes);
  Result<void> flush();
  std::optional<Error> error() const;
  void on_durable(std::function<void()> callback);
  i64 queued_bytes() const { return queued_bytes_.load(); }
  i64 durable() const { return durable_.load(); }

 private:
  void run();
  Result<void> write_batch(std::deque<Item>& batch);
  Result<LedgerRecord> put(PageToKeep& page);
  Result<LedgerRecord> put(FileToKeep& file);
  static Result<LedgerRecord> put(EndRecord& end) { return LedgerRecord(std::move(end)); }
  static Result<LedgerRecord> put(EventRecord& event) { return LedgerRecord(std::move(event)); }
  Result<File*> segment_file(const std::string& stream);

  AccountLayout layout_;
  ArchiveState state_;
  File lock_;
  File ledger_;
  std::map<std::string, File> open_segments_;  // by stream
  std::vector<std::string> touched_;           // streams whose segment has unsynced bytes
  std::atomic<i64> queued_bytes_ = 0;
  std::atomic<i64> durable_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Item> queue_;
  i64 queued_in_queue_ = 0;
  bool busy_ = false;
  bool stopping_ = false;
  std::optional<Error> error_;
  std::function<void()> callback_;
  std::thread thread_;
};

}  // namespace chimplift
