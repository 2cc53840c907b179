#include "archive/s3_ledger.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "archive/layout.hpp"
#include "base/hash.hpp"

namespace chimplift {
namespace {

// An archive that was copied here from a folder has its ledger in one file; what came later follows in pieces.
constexpr std::string_view kWhole = "ledger.ndjson";
// Pieces that are fetched side by side, and are in memory together.
constexpr std::size_t kFetchedAtOnce = 64;
// A piece is what one commit wrote. Chosen above what any should have: it stops what is none.
constexpr i64 kMostPieceBytes = 256'000'000;
// Of a ledger that was copied here, which may be large: its first line tells whose it is, and is far shorter.
constexpr i64 kFirstLineBytes = 1'000'000;

}  // namespace

Result<S3Ledger> S3Ledger::fetch(S3Bucket& bucket, const std::string& root, LedgerPart part) {
  TRY_ASSIGN(TemporaryPlace place, TemporaryPlace::make());
  S3Ledger ledger(std::move(place));
  ledger.folder_ = fmt::format("{}{}/", root, kLedger);
  std::vector<std::string> keys;
  std::optional<S3Object> whole;
  TRY(bucket.with([&](S3Client& client) {
    ledger.name_ = client.name_of(ledger.folder_);
    return client.list(ledger.folder_, [&](const S3Object& object) {
      const std::string name = object.key.substr(ledger.folder_.size());
      if (name == kWhole) whole = object;
      if (const i64 number = ledger_piece_number(name); number > 0) {
        ledger.last_piece_ = number;
        keys.push_back(object.key);
      }
      return true;
    });
  }));
  TRY_ASSIGN(ledger.copy_, File::open_append(ledger.file()));
  if (whole) TRY(ledger.fetch_whole(bucket, *whole, part));
  if (part == LedgerPart::first_line && !keys.empty()) keys.resize(whole ? 0 : 1);
  for (std::size_t done = 0; done < keys.size(); done += kFetchedAtOnce) {
    std::vector<std::string> pieces(std::min(kFetchedAtOnce, keys.size() - done));
    TRY(bucket.each(pieces.size(), [&](S3Client& client, std::size_t at) -> Result<void> {
      const std::string& key = keys[done + at];
      TRY_ASSIGN(std::optional<std::string> piece, client.get(key, kMostPieceBytes));
      if (!piece) return fail(ErrorKind::temporary, client.name_of(key) + " was deleted while the ledger was read", "Run again.");
      if (!piece->empty() && piece->back() != '\n') {
        // The next piece would go on in the middle of its last line.
        return fail(ErrorKind::archive, client.name_of(key) + " ends in the middle of a line", "Bring it back from the newest copy of it.");
      }
      pieces[at] = std::move(*piece);
      return {};
    }));
    for (const std::string& piece : pieces) {
      TRY(ledger.copy_.append(piece));
      ledger.size_ += static_cast<i64>(piece.size());
    }
  }
  return ledger;
}

/// What was copied here from a folder. Piece by piece, because it may be more than memory has; without the half line that a run may have
/// left at its end, which the folder's next run would have cut off.
Result<void> S3Ledger::fetch_whole(S3Bucket& bucket, const S3Object& whole, LedgerPart part) {
  i64 lines_end = 0;
  const auto take = [this, &lines_end](std::string_view bytes) -> Result<void> {
    if (const std::size_t last = bytes.rfind('\n'); last != std::string_view::npos) lines_end = size_ + static_cast<i64>(last) + 1;
    size_ += static_cast<i64>(bytes.size());
    return copy_.append(bytes);
  };
  TRY_ASSIGN(const bool is_there, bucket.with([&](S3Client& client) -> Result<bool> {
    if (part == LedgerPart::whole) return client.read(whole.key, take);
    TRY_ASSIGN(const std::optional<std::string> begin, client.get_range(whole.key, {0, kFirstLineBytes}));
    if (begin) TRY(take(*begin));
    return begin.has_value();
  }));
  if (!is_there) return fail(ErrorKind::temporary, name_ + std::string(kWhole) + " was deleted while the ledger was read", "Run again.");
  if (part == LedgerPart::whole && lines_end < size_) torn_ = Torn{whole, lines_end};
  size_ = lines_end;
  return copy_.truncate(lines_end);
}

Result<void> S3Ledger::mend(S3Bucket& bucket) {
  if (!torn_) return {};
  // Whoever puts the pieces together as the documentation says would join the half line and the first of theirs.
  const std::filesystem::path whole = temporary_folder() / "whole.ndjson";
  TRY_ASSIGN(File file, File::create(whole));
  Sha256 sum;
  constexpr i64 kAtOnce = 8'000'000;
  for (i64 at = 0; at < torn_->lines_end; at += kAtOnce) {
    TRY_ASSIGN(const std::string bytes, copy_.read(at, std::min(kAtOnce, torn_->lines_end - at)));
    sum.update(bytes);
    TRY(file.append(bytes));
  }
  const S3File shortened{whole, torn_->lines_end, sum.hex()};
  TRY_ASSIGN(const S3Written written,
             bucket.with([&](S3Client& client) { return client.put_file(torn_->object.key, shortened, {.etag = torn_->object.etag}); }));
  if (written.outcome == S3Outcome::refused)
    return fail(ErrorKind::temporary, name_ + std::string(kWhole) + " was replaced while the ledger was read", "Run again.");
  torn_.reset();
  std::error_code ignored;
  std::filesystem::remove(whole, ignored);
  return {};
}

Result<bool> S3Ledger::append(S3Bucket& bucket, std::string_view lines) {
  const std::string key = folder_ + ledger_piece_name(last_piece_ + 1);
  TRY_ASSIGN(const S3Written written, bucket.with([&](S3Client& client) { return client.put(key, lines, {.absent = true}); }));
  if (written.outcome == S3Outcome::refused) return false;
  ++last_piece_;
  size_ += static_cast<i64>(lines.size());
  TRY(copy_.append(lines));
  return true;
}

}  // namespace chimplift
