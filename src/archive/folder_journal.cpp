#include "archive/folder_journal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "archive/layout.hpp"
#include "base/file_presence.hpp"
#include "base/files.hpp"
#include "base/text.hpp"

namespace chimplift {
namespace {

namespace fs = std::filesystem;

// Large enough that an archive has few files, small enough to copy one by itself.
constexpr i64 kSegmentBytes = 64'000'000;
// Of 84 streams only those are written to at a time that the account's ten requests are for. Chosen above their number, so that few are
// opened again, and so low that dozens of accounts have enough with the 1,024 files that a process may commonly have open.
constexpr std::size_t kMostOpen = 16;

fs::path ledger_of(const fs::path& account) { return account / kLedger / "ledger.ndjson"; }

class FolderLedger final : public LedgerCopy {
 public:
  explicit FolderLedger(fs::path file) : file_(std::move(file)) {}
  [[nodiscard]] fs::path file() const override { return file_; }
  [[nodiscard]] std::string name() const override { return file_.string(); }

 private:
  fs::path file_;
};

class FolderJournal final : public Journal {
 public:
  FolderJournal(fs::path root, File lock, File ledger) : root_(std::move(root)), lock_(std::move(lock)), ledger_(std::move(ledger)) {}

  [[nodiscard]] fs::path file() const override { return ledger_of(root_); }
  [[nodiscard]] std::string name() const override { return file().string(); }

  Result<void> begin(const ArchiveState& state) override {
    segments_ = state.segments;
    TRY_ASSIGN(const i64 size, ledger_.size());
    if (state.ledger_size < size) TRY(ledger_.truncate(state.ledger_size));
    committed_ = state.ledger_size;
    return {};
  }

  Result<FramePlace> put_frame(const std::string& stream, std::string_view frame) override {
    TRY_ASSIGN(OpenSegment * segment, segment_of(stream));
    TRY(segment->file.append(frame));
    segment->has_unsynced = true;
    segment->last_write = ++writes_;
    SegmentEnd& end = segments_[stream];
    const FramePlace place{segment_name(end.segment), end.size};
    end.size += static_cast<i64>(frame.size());
    return place;
  }

  Result<void> put_file(const std::string& path, std::string bytes) override {
    const fs::path whole = root_ / file_path(path);
    TRY(make_folders(whole.parent_path()));
    return write_file(whole, bytes);
  }

  Result<void> put_file(const std::string& path, const WholeFile& file) override {
    const fs::path whole = root_ / file_path(path);
    TRY(make_folders(whole.parent_path()));
    TRY_ASSIGN(File bytes, File::open(file.path));
    TRY(bytes.sync());
    return move_file(file.path, whole);
  }

  Result<void> commit(std::string_view lines) override {
    for (auto& [stream, segment] : open_) TRY(sync(segment));
    // Beyond this point every byte that the lines speak of is on the disk.
    Result<void> done = ledger_.append(lines);
    if (done) done = ledger_.sync();
    if (done) {
      committed_ += static_cast<i64>(lines.size());
    } else {
      // Where the disk failed, the system may show these lines for as long as it has them in memory, and say nothing more of them: the next
      // run would build on what is gone with the power.
      static_cast<void>(ledger_.truncate(committed_));
    }
    return done;
  }

  Result<fs::path> temporary_folder() override {
    TRY(make_folders(root_ / "tmp"));
    return root_ / "tmp";
  }

 private:
  /// 0 where there is none.
  [[nodiscard]] i64 size_of(const std::string& stream, const SegmentEnd& end) const {
    std::error_code missing;
    const std::uintmax_t size = fs::file_size(root_ / raw_path(stream, segment_name(end.segment)), missing);
    return missing ? 0 : static_cast<i64>(size);
  }

  struct OpenSegment {
    File file;
    bool has_unsynced = false;
    i64 last_write = 0;
  };

  static Result<void> sync(OpenSegment& segment) {
    if (segment.has_unsynced) TRY(segment.file.sync());
    segment.has_unsynced = false;
    return {};
  }

  /// Durable first: commit() syncs no more than what is open.
  Result<void> close(std::map<std::string, OpenSegment>::iterator segment) {
    TRY(sync(segment->second));
    open_.erase(segment);
    return {};
  }

  /// The open segment of the stream; a new one where there is none or the last is full.
  Result<OpenSegment*> segment_of(const std::string& stream) {
    SegmentEnd& end = segments_[stream];
    const auto open = open_.find(stream);
    if (open != open_.end() && end.size < kSegmentBytes) return &open->second;
    if (open != open_.end()) TRY(close(open));
    if (open_.size() >= kMostOpen) {
      TRY(close(std::ranges::min_element(open_, {}, [](const auto& segment) { return segment.second.last_write; })));
    }
    // One that lacks what the ledger names is damaged, and left as it is.
    if (end.segment == 0 || end.size >= kSegmentBytes || size_of(stream, end) < end.size) {
      end = {end.segment + 1, 0};
      named_.erase(stream);
    }
    const fs::path path = root_ / raw_path(stream, segment_name(end.segment));
    TRY(make_folders(path.parent_path()));
    TRY_ASSIGN(File file, File::open_append(path));
    TRY(file.truncate(end.size));  // what lies beyond was never vouched for
    if (!named_.contains(stream)) TRY(sync_folder(path.parent_path()));
    named_.insert(stream);
    return &open_.emplace(stream, OpenSegment{std::move(file)}).first->second;
  }

  fs::path root_;
  File lock_;
  File ledger_;
  i64 committed_ = 0;                           // bytes of the ledger that are on the disk
  std::map<std::string, SegmentEnd> segments_;  // by stream
  std::map<std::string, OpenSegment> open_;     // by stream
  std::set<std::string> named_;                 // streams whose segment's name is on the disk
  i64 writes_ = 0;
};

/// An archive that comes from S3 has its ledger in pieces until somebody puts them together: what they say would be passed over, and what
/// they speak of written over.
Result<void> check_is_in_one_file(const fs::path& account) {
  const fs::path folder = ledger_of(account).parent_path();
  std::error_code failed;
  fs::directory_iterator at(folder, failed);
  if (failed == std::errc::no_such_file_or_directory) return {};
  for (const fs::directory_iterator end; !failed && at != end; at.increment(failed)) {
    const std::string name = at->path().filename().string();
    if (name != ledger_piece_name(ledger_piece_number(name))) continue;  // somebody's own, which the command below would not find
    return fail(ErrorKind::archive, fmt::format("the ledger in {} is still in pieces, as it was on S3", folder.string()),
                fmt::format("Put them together: `cd {} && cat 0*.ndjson >> ledger.ndjson && rm 0*.ndjson`", shell_word(folder.string())));
  }
  if (failed)
    return fail(ErrorKind::destination, fmt::format("cannot list {}: {}", folder.string(), failed.message()), "Check its permissions.");
  return {};
}

}  // namespace

Result<std::unique_ptr<LedgerCopy>> open_folder_ledger(const fs::path& account) {
  TRY(check_is_in_one_file(account));
  const fs::path file = ledger_of(account);
  TRY_ASSIGN(const bool is_there, is_file_there(file));
  if (!is_there) return std::unique_ptr<LedgerCopy>();
  return std::make_unique<FolderLedger>(file);
}

Result<File> lock_folder(const fs::path& account, std::string_view account_name) {
  TRY(make_folders(account));
  TRY_ASSIGN(File lock, File::open_append(account / "lock"));
  TRY_ASSIGN(const bool is_ours, lock.try_lock());
  if (is_ours) return lock;
  return fail(ErrorKind::busy, fmt::format("another run works on account \"{}\" in {}", account_name, account.parent_path().string()),
              "Wait until it has ended, or end it; two runs on one account would break Mailchimp's limit of 10 requests.");
}

Result<std::unique_ptr<Journal>> open_folder_journal(const fs::path& account, std::string_view account_name) {
  TRY_ASSIGN(File lock, lock_folder(account, account_name));
  TRY(check_is_in_one_file(account));
  std::error_code ignored;
  fs::remove_all(account / "tmp", ignored);
  const fs::path path = ledger_of(account);
  TRY(make_folders(path.parent_path()));
  TRY_ASSIGN(File ledger, File::open_append(path));
  TRY(sync_folder(path.parent_path()));
  return std::make_unique<FolderJournal>(account, std::move(lock), std::move(ledger));
}

}  // namespace chimplift
