#include "archive/s3_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <list>
#include <mutex>

#include "archive/layout.hpp"
#include "archive/s3_bucket.hpp"
#include "archive/s3_journal.hpp"
#include "archive/s3_lease.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"

namespace chimplift {
namespace {

constexpr std::string_view kScheme = "s3://";
constexpr i64 kMostObjectBytes = 2'000'000'000;

/// The segments that were read last, whole: pages are read one by one, mostly in the order in which they lie there.
class SegmentCache {
 public:
  std::optional<std::string> range(const std::string& key, i64 at, i64 size) {
    const std::lock_guard lock(mutex_);
    for (auto it = segments_.begin(); it != segments_.end(); ++it) {
      if (it->first != key) continue;
      segments_.splice(segments_.begin(), segments_, it);
      return cut(segments_.front().second, at, size);
    }
    return std::nullopt;
  }
  std::string keep(const std::string& key, std::string bytes, i64 at, i64 size) {
    const std::lock_guard lock(mutex_);
    std::string part = cut(bytes, at, size);
    bytes_ += bytes.size();
    segments_.emplace_front(key, std::move(bytes));
    for (; segments_.size() > 1 && bytes_ > kMostBytes; segments_.pop_back()) bytes_ -= segments_.back().second.size();
    return part;
  }

  void clear() {
    const std::lock_guard lock(mutex_);
    segments_.clear();
    bytes_ = 0;
  }

 private:
  static constexpr std::size_t kMostBytes = 64'000'000;
  static std::string cut(const std::string& bytes, i64 at, i64 size) {
    const auto from = static_cast<std::size_t>(at);
    return from >= bytes.size() ? std::string() : bytes.substr(from, static_cast<std::size_t>(size));
  }

  std::mutex mutex_;
  std::list<std::pair<std::string, std::string>> segments_;  // key, bytes; the last read first
  std::size_t bytes_ = 0;
};

class S3Tree final : public Tree {
 public:
  S3Tree(std::shared_ptr<S3Bucket> bucket, S3ArchivePlace place)
      : bucket_(std::move(bucket)), place_(std::move(place)), sizes_(std::make_shared<FileSizes>()) {}

  [[nodiscard]] std::string name_of(std::string_view path) const override {
    std::string key = key_of(path);
    if (path.empty() && !key.empty()) key.pop_back();
    return fmt::format("{}{}/{}", kScheme, place_.s3.bucket, key);
  }
  [[nodiscard]] std::string uri_of(std::string_view path) const override { return name_of(path); }
  [[nodiscard]] std::unique_ptr<Tree> below(std::string_view folder) const override {
    S3ArchivePlace part = place_;
    part.prefix = key_of(folder);
    return std::make_unique<S3Tree>(bucket_, std::move(part));
  }

  Result<std::optional<std::string>> read(const std::string& path) override {
    return bucket_->with([&](S3Client& client) { return client.get(key_of(path), kMostObjectBytes); });
  }

  Result<std::optional<std::string>> read_range(const std::string& path, i64 at, i64 size) override {
    if (!path.starts_with(kRaw)) return bucket_->with([&](S3Client& client) { return client.get_range(key_of(path), {at, size}); });
    if (std::optional<std::string> cached = segments_.range(path, at, size)) return cached;
    TRY_ASSIGN(std::optional<std::string> whole, read(path));
    if (!whole) return whole;
    return std::optional(segments_.keep(path, std::move(*whole), at, size));
  }

  void forget() override { segments_.clear(); }

  Result<std::optional<i64>> size_of(const std::string& path) override {
    if (path.starts_with(kFiles)) return sizes_->of(path, [this] { return list(std::string(kFiles)); });
    TRY_ASSIGN(const std::optional<S3Object> object, bucket_->with([&](S3Client& client) { return client.head(key_of(path)); }));
    return object ? std::optional(object->size) : std::nullopt;
  }

  Result<std::optional<std::string>> sha256_of(const std::string& path) override {
    Sha256 hash;
    TRY_ASSIGN(const bool is_there, bucket_->with([&](S3Client& client) {
      return client.read(key_of(path), [&hash](std::string_view piece) -> Result<void> {
        hash.update(piece);
        return {};
      });
    }));
    return is_there ? std::optional(hash.hex()) : std::nullopt;
  }

  Result<std::map<std::string, i64>> list(const std::string& folder) override {
    std::map<std::string, i64> files;
    const std::string root = key_of("");
    TRY(bucket_->with([&](S3Client& client) {
      return client.list(key_of(folder) + "/", [&](const S3Object& object) {
        const std::string path = object.key.substr(root.size());
        const std::vector<std::string> parts = split(path, '/');
        if (std::all_of(parts.begin(), parts.end(), [](const std::string& part) { return is_plain_name(part); })) files[path] = object.size;
        return true;
      });
    }));
    return files;
  }

  Result<std::vector<std::string>> folders() override {
    std::vector<std::string> names;
    const std::string root = key_of("");
    std::string after;
    // From one folder straight to the next, however much is in them.
    for (bool found = true; found;) {
      found = false;
      TRY(bucket_->with([&](S3Client& client) {
        return client.list(
            root,
            [&](const S3Object& object) {
              const std::size_t slash = object.key.find('/', root.size());
              if (slash == std::string::npos) return true;
              found = true;
              names.push_back(object.key.substr(root.size(), slash - root.size()));
              after = object.key.substr(0, slash) + "0";  // '0' comes next after '/': behind all that is in that folder
              return false;
            },
            after);
      }));
    }
    return names;
  }

  Result<void> write(const std::string& path, std::string_view bytes) override {
    TRY(bucket_->with([&](S3Client& client) { return client.put(key_of(path), bytes); }));
    return {};
  }

  Result<std::unique_ptr<LedgerCopy>> open_ledger(LedgerPart part) override { return open_s3_ledger(bucket_, key_of(""), part); }

  Result<std::unique_ptr<Journal>> open_journal(std::string_view account_name) override {
    return open_s3_journal(bucket_, {key_of(""), place_.lease_millis, place_.gathering, std::string(account_name),
                                     [sizes = sizes_](const std::string& path, i64 size) { sizes->note(path, size); }});
  }

  Result<std::shared_ptr<void>> lock(std::string_view account_name) override {
    TRY_ASSIGN(std::unique_ptr<S3Lease> lease, S3Lease::acquire(bucket_, key_of("lock"), account_name, place_.lease_millis));
    return std::shared_ptr<S3Lease>(std::move(lease));
  }

  Result<void> rename_to(const std::string& name) override {
    return fail(
        ErrorKind::usage, fmt::format("{} holds a test run, which cannot be put aside on S3", name_of("")),
        fmt::format("Move it first: aws s3 mv --recursive {} {}", name_of(""), name_of("").substr(0, name_of("").rfind('/') + 1) + name));
  }

  Result<std::string> try_writing() override {
    const std::string trial = "doctor.trial";
    TRY(write(trial, "chimplift doctor\n"));
    // A run deletes nothing, so it needs no right to; where there is none, the trial stays.
    (void)bucket_->with([&](S3Client& client) { return client.remove(key_of(trial)); });
    return std::string();
  }

 private:
  /// Sizes of the files of an account, from one list of them and what was written since.
  class FileSizes {
   public:
    template <typename List>
    Result<std::optional<i64>> of(const std::string& path, const List& list) {
      const std::lock_guard lock(mutex_);
      if (!is_listed_) {
        TRY_ASSIGN(auto listed, list());
        for (const auto& [name, size] : sizes_) listed[name] = size;
        sizes_ = std::move(listed);
        is_listed_ = true;
      }
      const auto found = sizes_.find(path);
      return found == sizes_.end() ? std::optional<i64>() : std::optional(found->second);
    }
    void note(const std::string& path, i64 size) {
      const std::lock_guard lock(mutex_);
      sizes_[path] = size;
    }

   private:
    std::mutex mutex_;
    bool is_listed_ = false;
    std::map<std::string, i64> sizes_;
  };

  /// "" gives the prefix of all keys, with its slash.
  [[nodiscard]] std::string key_of(std::string_view path) const {
    return (place_.prefix.empty() ? "" : place_.prefix + "/") + std::string(path);
  }

  std::shared_ptr<S3Bucket> bucket_;
  S3ArchivePlace place_;
  SegmentCache segments_;
  std::shared_ptr<FileSizes> sizes_;
};

}  // namespace

Result<S3ArchivePlace> s3_place_of(std::string_view address) {
  std::string_view rest = address;
  if (rest.starts_with(kScheme)) rest.remove_prefix(kScheme.size());
  while (rest.ends_with('/')) rest.remove_suffix(1);
  const std::size_t slash = rest.find('/');
  S3ArchivePlace place;
  place.s3.bucket = rest.substr(0, slash);
  if (slash != std::string_view::npos) place.prefix = rest.substr(slash + 1);
  if (!address.starts_with(kScheme) || place.s3.bucket.empty() || place.prefix.find("//") != std::string::npos ||
      place.prefix.starts_with('/')) {
    return fail(ErrorKind::usage, fmt::format("{} is not a place on S3", address), "As in: s3://bucket/prefix");
  }
  return place;
}

Result<std::shared_ptr<Tree>> s3_tree(S3ArchivePlace place) {
  TRY_ASSIGN(std::shared_ptr<S3Bucket> bucket, S3Bucket::open(place.aws, place.s3));
  return std::make_shared<S3Tree>(std::move(bucket), std::move(place));
}

}  // namespace chimplift
