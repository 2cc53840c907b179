#include "archive/writer.hpp"

#include <chrono>
#include <exception>
#include <utility>

#include "base/hash.hpp"
#include "base/zstd.hpp"

namespace chimplift {

AccountArchive::Writer::Writer(std::unique_ptr<Journal> journal, ArchiveState state)
    : journal_(std::move(journal)), state_(std::move(state)), durable_(state_.ledger_size) {
  thread_ = std::thread([this] { run(); });
}

AccountArchive::Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void AccountArchive::Writer::add(Item item, i64 bytes, i64 on_disk, bool ends_gathering) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(item));
    queued_in_queue_ += bytes;
    on_disk_in_queue_ += on_disk;
    gathered_ = gathered_ || ends_gathering;
  }
  queued_bytes_ += bytes;
  queued_on_disk_ += on_disk;
  changed_.notify_all();
}

Result<void> AccountArchive::Writer::flush() {
  std::unique_lock lock(mutex_);
  ++flushing_;
  changed_.notify_all();
  changed_.wait(lock, [this] { return error_ || (queue_.empty() && !busy_); });
  --flushing_;
  if (error_) return tl::unexpected(*error_);
  return {};
}

std::optional<Error> AccountArchive::Writer::error() const {
  const std::lock_guard lock(mutex_);
  return error_;
}

void AccountArchive::Writer::on_durable(std::function<void()> callback) {
  const std::lock_guard lock(mutex_);
  callback_ = std::move(callback);
}

/// An exception is a bug, or memory that is lacking: it stops the writer as a full disk does, and not the whole program on the spot.
void AccountArchive::Writer::run() {
  try {
    write_until_stopped();
  } catch (const std::exception& problem) {
    give_up(problem.what());
  } catch (...) {
    give_up("an unknown exception");
  }
}

void AccountArchive::Writer::give_up(const char* why) noexcept {
  const std::lock_guard lock(mutex_);
  busy_ = false;
  try {
    error_ = Error{ErrorKind::internal, std::string("the archive could not be written: ") + why, {}};
  } catch (...) {
    error_ = Error{ErrorKind::internal, "out of memory", {}};  // so short that it takes none
  }
  try {
    if (callback_) callback_();
  } catch (...) {  // perhaps what brought us here: flush() and error() tell all the same
  }
  changed_.notify_all();
}

void AccountArchive::Writer::write_until_stopped() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || (!queue_.empty() && !error_); });
    if (queue_.empty() || error_) return;  // stopping, and nothing is left that could be written
    gather(lock);
    std::deque<Item> batch = std::exchange(queue_, {});
    const i64 bytes = std::exchange(queued_in_queue_, 0);
    const i64 on_disk = std::exchange(on_disk_in_queue_, 0);
    gathered_ = false;
    busy_ = true;
    lock.unlock();
    Result<void> written = write_batch(batch);
    lock.lock();
    busy_ = false;
    if (!written) error_ = std::move(written).error();
    queued_bytes_ -= bytes;
    queued_on_disk_ -= on_disk;
    // Called under the lock: whoever takes the callback back knows that no call is under way behind its back.
    if (callback_) callback_();
    changed_.notify_all();
  }
}

/// Waits for more where a commit is dear, until there is enough, or somebody waits.
void AccountArchive::Writer::gather(std::unique_lock<std::mutex>& lock) {
  const Gathering enough = journal_->gathering();
  if (enough.millis == 0) return;
  changed_.wait_for(lock, std::chrono::milliseconds(enough.millis), [&] {
    return stopping_ || flushing_ > 0 || gathered_ || queued_in_queue_ + on_disk_in_queue_ >= enough.bytes || queue_.size() >= enough.items;
  });
}

// The order is the promise: bytes, then the ledger that vouches for them. A crash in between leaves bytes that nobody vouches for.
Result<void> AccountArchive::Writer::write_batch(std::deque<Item>& batch) {
  std::string lines;
  std::string sum = state_.ledger_sum;
  for (Item& item : batch) {
    TRY_ASSIGN(const LedgerRecord record, std::visit([this](auto& one) { return this->put(one); }, item));
    lines += encode(record, sum) + "\n";
  }
  TRY(journal_->commit(lines));
  state_.ledger_sum = sum;
  state_.ledger_size += static_cast<i64>(lines.size());
  durable_ = state_.ledger_size;
  return {};
}

Result<LedgerRecord> AccountArchive::Writer::put(PageToKeep& page) {
  page.record.number = page.envelope.number = ++state_.last_page;
  const std::string frame = compress(page_line(page.envelope, page.body));
  TRY_ASSIGN(FramePlace place, journal_->put_frame(page.record.unit.stream, frame));
  page.record.segment = std::move(place.segment);
  page.record.at = place.at;
  page.record.bytes = static_cast<i64>(frame.size());
  page.record.sha256 = sha256_hex(frame);
  return LedgerRecord(std::move(page.record));
}

Result<LedgerRecord> AccountArchive::Writer::put(FileToKeep& file) {
  if (file.content) {
    file.record.bytes = static_cast<i64>(file.content->size());
    file.record.sha256 = sha256_hex(*file.content);
    TRY(journal_->put_file(file.record.path, std::move(*file.content)));
  } else if (!file.temporary.empty()) {
    TRY(journal_->put_file(file.record.path, WholeFile{file.temporary, file.record.bytes, file.record.sha256}));
  }
  return LedgerRecord(std::move(file.record));
}

}  // namespace chimplift
