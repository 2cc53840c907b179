#include "verify/expectations.hpp"

#include <algorithm>

#include "base/hash.hpp"
#include "inventory/file_ledger.hpp"
#include "inventory/local_bodies.hpp"
#include "inventory/unit_stream.hpp"

namespace chimplift {

Expectations::Expectations(const Evidence& evidence, Findings& findings)
    : evidence_(&evidence),
      findings_(&findings),
      // An archive of an earlier version has none, and gets them when it is pulled into again; nothing of Mailchimp's is missing for that.
      makes_local_bodies_(
          std::ranges::any_of(evidence.ledger->files.records, [](const auto& item) { return item.first.first == kLocalBodies; })) {
  for (const UnitId& unit : root_units(evidence.selection())) units_[unit.stream].insert(unit);
}

const UnitSet& Expectations::units_of(std::string_view table) const {
  static const UnitSet kNone;
  const auto found = units_.find(std::string(table));
  return found == units_.end() ? kNone : found->second;
}

const Discoverer& Expectations::discoverer_of(const Stream& stream) {
  return discoverers_.try_emplace(&stream, stream, evidence_->selection()).first->second;
}

void Expectations::take(const Stream& stream, const PageRecord& page, std::string_view body) {
  const Stream& reading = stream_of(page.unit);
  const Discoverer& discoverer = discoverer_of(reading);
  if (!discoverer.leads_anywhere()) return;
  const bool is_current = evidence_->ledger->is_current(page);
  const Result<PageContents> contents = read_page(body, discoverer.shape());
  if (!contents) {
    if (is_current) findings_->gap(stream, page.unit.parents, contents.error().message);
    return;
  }
  if (is_current && !discoverer.is_asked_for(page.unit.parents, *contents)) {
    findings_->gap(reading, page.unit.parents, "the answer is another record than the one that was asked for");
    return;
  }
  Discovery found = discoverer.discover(page.unit.parents, body, *contents);
  if (is_current) {
    note_lacking(stream, page, found);
    // Below a record that its own list no longer has nobody asks for anything: a report that was deleted, and the clicks of its links.
    if (reading.is_by_id || units_of(stream.table).contains(page.unit)) {
      for (const UnitId& child : found.children) {
        units_[child.stream].insert(child);
        const LedgerView::End* end = evidence_->ledger->end_of(child);
        if (end != nullptr && end->state == UnitState::gone && end->behind < page.number) returned_.insert(child);
      }
      mentions_.note(stream, found);
    }
  }
  if (evidence_->selection().has(stream)) take_files(stream, is_current, std::move(found.files));
}

/// Names what the page speaks of and nobody can ask for.
void Expectations::note_lacking(const Stream& stream, const PageRecord& page, const Discovery& found) {
  if (found.without_id > 0) findings_->gap(stream, page.unit.parents, "records without an id: what hangs below them cannot be asked for");
  if (!evidence_->is_of_last_pass(page) || !evidence_->selection().has(stream)) return;
  for (const std::string& id : found.without_address) {
    if (!without_address_.emplace(stream.table, id).second) continue;
    findings_->gap(stream, page.unit.parents,
                   id.empty() ? "a record without an id: its file cannot be had" : "Mailchimp gives no address for it", id);
  }
}

void Expectations::take_files(const Stream& stream, bool is_current, std::vector<WantedFile> files) {
  for (WantedFile& file : files) {
    assets_.insert({file.kind, file.id, std::string(stream.table), file.used_in_id});
    if (makes_local_bodies_ && has_local_version(file)) expect_local_body(stream, is_current, file);
    if (file.content) file.content = sha256_hex(*file.content);  // enough to compare, and bounded
    expect_file(stream, is_current, std::move(file));
  }
}

void Expectations::expect_local_body(const Stream& stream, bool is_current, const WantedFile& body) {
  const FileRecords& had = evidence_->ledger->files.records;
  WantedFile local;
  local.kind = kLocalBodies;
  local.id = local_id(body);
  // As it was made. What another program, or with an image that came later, would make of the body is for the next pull to make.
  if (const auto made = had.find({local.kind, local.id}); made != had.end()) {
    local.content = made->second.sha256;
    assets_.insert({local.kind, local.id, std::string(stream.table), body.used_in_id});
  }
  expect_file(stream, is_current, std::move(local));
}

void Expectations::expect_file(const Stream& stream, bool is_current, WantedFile file) {
  std::pair<std::string, std::string> key{file.kind, file.id};
  if (!is_current) {
    const KnownFiles& known = evidence_->ledger->files;
    const auto had = known.records.find(key);
    const bool is_had = had != known.records.end() && has_bytes(had->second.outcome);
    if (!is_had && !known.lost.contains(key)) return;
  }
  const auto named = files_.find(key);
  // An earlier reading takes nothing away from what is named now: an image may stand in many records.
  if (!is_current && named != files_.end() && named->second.is_current) return;
  files_.insert_or_assign(std::move(key), ExpectedFile{&stream, std::move(file), is_current});
}

void Expectations::expect_unlisted(const std::set<std::string>& damaged_tables) {
  for (const Stream* list : evidence_->selection().pulled()) {
    const std::string table(list->table);
    if (list->record_path.empty() || damaged_tables.contains(table)) continue;
    const LedgerView::End* end = evidence_->ledger->end_of({table, {}, 0});
    const bool was_read =
        end != nullptr && (end->state == UnitState::complete || (end->state == UnitState::incomplete && end->records > 0));
    if (was_read) mentions_.set_read(table);
  }
  for (const UnitId& one : mentions_.take_unlisted()) units_[one.stream].insert(one);
}

}  // namespace chimplift
