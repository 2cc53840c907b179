#include "archive/s3_ledger.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "archive/layout.hpp"

namespace chimplift {
namespace {

// An archive that was copied here from a folder has its ledger in one file; what came later follows in pieces.
constexpr std::string_view kWhole = "ledger.ndjson";
constexpr std::string_view kEnding = ".ndjson";
// Pieces that are fetched side by side, and are in memory together.
constexpr std::size_t kFetchedAtOnce = 64;
// A ledger that was copied here is one piece, however large the archive. Chosen above what any ledger should have: it stops what is none.
constexpr i64 kMostPieceBytes = 4'000'000'000;

std::string piece_name(i64 number) { return fmt::format("{:08}{}", number, kEnding); }

/// 0 for what is no piece.
i64 piece_number(std::string_view name) {
  i64 number = 0;
  const auto [end, failed] = std::from_chars(name.data(), name.data() + name.size(), number);
  return failed == std::errc() && std::string_view(end, static_cast<std::size_t>(name.data() + name.size() - end)) == kEnding ? number : 0;
}

}  // namespace

Result<S3Ledger> S3Ledger::fetch(S3Bucket& bucket, const std::string& root, LedgerPart part) {
  TRY_ASSIGN(TemporaryPlace place, TemporaryPlace::make());
  S3Ledger ledger(std::move(place));
  ledger.folder_ = fmt::format("{}{}/", root, kLedger);
  std::vector<std::string> keys;
  std::string whole;
  TRY(bucket.with([&](S3Client& client) {
    ledger.name_ = client.name_of(ledger.folder_);
    return client.list(ledger.folder_, [&](const S3Object& object) {
      const std::string name = object.key.substr(ledger.folder_.size());
      if (name == kWhole) whole = object.key;
      if (const i64 number = piece_number(name); number > 0) {
        ledger.last_piece_ = number;
        keys.push_back(object.key);
      }
      return true;
    });
  }));
  if (!whole.empty()) keys.insert(keys.begin(), whole);
  if (part == LedgerPart::first_line && keys.size() > 1) keys.resize(1);
  TRY_ASSIGN(ledger.copy_, File::create(ledger.file()));
  for (std::size_t done = 0; done < keys.size(); done += kFetchedAtOnce) {
    std::vector<std::string> pieces(std::min(kFetchedAtOnce, keys.size() - done));
    TRY(bucket.each(pieces.size(), [&](S3Client& client, std::size_t at) -> Result<void> {
      const std::string& key = keys[done + at];
      TRY_ASSIGN(std::optional<std::string> piece, client.get(key, kMostPieceBytes));
      if (!piece) return fail(ErrorKind::temporary, client.name_of(key) + " was deleted while the ledger was read", "Run again.");
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

Result<bool> S3Ledger::append(S3Bucket& bucket, std::string_view lines) {
  const std::string key = folder_ + piece_name(last_piece_ + 1);
  TRY_ASSIGN(const S3Written written, bucket.with([&](S3Client& client) { return client.put(key, lines, {.absent = true}); }));
  if (written.outcome == S3Outcome::refused) return false;
  ++last_piece_;
  size_ += static_cast<i64>(lines.size());
  TRY(copy_.append(lines));
  return true;
}

}  // namespace chimplift
