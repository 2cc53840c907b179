#include "verify/pages.hpp"

#include "archive/layout.hpp"
#include "inventory/unit_stream.hpp"
#include "load/load.hpp"
#include "verify/equal_keys.hpp"

namespace chimplift {

Result<void> PageReading::read(const Stream& stream, StreamLine& line) {
  TRY(to_.tables->begin(stream));
  TRY(read_embedded(stream, line));
  for (const PageRecord& page : evidence_->pages_of(stream.table)) {
    TRY(evidence_->settings->go_on());
    if (!count_into_part(stream, page)) continue;
    const Result<std::string> body = evidence_->archive->read_body(page);
    if (!body) {
      TRY(note_damage(stream, page, body.error(), line));
      continue;
    }
    segments_.insert(raw_path(page.unit.stream, page.segment));
    // First: what cannot be parsed is damage, and nothing else is to be said of it.
    if (to_.tables->compares(stream)) {
      const Result<DecodedPage> decoded = decode_stream(*evidence_->archive, page, *body, stream, to_.tables->table());
      if (!decoded) {
        TRY(note_damage(stream, page, decoded.error(), line));
        continue;
      }
      TRY(to_.tables->append(decoded->rows));
    }
    to_.expectations->take(stream, page, *body);
    if (to_.expectations->units_of(stream.table).contains(page.unit)) to_.cross_checker->take(stream, page, *body);
    if (stream_of(page.unit).is_by_id) by_id_.push_back(page);
  }
  return to_.tables->finish(stream, damaged_tables_, line);
}

/// The records that came inside their parents'. A page whose bytes are others was named with the parents already; one that cannot be parsed
/// only where their table was compared.
Result<void> PageReading::read_embedded(const Stream& stream, StreamLine& line) {
  if (stream.embedded.empty()) return {};
  EmbeddedRecords records;
  Table& table = to_.tables->table();
  for (const PageRecord& page : evidence_->pages_of(stream.parent)) {
    TRY(evidence_->settings->go_on());
    TRY_ASSIGN(const std::optional<std::string> body, evidence_->body_once_more(page));
    if (!body) continue;
    const Result<DecodedPage> decoded = decode_stream(*evidence_->archive, page, *body, stream, table);
    if (!decoded) {
      TRY(note_damage(stream, page, decoded.error(), line));
      continue;
    }
    records.take(page, table, decoded->rows, evidence_->is_of_last_pass(page) && !evidence_->settings->subset);
    if (to_.tables->compares(stream)) TRY(to_.tables->append(decoded->rows));
  }
  line.pulled += records.finish(stream, *to_.findings);
  return {};
}

/// A page that cannot be read. What Mailchimp still has of it comes back when its collection is read anew; the page itself stays as it is.
Result<void> PageReading::note_damage(const Stream& stream, const PageRecord& page, const Error& error, StreamLine& line) {
  if (!is_damage(error)) return tl::unexpected(error);
  unread_.insert(&stream);
  const Stream& reading = stream_of(page.unit);
  const bool is_new = to_.findings->is_first_at(page);
  if (error.kind == ErrorKind::archive && !evidence_->ledger->is_current(page)) {
    if (!is_new) return {};
    to_.findings->exception(
        page.unit.stream, named_parents(reading, page.unit.parents), "",
        error.message + "; its collection was read anew since: only what was deleted in between is lost with this page");
    return {};
  }
  if (is_new) to_.findings->gap(reading, page.unit.parents, error.message);
  damaged_tables_.insert(line.table);
  line.state = StreamState::incomplete;
  if (error.kind == ErrorKind::archive) doubts_.insert({page.unit.stream, page.unit.parents});
  return {};
}

/// Counts the page where only a part is verified, and says whether it is to be read. Pages of other parts are left out, but for those that
/// lead to collections and files: without them it would not be known what there must be.
bool PageReading::count_into_part(const Stream& stream, const PageRecord& page) {
  const std::optional<Subset>& subset = evidence_->settings->subset;
  if (!subset) return true;
  PartialReading& part = *to_.part;
  ++part.pages;
  part.bytes += page.bytes;
  if (!subset->has("raw/" + page.unit.stream + "/" + page.segment, page.at) && !to_.expectations->leads_anywhere(stream)) return false;
  ++part.pages_read;
  part.bytes_read += page.bytes;
  return true;
}

Result<void> PageReading::check_unlisted() {
  for (const PageRecord& page : by_id_) {
    if (!to_.expectations->units_of(page.unit.stream).contains(page.unit)) continue;
    TRY_ASSIGN(const std::optional<std::string> body, evidence_->body_once_more(page));
    if (body) to_.cross_checker->take(*find_stream(page.unit.stream), page, *body);
  }
  return {};
}

}  // namespace chimplift
