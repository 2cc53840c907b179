#include "load/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iterator>
#include <utility>

#include "base/log.hpp"
#include "inventory/ledger_view.hpp"
#include "inventory/unit_stream.hpp"
#include "load/load_assets.hpp"

namespace chimplift {
namespace {

/// Microseconds of "2026-11-23T19:22:05.123456Z", as format_utc writes it.
i64 micros_of(const std::string& text) {
  int year_number = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int micros = 0;
  if (std::sscanf(text.c_str(), "%d-%d-%dT%d:%d:%d.%dZ", &year_number, &month, &day, &hour, &minute, &second, &micros) != 7) return 0;
  using namespace std::chrono;
  const sys_days date = std::chrono::year_month_day(std::chrono::year(year_number), std::chrono::month(static_cast<unsigned>(month)),
                                                    std::chrono::day(static_cast<unsigned>(day)));
  return duration_cast<microseconds>((date + hours(hour) + minutes(minute) + seconds(second)).time_since_epoch()).count() + micros;
}

/// What a row of a page of this archive gets besides its record.
RowContext row_context(const AccountArchive& archive, const PageRecord& page) {
  std::vector<std::string> parents = page.unit.parents;
  if (stream_of(page.unit).is_by_id) parents.pop_back();  // the record has that id itself
  return {archive.about().account_name, micros_of(page.received_at), std::move(parents)};
}

}  // namespace

bool ends_with(const Checkpoint& checkpoint, const PageRecord& page) {
  return checkpoint.last_page == page.number && (checkpoint.last_page_sha256.empty() || checkpoint.last_page_sha256 == page.sha256);
}

std::vector<const Stream*> streams_in(const Stream& stream) {
  std::vector<const Stream*> streams = {&stream};
  for (const Stream* child : children_of(stream)) {
    if (!child->embedded.empty()) streams.push_back(child);
  }
  return streams;
}

Result<DecodedPage> decode_stream(const AccountArchive& archive, const PageRecord& page, std::string_view body, const Stream& stream,
                                  Table& table) {
  const RowContext context = row_context(archive, page);
  if (page.unit.stream == stream.table) return decode_page(body, stream_of(page.unit).items, context, table);
  const Embedded embedded{std::string(stream.embedded), std::string(stream.parent_field), is_whole_when_embedded};
  return decode_embedded(body, stream_of(page.unit).items, embedded, context, table);
}

Loader::Loader(Warehouse& warehouse, const Settings& settings)
    : warehouse_(&warehouse), settings_(&settings), selection_(&settings.selection) {
  // Tables of steps that are left out are made too: whoever asks the warehouse finds them, empty. Only those in index_ are loaded.
  for (const Stream& stream : catalogue()) {
    if (selection_->has(stream)) index_[std::string(stream.table)] = tables_.size();
    tables_.push_back(table_of(stream));
  }
  index_[assets_table().name] = tables_.size();
  tables_.push_back(assets_table());
}

void Loader::add(const AccountArchive& archive, AccountProgress* progress) {
  sources_.emplace_back();
  sources_.back().archive = &archive;
  sources_.back().progress = progress;
}

Result<void> Loader::prepare() {
  TRY(warehouse_->prepare(tables_));
  TRY(warehouse_->settle());
  for (Source& source : sources_) {
    TRY_ASSIGN(source.reader, source.archive->ledger());
    TRY_ASSIGN(source.checkpoints, warehouse_->checkpoints(source.archive->about().id, source.archive->about().account_name));
    TRY(forget_lost_pages(source));
  }
  return {};
}

/// An archive that came back from a copy gives the numbers of the pages that it lost to others, which would be taken for loaded. A table
/// whose load ended with a page that the ledger does not have begins anew.
Result<void> Loader::forget_lost_pages(Source& source) {
  std::multimap<i64, std::string> unproven;  // tables, by the page that their load ended with
  for (const auto& [table, checkpoint] : source.checkpoints) {
    if (index_.contains(table) && checkpoint.last_page > 0) unproven.emplace(checkpoint.last_page, table);
  }
  if (unproven.empty()) return {};
  TRY_ASSIGN(LedgerReader reader, source.archive->ledger());
  const i64 limit = source.archive->durable();
  while (!unproven.empty()) {
    TRY(settings_->go_on());
    TRY_ASSIGN(const std::optional<LedgerRecord> record, reader.next(limit));
    if (!record) break;
    const auto* page = std::get_if<PageRecord>(&*record);
    if (page == nullptr) continue;
    const auto [first, last] = unproven.equal_range(page->number);
    for (auto at = first; at != last;) at = ends_with(source.checkpoints[at->second], *page) ? unproven.erase(at) : std::next(at);
  }
  const ArchiveRecord& about = source.archive->about();
  for (const auto& [page, table] : unproven) {
    log_warning("A table was loaded from pages that the archive does not have, as before it came back from a copy; it is loaded anew.",
                {{"account", about.account_name}, {"table", table}, {"page", std::to_string(page)}});
    // Also for a table of which the archive has no page now: the next one would get a number that counts as loaded.
    uncommitted_[{about.account_name, table}] = source.checkpoints[table] = {about.id, about.account_name, table};
  }
  return {};
}

Result<bool> Loader::step() {
  bool worked = false;
  const BatchSize batch = warehouse_->batch_size();
  for (Source& source : sources_) {
    const i64 limit = source.archive->durable();
    while (true) {
      TRY(settings_->go_on());
      TRY_ASSIGN(const std::optional<LedgerRecord> record, source.reader.next(limit));
      if (!record) break;
      const auto* page = std::get_if<PageRecord>(&*record);
      if (page == nullptr) continue;
      if (std::optional<Error> unknown = unknown_stream(page->unit.stream)) return tl::unexpected(std::move(*unknown));
      const std::vector<const Stream*> streams = streams_in(*find_stream(page->unit.stream));
      if (std::none_of(streams.begin(), streams.end(), [&](const Stream* stream) { return is_wanted(source, *stream, *page); })) continue;
      TRY(load_page(source, *page));
      worked = true;
      if (pending_rows_ >= batch.rows || pending_bytes_ >= batch.bytes) TRY(commit());
    }
  }
  return worked;
}

bool Loader::is_wanted(Source& source, const Stream& stream, const PageRecord& page) const {
  const std::string table(stream.table);
  return index_.contains(table) && page.number > source.checkpoints[table].last_page;
}

Result<void> Loader::load_page(Source& source, const PageRecord& page) {
  const Result<std::string> read = source.archive->read_body(page);
  if (!read && read.error().kind == ErrorKind::archive) {
    source.damaged.emplace_back(page, read.error());
    return {};
  }
  if (!read) return tl::unexpected(read.error());
  const std::string& body = *read;
  pending_bytes_ += static_cast<i64>(body.size());
  for (const Stream* stream : streams_in(*find_stream(page.unit.stream))) {
    if (is_wanted(source, *stream, page)) TRY(load_rows(source, *stream, page, body));
  }
  return {};
}

Result<void> Loader::load_rows(Source& source, const Stream& stream, const PageRecord& page, std::string_view body) {
  const ArchiveRecord& about = source.archive->about();
  const std::string name(stream.table);
  Table& table = tables_[index_.at(name)];
  Result<DecodedPage> decoded = decode_stream(*source.archive, page, body, stream, table);
  if (!decoded) {
    return fail(ErrorKind::archive, fmt::format("page {} of {} of account \"{}\" cannot be read: {}", page.number, page.unit.stream,
                                                about.account_name, decoded.error().message));
  }
  Checkpoint& checkpoint = source.checkpoints[name];
  if (about.test) {
    const i64 left = std::max<i64>(kTestRecords - checkpoint.rows, 0);
    if (static_cast<i64>(decoded->rows.size()) > left) decoded->rows.resize(static_cast<std::size_t>(left));
  }
  TRY(warehouse_->append(table, decoded->rows));
  const i64 rows = static_cast<i64>(decoded->rows.size());
  checkpoint = {about.id,   about.account_name, name, page.number, checkpoint.rows + rows, checkpoint.misfits + decoded->misfits,
                page.sha256};
  uncommitted_[{about.account_name, name}] = checkpoint;
  if (has_storage_columns(stream)) {
    // These rows say nothing of their files.
    const std::string files = assets_checkpoint(stream);
    uncommitted_[{about.account_name, files}] = source.checkpoints[files] = {about.id, about.account_name, files};
  }
  pending_rows_ += rows;
  source.uncommitted_rows += rows;
  if (source.progress != nullptr) source.progress->rows_loaded += rows;
  return {};
}

Result<void> Loader::commit() {
  if (uncommitted_.empty()) return {};
  std::vector<Checkpoint> checkpoints;
  for (const auto& [key, checkpoint] : uncommitted_) checkpoints.push_back(checkpoint);
  TRY(warehouse_->commit(checkpoints));
  uncommitted_.clear();
  pending_rows_ = pending_bytes_ = 0;
  for (Source& source : sources_) source.committed_rows += std::exchange(source.uncommitted_rows, 0);
  return {};
}

i64 Loader::rows_of(const AccountArchive& archive) const {
  const auto found = std::ranges::find(sources_, &archive, &Source::archive);
  return found == sources_.end() ? 0 : found->committed_rows;
}

Result<void> Loader::finish() {
  const auto table_named = [this](std::string_view name) -> Table& { return tables_[index_.at(std::string(name))]; };
  for (Source& source : sources_)
    TRY(load_assets(*warehouse_, *source.archive, *settings_, table_named, source.checkpoints, source.damaged));
  for (const Source& source : sources_) TRY(judge_damage(source));
  return {};
}

/// A page that is damaged takes nothing along where its collection was read anew since.
Result<void> Loader::judge_damage(const Source& source) {
  if (source.damaged.empty()) return {};
  TRY_ASSIGN(const LedgerView ledger, view_ledger(*source.archive));
  const ArchiveRecord& about = source.archive->about();
  std::optional<Error> error;
  std::vector<Checkpoint> anew;
  for (const auto& [page, why] : source.damaged) {
    log_warning("A page of the archive is damaged; it is not loaded.", {{"reason", why.message}});
    if (!ledger.is_current(page)) continue;
    for (const Stream* stream : streams_in(*find_stream(page.unit.stream)))
      anew.push_back({about.id, about.account_name, std::string(stream->table)});
    if (!error) error = why;
  }
  if (!error) return {};
  TRY(warehouse_->commit(anew));
  return tl::unexpected(*error);
}

}  // namespace chimplift
