// What of an account's archive grows: segments of pages, files, and the ledger that vouches for them. AccountArchive's writer is the only
// one to call a journal, from one thread; how much of it is kept, and how, is the place's own matter (FolderJournal, S3Journal).
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/types.hpp"

namespace chimplift {

/// A ledger as one local file: the ledger itself, or a copy that is removed with this object.
class LedgerCopy {
 public:
  virtual ~LedgerCopy() = default;
  [[nodiscard]] virtual std::filesystem::path file() const = 0;
  /// For messages: where the ledger itself is.
  [[nodiscard]] virtual std::string name() const = 0;
};

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

/// "000001.ndjson.zst".
std::string segment_name(int segment);
/// The number in such a name; 0 where it is none.
int segment_number(std::string_view name);

/// How much the writer gathers before it commits. All zero: commit at once.
struct Gathering {
  i64 millis = 0;  // after the first that is to be kept
  i64 bytes = 0;   // of bodies and files: once there are so many, the commit does not wait for the time
  std::size_t items = 0;
};

struct FramePlace {
  std::string segment;
  i64 at = 0;
};

/// A file that was downloaded.
struct WholeFile {
  std::filesystem::path path;
  i64 size = 0;
  std::string sha256;
};

class Journal : public LedgerCopy {
 public:
  /// Writing goes on behind what the ledger vouches for.
  virtual Result<void> begin(const ArchiveState& state) = 0;
  virtual Result<FramePlace> put_frame(const std::string& stream, std::string_view frame) = 0;
  /// `path` is below files/. A file of that name is replaced.
  virtual Result<void> put_file(const std::string& path, std::string bytes) = 0;
  virtual Result<void> put_file(const std::string& path, const WholeFile& file) = 0;
  /// First all that was put since the last commit becomes durable, then the lines. Error: busy, where another run has taken over.
  virtual Result<void> commit(std::string_view lines) = 0;
  [[nodiscard]] virtual Gathering gathering() const { return {}; }
  /// A folder for downloads that are under way. Made on first use; the next run removes what is left in it.
  virtual Result<std::filesystem::path> temporary_folder() = 0;
};

}  // namespace chimplift
