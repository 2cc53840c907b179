// The pieces of a ledger in a bucket as one local file, which is removed with this object. Only s3_journal.cpp includes this.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "archive/journal.hpp"
#include "archive/s3_bucket.hpp"
#include "archive/temporary_place.hpp"
#include "archive/tree.hpp"
#include "base/files.hpp"

namespace chimplift {

class S3Ledger {
 public:
  /// Fetches what there is.
  static Result<S3Ledger> fetch(S3Bucket& bucket, const std::string& root, LedgerPart part);

  [[nodiscard]] bool is_empty() const { return last_piece_ == 0 && size_ == 0; }
  [[nodiscard]] std::filesystem::path file() const { return place_.path() / "ledger.ndjson"; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::filesystem::path& temporary_folder() const { return place_.path(); }
  /// Before anything is appended: takes away in the bucket too what fetch() has left out.
  Result<void> mend(S3Bucket& bucket);
  /// Writes the lines as the next piece; false where there is one of that number already.
  Result<bool> append(S3Bucket& bucket, std::string_view lines);

 private:
  /// ledger.ndjson that ends with half a line.
  struct Torn {
    S3Object object;
    i64 lines_end = 0;
  };
  explicit S3Ledger(TemporaryPlace place) : place_(std::move(place)) {}
  Result<void> fetch_whole(S3Bucket& bucket, const S3Object& whole, LedgerPart part);

  TemporaryPlace place_;
  std::string folder_;  // of the pieces' keys, with its slash
  std::string name_;
  File copy_;
  i64 last_piece_ = 0;
  i64 size_ = 0;
  std::optional<Torn> torn_;
};

}  // namespace chimplift
