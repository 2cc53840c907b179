#include "archive/writer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.hpp"
#include "base/zstd.hpp"

namespace chimplift {
namespace {

// Large enough that an archive has few files, small enough to copy one by itself.
constexpr i64 kSegmentBytes = 64'000'000;

}  // namespace

std::string segment_name(int segment) { return fmt::format("{:06}.ndjson.zst", segment); }

AccountArchive::Writer::Writer(AccountLayout layout, ArchiveState state, File lock, File ledger)
    : layout_(std::move(layout)),
      state_(std::move(state)),
      lock_(std::move(lock)),
      ledger_(std::move(ledger)),
      durable_(state_.ledger_size) {
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

void AccountArchive::Writer::add(Item item, i64 bytes) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(item));
    queued_in_queue_ += bytes;
  }
  queued_bytes_ += bytes;
  changed_.notify_all();
}

Result<void> AccountArchive::Writer::flush() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return error_ || (queue_.empty() && !busy_); });
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

void AccountArchive::Writer::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || (!queue_.empty() && !error_); });
    if (queue_.empty() || error_) return;  // stopping, and nothing is left that could be written
    std::deque<Item> batch = std::exchange(queue_, {});
    const i64 bytes = std::exchange(queued_in_queue_, 0);
    busy_ = true;
    lock.unlock();
    Result<void> written = write_batch(batch);
    lock.lock();
    busy_ = false;
    if (!written) error_ = std::move(written).error();
    queued_bytes_ -= bytes;
    // Called under the lock: whoever takes the callback back knows that no call is under way behind its back.
    if (callback_) callback_();
    changed_.notify_all();
  }
}

// The order is the promise: bytes, then the ledger that vouches for them. A crash in between leaves bytes that nobody vouches for, and the
// next start cuts them off.
Result<void> AccountArchive::Writer::write_batch(std::deque<Item>& batch) {
  std::string lines;
  std::string sum = state_.ledger_sum;
  for (Item& item : batch) {
    TRY_ASSIGN(const LedgerRecord record, std::visit([this](auto& one) { return this->put(one); }, item));
    lines += encode(record, sum) + "\n";
  }
  for (const std::string& stream : touched_) TRY(open_segments_.at(stream).sync());
  touched_.clear();
  // Beyond this point every byte that the batch speaks of is on the disk.
  TRY(ledger_.append(lines));
  TRY(ledger_.sync());
  state_.ledger_sum = sum;
  state_.ledger_size += static_cast<i64>(lines.size());
  durable_ = state_.ledger_size;
  return {};
}

Result<LedgerRecord> AccountArchive::Writer::put(PageToKeep& page) {
  TRY_ASSIGN(File * file, segment_file(page.record.unit.stream));
  SegmentEnd& end = state_.segments[page.record.unit.stream];
  page.record.number = page.envelope.number = ++state_.last_page;
  const std::string frame = compress(page_line(page.envelope, page.body));
  TRY(file->append(frame));
  page.record.segment = segment_name(end.segment);
  page.record.at = end.size;
  page.record.bytes = static_cast<i64>(frame.size());
  page.record.sha256 = sha256_hex(frame);
  end.size += page.record.bytes;
  if (std::find(touched_.begin(), touched_.end(), page.record.unit.stream) == touched_.end()) touched_.push_back(page.record.unit.stream);
  return LedgerRecord(std::move(page.record));
}

Result<LedgerRecord> AccountArchive::Writer::put(FileToKeep& file) {
  const std::filesystem::path path = layout_.files() / file.record.path;
  if (file.content) {
    file.record.bytes = static_cast<i64>(file.content->size());
    file.record.sha256 = sha256_hex(*file.content);
    TRY(make_folders(path.parent_path()));
    TRY(write_file(path, *file.content));
  } else if (!file.temporary.empty()) {
    TRY(make_folders(path.parent_path()));
    TRY_ASSIGN(File whole, File::open(file.temporary));
    TRY(whole.sync());
    TRY(move_file(file.temporary, path));
  }
  return LedgerRecord(std::move(file.record));
}

/// The open segment of the stream; a new one where there is none or the last is full.
Result<File*> AccountArchive::Writer::segment_file(const std::string& stream) {
  SegmentEnd& end = state_.segments[stream];
  const auto open = open_segments_.find(stream);
  if (open != open_segments_.end() && end.size < kSegmentBytes) return &open->second;
  if (open != open_segments_.end()) {
    TRY(open->second.sync());
    open_segments_.erase(open);
  }
  const std::filesystem::path folder = layout_.raw(stream);
  TRY(make_folders(folder));
  if (end.segment == 0 || end.size >= kSegmentBytes) end = {end.segment + 1, 0};
  TRY_ASSIGN(File file, File::open_append(folder / segment_name(end.segment)));
  TRY_ASSIGN(const i64 size, file.size());
  if (size < end.size) {
    return fail(ErrorKind::archive,
                fmt::format("the segment {} has {} bytes and the ledger names {}", file.path().string(), size, end.size),
                "Bring the file back from a copy, or pull the account into a new archive while it still exists. Nothing was changed.");
  }
  TRY(file.truncate(end.size));  // what lies beyond was never vouched for
  TRY(sync_folder(folder));
  return &open_segments_.emplace(stream, std::move(file)).first->second;
}

}  // namespace chimplift
