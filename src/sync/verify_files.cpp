// Verification of files: what the pages name, what the ledger says came of it, and what is there. The rest of Verifier is in verify.cpp.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "sync/closing_command.hpp"
#include "sync/file_work.hpp"
#include "sync/local_bodies.hpp"
#include "sync/verify.hpp"

namespace chimplift {
namespace {

bool may_name(const Stream& stream, const std::string& kind) {
  return std::any_of(stream.files.begin(), stream.files.end(), [&kind](const FileRule& rule) {
    return rule.folder == kind || (rule.is_html && (kind == kImages || kind == kLocalBodies));
  });
}

}  // namespace

void Verifier::judge_files() {
  std::map<std::string, FileLine> lines;
  for (const auto& [key, expected] : expected_files_) {
    if (settings_->is_interrupted()) return;
    FileLine& line = lines[key.first];
    line.kind = key.first;
    ++line.expected;
    judge_file(expected, line);
  }
  for (auto& [kind, line] : lines) certificate_.files.push_back(std::move(line));
  judge_unnamed_files();
}

/// Files that no page names but one that cannot be read: they may be damaged with it.
void Verifier::judge_unnamed_files() {
  for (const auto& [key, record] : ledger_.files) {
    if (unread_.empty() || settings_->is_interrupted()) return;
    if (expected_files_.contains(key) || (record.outcome != "fetched" && record.outcome != kMade)) continue;
    const auto owner = std::find_if(unread_.begin(), unread_.end(), [this, &kind = key.first](const Stream* stream) {
      return selection_->has(*stream) && may_name(*stream, kind);
    });
    if (owner != unread_.end()) has_its_bytes(**owner, record);
  }
}

void Verifier::judge_file(const ExpectedFile& expected, FileLine& line) {
  const Stream* stream = expected.stream;
  const WantedFile& wanted = expected.file;
  const std::string& id = wanted.id;
  const bool is_local = wanted.kind == kLocalBodies;
  const auto found = ledger_.files.find({wanted.kind, id});
  if (found == ledger_.files.end()) {
    add_gap(stream, {}, id, is_local ? "not made yet" : "not fetched yet");
    return;
  }
  const FileRecord& record = found->second;
  const bool is_by_address = !wanted.content && wanted.kind != kImages;  // an image's id is its address
  if (is_by_address && expected.is_current && (record.source_url != wanted.url || record.expected_bytes != wanted.expected_bytes)) {
    add_gap(stream, {}, id, "not fetched yet: Mailchimp gives another address or size for it than the file had that is there");
    return;
  }
  if (record.outcome == "missing" || record.outcome == "skipped") {
    ++(record.outcome == "missing" ? line.missing : line.skipped);
    add_exception(std::string(stream->table), id, record.reason);
    return;
  }
  if (record.outcome != (is_local ? kMade : "fetched")) {
    add_gap(stream, {}, id, record.reason);
    return;
  }
  if (wanted.content && *wanted.content != record.sha256) {
    add_gap(stream, {}, id,
            is_local ? "the file is not what the body and the archive's images give"
                     : "the file is not the body that the archive's page holds");
    return;
  }
  if (!has_its_bytes(*stream, record)) return;
  known_sums_["files/" + record.path] = record.sha256;
  ++line.fetched;
  line.bytes += record.bytes;
  if (wanted.expected_bytes && *wanted.expected_bytes != record.bytes) {
    add_exception(std::string(stream->table), id,
                  fmt::format("Mailchimp says {} bytes and gave {}; kept as they came", *wanted.expected_bytes, record.bytes));
  }
  if (!wanted.expected_bytes && !wanted.content && is_doubtful(record.path, record.bytes, record.content_type)) {
    add_exception(std::string(stream->table), id,
                  record.bytes == 0 ? std::string("it came empty, each time; kept as it came")
                                    : "it came as " + record.content_type + ", each time; kept as it came");
  }
}

/// False, and a gap, where they are not what they were.
bool Verifier::has_its_bytes(const Stream& stream, const FileRecord& record) {
  const Result<void> checked = check_bytes(record);
  if (checked) return true;
  add_gap(&stream, {}, record.id, checked.error().message);
  if (checked.error().kind == ErrorKind::archive) damaged_files_.emplace_back(record, checked.error().message);
  return false;
}

Result<void> Verifier::check_bytes(const FileRecord& record) {
  const std::string path = file_path(record.path);
  TRY_ASSIGN(const std::optional<i64> there, archive_->tree().size_of(path));
  if (!there) return fail(ErrorKind::archive, fmt::format("{} is not in the archive", path));
  const i64 size = *there;
  if (size != record.bytes) return fail(ErrorKind::archive, fmt::format("{} has {} bytes, and had {}", path, size, record.bytes));
  if (settings_->subset) {
    ++reading_.files;
    reading_.bytes += size;
    if (!settings_->subset->has(path)) return {};
    ++reading_.files_read;
    reading_.bytes_read += size;
  }
  TRY_ASSIGN(const std::optional<std::string> sum, archive_->tree().sha256_of(path));
  if (sum != record.sha256) return fail(ErrorKind::archive, fmt::format("{} is damaged: its sha256 is not the ledger's", path));
  return {};
}

}  // namespace chimplift
