#include "archive/s3_journal.hpp"

#include <fmt/format.h>

#include <optional>
#include <variant>
#include <vector>

#include "archive/layout.hpp"
#include "archive/s3_lease.hpp"
#include "archive/s3_ledger.hpp"

namespace chimplift {
namespace {

class FetchedLedger final : public LedgerCopy {
 public:
  explicit FetchedLedger(S3Ledger ledger) : ledger_(std::move(ledger)) {}
  [[nodiscard]] std::filesystem::path file() const override { return ledger_.file(); }
  [[nodiscard]] std::string name() const override { return ledger_.name(); }

 private:
  S3Ledger ledger_;
};

class S3Journal final : public Journal {
 public:
  S3Journal(std::shared_ptr<S3Bucket> bucket, S3JournalSettings settings, std::unique_ptr<S3Lease> lease, S3Ledger ledger)
      : bucket_(std::move(bucket)), settings_(std::move(settings)), lease_(std::move(lease)), ledger_(std::move(ledger)) {}

  [[nodiscard]] std::filesystem::path file() const override { return ledger_.file(); }
  [[nodiscard]] std::string name() const override { return ledger_.name(); }
  [[nodiscard]] Gathering gathering() const override { return settings_.gathering; }
  Result<std::filesystem::path> temporary_folder() override { return ledger_.temporary_folder(); }

  /// Segments that a killed run wrote and no line names stay where they are: new ones get numbers behind theirs.
  Result<void> begin(const ArchiveState& state) override {
    TRY(ledger_.mend(*bucket_));
    for (const auto& [stream, end] : state.segments) last_[safe_name(stream)] = end.segment;
    const std::string raw = fmt::format("{}{}/", settings_.root, kRaw);
    return bucket_->with([&](S3Client& client) {
      return client.list(raw, [&](const S3Object& object) {
        const std::string path = object.key.substr(raw.size());
        const std::size_t slash = path.find('/');
        if (slash == std::string::npos) return true;
        int& last = last_[path.substr(0, slash)];
        last = std::max(last, segment_number(std::string_view(path).substr(slash + 1)));
        return true;
      });
    });
  }

  Result<FramePlace> put_frame(const std::string& stream, std::string_view frame) override {
    std::string& open = segments_[stream];
    const FramePlace place{segment_name(last_[safe_name(stream)] + 1), static_cast<i64>(open.size())};
    open += frame;
    return place;
  }

  Result<void> put_file(const std::string& path, std::string bytes) override {
    files_.push_back({file_path(path), std::move(bytes)});
    return {};
  }
  Result<void> put_file(const std::string& path, const WholeFile& file) override {
    files_.push_back({file_path(path), file});
    return {};
  }

  Result<void> commit(std::string_view lines) override {
    if (lease_->is_lost()) return tl::unexpected(taken_over());
    TRY(put_segments());
    TRY(put_files());
    // Beyond this point every byte that the lines speak of is durable.
    TRY_ASSIGN(const bool is_written, ledger_.append(*bucket_, lines));
    if (!is_written) return tl::unexpected(taken_over());
    return {};
  }

 private:
  struct PendingFile {
    std::string path;  // below the account's part
    std::variant<std::string, WholeFile> content;
  };

  Result<void> put_segments() {
    std::vector<std::pair<std::string, std::string>> objects;  // key, bytes
    for (auto& [stream, bytes] : segments_) {
      objects.emplace_back(settings_.root + raw_path(stream, segment_name(++last_[safe_name(stream)])), std::move(bytes));
    }
    segments_.clear();
    return bucket_->each(objects.size(), [&](S3Client& client, std::size_t at) -> Result<void> {
      TRY_ASSIGN(const S3Written written, client.put(objects[at].first, objects[at].second, {.absent = true}));
      if (written.outcome == S3Outcome::refused) return tl::unexpected(taken_over());
      return {};
    });
  }

  Result<void> put_files() {
    // Of two files of one name in a commit the later stands; they must not be written side by side.
    std::map<std::string, const PendingFile*> latest;
    for (const PendingFile& file : files_) latest[file.path] = &file;
    const std::vector<std::pair<std::string, const PendingFile*>> files(latest.begin(), latest.end());
    TRY(bucket_->each(files.size(), [&](S3Client& client, std::size_t at) { return put_one(client, *files[at].second); }));
    std::error_code ignored;
    for (const PendingFile& file : files_) {
      if (const auto* whole = std::get_if<WholeFile>(&file.content)) std::filesystem::remove(whole->path, ignored);
    }
    for (const auto& [path, file] : files) settings_.on_file(path, size_of(*file));
    files_.clear();
    return {};
  }

  Result<void> put_one(S3Client& client, const PendingFile& file) {
    const std::string key = settings_.root + file.path;
    const auto put = [&](const S3Condition& condition) -> Result<S3Written> {
      if (const auto* bytes = std::get_if<std::string>(&file.content)) return client.put(key, *bytes, condition);
      const auto& whole = std::get<WholeFile>(file.content);
      return client.put_file(key, S3File{whole.path, whole.size, whole.sha256}, condition);
    };
    TRY_ASSIGN(S3Written written, put({.absent = true}));
    // A file that has changed since: the new bytes take the place of just those that were seen, once it is sure that no other run wrote
    // them after this one was stopped for a while.
    if (written.outcome == S3Outcome::refused) {
      TRY_ASSIGN(const bool is_ours, lease_->confirm());
      if (!is_ours) return tl::unexpected(taken_over());
      TRY_ASSIGN(written, put({.etag = written.etag}));
    }
    if (written.outcome == S3Outcome::refused) return tl::unexpected(taken_over());
    return {};
  }

  static i64 size_of(const PendingFile& file) {
    if (const auto* bytes = std::get_if<std::string>(&file.content)) return static_cast<i64>(bytes->size());
    return std::get<WholeFile>(file.content).size;
  }

  [[nodiscard]] Error taken_over() const {
    return Error{ErrorKind::busy, fmt::format("another run has taken over account \"{}\" in {}", settings_.account_name, ledger_.name()),
                 "Nothing is lost: this run stops, and the other goes on from what is durable."};
  }

  std::shared_ptr<S3Bucket> bucket_;
  S3JournalSettings settings_;
  std::unique_ptr<S3Lease> lease_;
  S3Ledger ledger_;
  std::map<std::string, int> last_;              // number of the last segment, by the stream's name in keys
  std::map<std::string, std::string> segments_;  // what the next commit makes of each stream
  std::vector<PendingFile> files_;
};

}  // namespace

Result<std::unique_ptr<LedgerCopy>> open_s3_ledger(const std::shared_ptr<S3Bucket>& bucket, const std::string& root, LedgerPart part) {
  TRY_ASSIGN(S3Ledger ledger, S3Ledger::fetch(*bucket, root, part));
  if (ledger.is_empty()) return std::unique_ptr<LedgerCopy>();
  return std::make_unique<FetchedLedger>(std::move(ledger));
}

Result<std::unique_ptr<Journal>> open_s3_journal(const std::shared_ptr<S3Bucket>& bucket, S3JournalSettings settings) {
  TRY_ASSIGN(std::unique_ptr<S3Lease> lease,
             S3Lease::acquire(bucket, settings.root + "lock", settings.account_name, settings.lease_millis));
  TRY_ASSIGN(S3Ledger ledger, S3Ledger::fetch(*bucket, settings.root, LedgerPart::whole));
  return std::make_unique<S3Journal>(bucket, std::move(settings), std::move(lease), std::move(ledger));
}

}  // namespace chimplift
