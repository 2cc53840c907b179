#include "load/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "base/log.hpp"
#include "inventory/ledger_view.hpp"
#include "inventory/read_contents.hpp"
#include "inventory/unit_stream.hpp"
#include "load/mapping.hpp"
#include "rows/convert.hpp"

namespace chimplift {
namespace {

/// What a row of a page of this archive gets besides its record.
RowContext row_context(const AccountArchive& archive, const PageRecord& page) {
  std::vector<std::string> parents = page.unit.parents;
  if (stream_of(page.unit).is_by_id) parents.pop_back();  // the record has that id itself
  return {archive.about().account_name, parse_timestamp(page.received_at).value_or(Timestamp()).micros, std::move(parents)};
}

/// Of an archive that was opened to be read another run may have loaded more, after this one looked at its ledger and before it looked at
/// the tables. Error: busy.
Result<void> check_is_not_behind(const Settings& settings, const AccountArchive& archive) {
  if (archive.is_ours()) return {};
  const std::string& name = archive.about().account_name;
  TRY_ASSIGN(const std::unique_ptr<AccountArchive> now, AccountArchive::open_to_read(*settings.archive, name));
  if (now->durable() == archive.durable()) return {};
  return fail(ErrorKind::busy, fmt::format("another run has loaded more of \"{}\" than there was when this one began", name),
              "Run the same command again when the other one has ended.");
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
  const std::string_view items = stream_of(page.unit).items;
  const Embedded embedded{std::string(stream.embedded), std::string(stream.parent_field), is_whole_when_embedded};
  Result<DecodedPage> decoded =
      page.unit.stream == stream.table ? decode_page(body, items, context, table) : decode_embedded(body, items, embedded, context, table);
  if (!decoded) return tl::unexpected(as_damage(archive, page, decoded.error()));
  return decoded;
}

Loader::Loader(Warehouse& warehouse, const Settings& settings)
    : warehouse_(&warehouse), settings_(&settings), selection_(&settings.selection) {
  // Tables of steps that are left out are made too: whoever asks the warehouse finds them, empty.
  for (const Stream& stream : catalogue()) {
    index_[std::string(stream.table)] = tables_.size();
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
    for (const Stream& stream : catalogue()) {
      if (is_loaded(source, stream)) source.tables.insert(stream.table);
    }
    forget_other_mappings(source);
    TRY(forget_lost_pages(source));
  }
  return {};
}

/// A run of some steps also reads others anew, for the ids in them. Where their tables were loaded before, they go along: they would fall
/// behind the archive otherwise.
bool Loader::is_loaded(Source& source, const Stream& stream) const {
  if (selection_->has(stream)) return true;
  const auto is_pulled = [this](const Stream* one) { return std::ranges::find(selection_->pulled(), one) != selection_->pulled().end(); };
  const bool is_read = is_pulled(&stream) || (!stream.embedded.empty() && is_pulled(find_stream(stream.parent)));
  const auto checkpoint = source.checkpoints.find(std::string(stream.table));
  return is_read && checkpoint != source.checkpoints.end() && checkpoint->second.last_page > 0;
}

/// A table that another version of this program loaded may have other rows than this one makes of the same pages: it begins anew.
void Loader::forget_other_mappings(Source& source) {
  i64 others = 0;
  for (const std::string_view name : source.tables) {
    const std::string table(name);
    const auto found = source.checkpoints.find(table);
    if (found == source.checkpoints.end() || found->second.last_page == 0) continue;
    if (found->second.mapping == mapping_of(*find_stream(name))) continue;
    begin_anew(source, table);
    ++others;
  }
  if (others == 0) return;
  log_warning("Tables were loaded by another version of this program, which may have made other rows; they are loaded anew.",
              {{"account", source.archive->about().account_name}, {"tables", std::to_string(others)}});
}

/// Also a table of which the archive has no page now: the next one would get a number that counts as loaded.
void Loader::begin_anew(Source& source, const std::string& table) {
  const ArchiveRecord& about = source.archive->about();
  uncommitted_[{about.account_name, table}] = source.checkpoints[table] = {about.id, about.account_name, table};
}

/// An archive that came back from a copy gives the numbers of the pages that it lost to others, which would be taken for loaded. A table
/// whose load ended with a page that the ledger does not have begins anew.
Result<void> Loader::forget_lost_pages(Source& source) {
  std::multimap<i64, std::string> unproven;  // tables, by the page that their load ended with
  for (const auto& [table, checkpoint] : source.checkpoints) {
    if (source.tables.contains(table) && checkpoint.last_page > 0) unproven.emplace(checkpoint.last_page, table);
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
  if (!unproven.empty()) TRY(check_is_not_behind(*settings_, *source.archive));
  for (const auto& [page, table] : unproven) {
    log_warning("A table was loaded from pages that the archive does not have, as before it came back from a copy; it is loaded anew.",
                {{"account", about.account_name}, {"table", table}, {"page", std::to_string(page)}});
    begin_anew(source, table);
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

bool Loader::is_wanted(Source& source, const Stream& stream, const PageRecord& page) {
  return source.tables.contains(stream.table) && page.number > source.checkpoints[std::string(stream.table)].last_page;
}

Result<void> Loader::load_page(Source& source, const PageRecord& page) {
  const Result<std::string> read = source.archive->read_body(page);
  if (!read && read.error().kind == ErrorKind::archive) {
    pass_over(source, page, read.error());
    return {};
  }
  if (!read) return tl::unexpected(read.error());
  const std::string& body = *read;
  pending_bytes_ += static_cast<i64>(body.size());
  for (const Stream* stream : streams_in(*find_stream(page.unit.stream))) {
    if (!is_wanted(source, *stream, page)) continue;
    const Result<void> loaded = load_rows(source, *stream, page, body);
    if (!loaded && loaded.error().kind != ErrorKind::archive) return loaded;
    if (!loaded) pass_over(source, page, loaded.error());
  }
  return {};
}

/// Whether the page lacks is known when all pages have come: its collection may be read anew meanwhile. Until finish() no checkpoint says
/// that its tables were loaded beyond it, wherever the run ends.
void Loader::pass_over(Source& source, const PageRecord& page, const Error& why) {
  source.damaged.push_back({page, why});
  for (const Stream* stream : streams_in(*find_stream(page.unit.stream))) {
    if (!is_wanted(source, *stream, page)) continue;
    const std::string name(stream->table);
    Checkpoint& checkpoint = source.checkpoints[name];
    const ArchiveRecord& about = source.archive->about();
    checkpoint = {about.id, about.account_name, name, page.number, checkpoint.rows, checkpoint.misfits, page.sha256, mapping_of(*stream)};
    source.withheld[name] = checkpoint;
  }
}

void Loader::note(Source& source, const Checkpoint& checkpoint) {
  const auto withheld = source.withheld.find(checkpoint.table);
  (withheld == source.withheld.end() ? uncommitted_[{checkpoint.account_name, checkpoint.table}] : withheld->second) = checkpoint;
}

Result<void> Loader::load_rows(Source& source, const Stream& stream, const PageRecord& page, std::string_view body) {
  const ArchiveRecord& about = source.archive->about();
  const std::string name(stream.table);
  Table& table = tables_[index_.at(name)];
  TRY_ASSIGN(DecodedPage decoded, decode_stream(*source.archive, page, body, stream, table));
  Checkpoint& checkpoint = source.checkpoints[name];
  if (about.test) {
    const i64 left = std::max<i64>(kTestRecords - checkpoint.rows, 0);
    if (static_cast<i64>(decoded.rows.size()) > left) decoded.rows.resize(static_cast<std::size_t>(left));
  }
  TRY(warehouse_->append(table, decoded.rows));
  const i64 rows = static_cast<i64>(decoded.rows.size());
  checkpoint = {about.id,    about.account_name, name, page.number, checkpoint.rows + rows, checkpoint.misfits + decoded.misfits,
                page.sha256, mapping_of(stream)};
  note(source, checkpoint);
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
  pending_bytes_ = 0;
  if (uncommitted_.empty() && pending_rows_ == 0) return {};
  std::vector<Checkpoint> checkpoints;
  for (const auto& [key, checkpoint] : uncommitted_) checkpoints.push_back(checkpoint);
  TRY(warehouse_->commit(checkpoints));
  uncommitted_.clear();
  pending_rows_ = 0;
  for (Source& source : sources_) source.committed_rows += std::exchange(source.uncommitted_rows, 0);
  return {};
}

i64 Loader::rows_of(const AccountArchive& archive) const {
  const auto found = std::ranges::find(sources_, &archive, &Source::archive);
  return found == sources_.end() ? 0 : found->committed_rows;
}

Result<void> Loader::finish() {
  const auto table_named = [this](std::string_view name) -> Table& { return tables_[index_.at(std::string(name))]; };
  for (Source& source : sources_) {
    TRY_ASSIGN(LoadedAssets assets, load_assets(*warehouse_, *source.archive, *settings_, table_named, source.tables, source.checkpoints));
    std::ranges::move(assets.damaged, std::back_inserter(source.damaged));
    source.withheld.merge(assets.withheld);
  }
  // What is damaged in one archive keeps nobody from judging the others.
  std::optional<Error> first;
  for (Source& source : sources_) {
    if (Result<void> judged = judge_damage(source); !judged && !first) first = judged.error();
  }
  TRY(commit());
  TRY(flush());
  if (first) return tl::unexpected(*first);
  return {};
}

/// A page that is damaged takes nothing along where its collection was read anew since. Otherwise its tables begin anew.
Result<void> Loader::judge_damage(Source& source) {
  if (source.damaged.empty()) return {};
  TRY_ASSIGN(const LedgerView ledger, view_ledger(*source.archive));
  const ArchiveRecord& about = source.archive->about();
  for (const auto& [table, checkpoint] : source.withheld) uncommitted_[{about.account_name, table}] = checkpoint;
  source.withheld.clear();
  std::optional<Error> error;
  for (const auto& [page, why] : source.damaged) {
    log_warning("A page of the archive is damaged; it is not loaded.", {{"reason", why.message}});
    if (!ledger.is_current(page)) continue;
    const Stream& holder = *find_stream(page.unit.stream);
    for (const Stream* stream : streams_in(holder)) begin_anew(source, std::string(stream->table));
    if (!holder.files.empty()) begin_anew(source, assets_checkpoint(holder));
    if (!error) error = why;
  }
  if (error) return tl::unexpected(*error);
  return {};
}

}  // namespace chimplift
