#include "verify/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "inventory/file_ledger.hpp"
#include "inventory/local_bodies.hpp"

namespace chimplift {
namespace {

/// True where the record is of the file as the page gives it.
bool is_of(const FileRecord& record, const WantedFile& wanted) {
  return record.source_url == wanted.url && record.expected_bytes == wanted.expected_bytes;
}

/// What came of asking once more for a file that is there, as the page gives it now; nullptr where that brought it, or was not needed.
const FileRecord* failed_since(const KnownFiles& known, const WantedFile& wanted) {
  const auto failed = known.failed_since.find({wanted.kind, wanted.id});
  return failed == known.failed_since.end() || !is_of(failed->second, wanted) ? nullptr : &failed->second;
}

/// Why a file is not in the archive.
std::string why_lacking(const FileRecord& record, bool is_lost) {
  const bool was_asked_for = record.outcome != FileOutcome::damaged && record.outcome != FileOutcome::unknown;
  if (!is_lost || !was_asked_for) return record.reason;
  return "what the archive had of it was damaged, and it could not be fetched again: " + record.reason;
}

/// Why the ledger's record is not what is wanted; nullopt where it is.
std::optional<std::string> why_not_wanted(const WantedFile& wanted, const FileRecord& record) {
  const bool is_local = wanted.kind == kLocalBodies;
  if (record.outcome != (is_local ? FileOutcome::made : FileOutcome::fetched)) return record.reason;
  if (!wanted.content || *wanted.content == record.sha256) return std::nullopt;
  return "the file is not the body that the archive's page holds";
}

class FileJudge {
 public:
  FileJudge(const Evidence& evidence, Findings& findings, PartialReading& part)
      : evidence_(&evidence), findings_(&findings), part_(&part) {}

  /// Error of each: nobody can look now.
  Result<void> judge(const ExpectedFile& expected, FileLine& line);
  /// A file that no page names that can be read, where one of the stream's may have done so.
  Result<void> judge_unnamed(const Stream& stream, const FileRecord& record);
  FilesJudged take_judged() { return std::move(judged_); }

 private:
  /// Reads the file; a gap, and false, where its bytes are not what they were.
  Result<bool> prove_bytes(const Stream& stream, const FileRecord& record);
  void note_oddity(const ExpectedFile& expected, const FileRecord& record);
  Result<void> read_bytes(const FileRecord& record);

  const Evidence* evidence_;
  Findings* findings_;
  PartialReading* part_;
  FilesJudged judged_;
};

Result<void> FileJudge::judge(const ExpectedFile& expected, FileLine& line) {
  const Stream& stream = *expected.stream;
  const WantedFile& wanted = expected.file;
  const KnownFiles& known = evidence_->ledger->files;
  const auto found = known.records.find({wanted.kind, wanted.id});
  if (found == known.records.end()) {
    findings_->gap(stream, {}, wanted.kind == kLocalBodies ? "not made yet" : "not fetched yet", wanted.id);
    return {};
  }
  const FileRecord& record = found->second;
  const FileRecord* failed = failed_since(known, wanted);
  const bool is_by_address = !wanted.content && wanted.kind != kImages;  // an image's id is its address
  if (is_by_address && expected.is_current && failed == nullptr && !is_of(record, wanted)) {
    findings_->gap(stream, {}, "not fetched yet: Mailchimp gives another address or size for it than the file had that is there",
                   wanted.id);
    return {};
  }
  const bool is_lost = known.lost.contains(found->first);
  // What Mailchimp no longer names need not be there to be had: that it was tried is all that can be asked.
  const bool is_given_up = record.outcome == FileOutcome::failed && is_lost && !expected.is_current;
  if (record.outcome == FileOutcome::missing || record.outcome == FileOutcome::skipped || is_given_up) {
    ++(record.outcome == FileOutcome::skipped ? line.skipped : line.missing);
    findings_->exception(stream.table, {}, wanted.id, why_lacking(record, is_lost));
    return {};
  }
  if (const std::optional<std::string> why_not = why_not_wanted(wanted, record)) {
    findings_->gap(stream, {}, *why_not, wanted.id);
    return {};
  }
  if (failed != nullptr && failed->outcome == FileOutcome::failed && expected.is_current) {
    findings_->gap(stream, {}, failed->reason, wanted.id);
    return {};
  }
  TRY_ASSIGN(const bool is_sound, prove_bytes(stream, record));
  if (!is_sound) return {};
  judged_.known_sums["files/" + record.path] = record.sha256;
  ++line.fetched;
  line.bytes += record.bytes;
  if (failed != nullptr) findings_->exception(stream.table, {}, wanted.id, failed->reason + "; kept as it had come before");
  if (is_of(record, wanted) || failed == nullptr) note_oddity(expected, record);
  return {};
}

Result<void> FileJudge::judge_unnamed(const Stream& stream, const FileRecord& record) {
  if (has_bytes(record.outcome)) {
    TRY(prove_bytes(stream, record));
  } else if (record.outcome == FileOutcome::damaged && !record.source_url.empty()) {
    findings_->gap(stream, {}, record.reason, record.id);
  } else {
    findings_->exception(stream.table, {}, record.id, why_lacking(record, true));
  }
  return {};
}

/// What came in the end, though not as one would expect it.
void FileJudge::note_oddity(const ExpectedFile& expected, const FileRecord& record) {
  const WantedFile& wanted = expected.file;
  const auto note = [&](const std::string& reason) { findings_->exception(expected.stream->table, {}, wanted.id, reason); };
  if (wanted.expected_bytes && *wanted.expected_bytes != record.bytes)
    note(fmt::format("Mailchimp says {} bytes and gave {}; kept as they came", *wanted.expected_bytes, record.bytes));
  if (!wanted.expected_bytes && !wanted.content && is_doubtful(record.path, record.bytes, record.content_type)) {
    note(record.bytes == 0 ? std::string("it came empty, each time; kept as it came")
                           : "it came as " + record.content_type + ", each time; kept as it came");
  }
}

Result<bool> FileJudge::prove_bytes(const Stream& stream, const FileRecord& record) {
  const Result<void> read = read_bytes(record);
  if (read) return true;
  if (!is_damage(read.error())) return tl::unexpected(read.error());
  findings_->gap(stream, {}, read.error().message, record.id);
  if (read.error().kind == ErrorKind::archive) judged_.damaged.emplace_back(record, read.error().message);
  return false;
}

Result<void> FileJudge::read_bytes(const FileRecord& record) {
  Tree& tree = evidence_->archive->tree();
  const std::string path = file_path(record.path);
  TRY_ASSIGN(const std::optional<i64> there, tree.size_of(path));
  if (!there) return fail(ErrorKind::archive, fmt::format("{} is not in the archive", path));
  const i64 size = *there;
  if (size != record.bytes) return fail(ErrorKind::archive, fmt::format("{} has {} bytes, and had {}", path, size, record.bytes));
  if (const std::optional<Subset>& subset = evidence_->settings->subset) {
    ++part_->files;
    part_->bytes += size;
    if (!subset->has(path)) return {};
    ++part_->files_read;
    part_->bytes_read += size;
  }
  TRY_ASSIGN(const std::optional<std::string> sum, tree.sha256_of(path));
  if (sum != record.sha256) return fail(ErrorKind::archive, fmt::format("{} is damaged: its sha256 is not the ledger's", path));
  return {};
}

}  // namespace

Result<FilesJudged> judge_files(const Evidence& evidence, const Expectations& expectations, const std::set<const Stream*>& unread,
                                Findings& findings, PartialReading& part) {
  FileJudge judge(evidence, findings, part);
  std::map<std::string, FileLine> lines;
  for (const auto& [key, expected] : expectations.files()) {
    TRY(evidence.settings->go_on());
    FileLine& line = lines[key.first];
    line.kind = key.first;
    ++line.expected;
    TRY(judge.judge(expected, line));
  }
  // Files that no page names but one that cannot be read: they may be damaged with it.
  const KnownFiles& known = evidence.ledger->files;
  for (const auto& [key, record] : known.records) {
    if (unread.empty()) break;
    TRY(evidence.settings->go_on());
    if (expectations.files().contains(key) || !(has_bytes(record.outcome) || known.lost.contains(key))) continue;
    const auto owner = std::ranges::find_if(unread, [&evidence, &kind = key.first](const Stream* stream) {
      return evidence.selection().has(*stream) && may_name(*stream, kind);
    });
    if (owner != unread.end()) TRY(judge.judge_unnamed(**owner, record));
  }
  FilesJudged judged = judge.take_judged();
  for (auto& [kind, line] : lines) judged.lines.push_back(std::move(line));
  return judged;
}

}  // namespace chimplift
