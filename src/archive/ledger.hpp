// The ledger: what of an account is durable. One file that only grows, one JSON object a line, in the order in which things became durable:
// a line is written after the bytes that it speaks of are on the disk. What the ledger does not name is not there.
//
// Every line ends in "sum": the first 16 hex digits of sha256(sum of the line before + this line without its sum). A line that was changed,
// dropped or swapped breaks the chain, and verify says where. A torn last line (a crash while it was written) is cut off on the next start;
// damage anywhere else is an error, because cutting there would forget what cannot be asked for again once the account is closed.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/types.hpp"

namespace chimplift {

/// The first line: which archive this is.
struct ArchiveRecord {
  int version = 0;
  std::string id;  // 32 hex digits, new for each archive: a warehouse knows by it what it has loaded
  std::string account_name;
  bool test = false;
  std::string created_at;
};

/// One collection of one parent in one sweep: the unit that is read to its end.
struct UnitId {
  std::string stream;
  std::vector<std::string> parents;
  int sweep = 0;
  auto operator<=>(const UnitId&) const = default;
};

/// A page and where its bytes are: <account>/raw/<stream>/<segment>, `bytes` at `at`, one zstd frame.
struct PageRecord {
  i64 number = 0;  // from 1, over all streams
  UnitId unit;
  int pass = 1;    // a collection that changed while it was read is read again: pass 2, 3, …
  i64 offset = 0;  // of its first record, as asked for
  i64 count = 0;   // records asked for
  i64 records = 0;
  std::optional<i64> total = {};  // total_items, where the answer had one
  std::string segment = {};
  i64 at = 0;
  i64 bytes = 0;
  std::string sha256 = {};  // of these bytes
  std::string received_at = {};
};

enum class UnitState { complete, gone, not_permitted, incomplete };
std::string_view name_of(UnitState state);  // as in the certificate: "complete", "gone", "not permitted", "incomplete"

/// The end of a unit: nothing more will be asked for, and why.
struct EndRecord {
  UnitId unit;
  UnitState state = UnitState::complete;
  std::string reason = {};              // for all but complete; a remark there
  i64 records = 0;                      // of the last pass
  i64 distinct = 0;                     // different keys among them
  std::optional<i64> total_first = {};  // what Mailchimp said on the first page of the last pass
  std::optional<i64> total_last = {};   // and on its last page
  int passes = 1;
  bool capped = false;  // a test run's limit ended it
};

/// What came of a file.
enum class FileOutcome {
  fetched,
  made,     // from other files of the archive
  missing,  // its server no longer has it (404, 410)
  skipped,  // not followed
  failed,
  damaged,  // it was had, and what the archive has of it is not as it was
  unknown,  // a word of a later version: nothing is known to be there
};
/// True where the bytes are in the archive.
bool has_bytes(FileOutcome outcome);

/// A file of the account: had, or not to be had.
struct FileRecord {
  std::string kind = {};  // "stored_files", "templates", "campaigns", "images"
  std::string id = {};    // of the record it belongs to; for images the address
  std::string path = {};  // below files/; "" where there are no bytes
  i64 bytes = 0;
  std::string sha256 = {};
  std::string content_type = {};
  std::string source_url = {};             // "" for a body that came inside a page
  std::optional<i64> expected_bytes = {};  // the size that Mailchimp gives
  FileOutcome outcome = FileOutcome::unknown;
  std::string unknown_outcome = {};  // the word itself, where the outcome is unknown
  std::string reason = {};           // where there are no bytes
  std::string at = {};
};
/// The outcome as the ledger and the table of files write it: "fetched", …
std::string_view outcome_word(const FileRecord& file);

/// The streams named are read anew from here; with parents: only the collections of that parent.
struct RefreshEvent {
  std::vector<std::string> streams;
  std::string at;
  std::vector<std::string> parents = {};

  /// True where it takes back what was said of this unit before.
  [[nodiscard]] bool refreshes(const UnitId& unit) const;
};

/// The streams named were pulled, loaded and verified.
struct FinishedEvent {
  std::vector<std::string> streams;
  std::string at;
};

/// All that follows is of the Mailchimp account `id`.
struct AccountEvent {
  std::string id;
  std::string at;
};

/// An event of a later version: it is read, and nothing follows from it.
struct UnknownEvent {
  std::string event;
  std::vector<std::string> streams;
  std::string at;
  std::vector<std::string> parents = {};
  std::string id = {};
};

using LedgerRecord =
    std::variant<ArchiveRecord, PageRecord, EndRecord, FileRecord, RefreshEvent, FinishedEvent, AccountEvent, UnknownEvent>;

/// A line without its line break; `previous_sum` becomes this line's sum.
std::string encode(const LedgerRecord& record, std::string& previous_sum);

/// Reads records one by one, from the first on, also while another thread appends.
class LedgerReader {
 public:
  /// `name`: of the ledger in messages, where the path is only a copy's.
  static Result<LedgerReader> open(const std::filesystem::path& path, const std::string& name = {});

  /// The next record, or nullopt at the end of what is whole. `limit`: the file's bytes that may be read. Error: archive, where the chain
  /// is broken.
  Result<std::optional<LedgerRecord>> next(i64 limit);
  /// Hands over each record that is left, in order, to be taken apart at will. Errors: those of next() and of `visit`, which end it.
  Result<void> each(i64 limit, const std::function<Result<void>(LedgerRecord&)>& visit);
  /// Bytes read so far: all whole lines.
  [[nodiscard]] i64 position() const { return position_; }
  [[nodiscard]] const std::string& sum() const { return sum_; }

 private:
  Result<bool> fill(i64 limit);
  [[nodiscard]] Error damaged() const;

  File file_;
  std::string name_;
  std::string buffer_;
  std::size_t used_ = 0;  // of the buffer
  i64 position_ = 0;
  i64 line_ = 0;
  std::string sum_;
};

}  // namespace chimplift
