#include "sync/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace chimplift {
namespace {

// A batch is one transaction: large enough that a merge is worth its fixed cost, small enough to hold in memory.
constexpr i64 kBatchRows = 100'000;
constexpr i64 kBatchBytes = 64'000'000;

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

}  // namespace

RowContext row_context(const AccountArchive& archive, const PageRecord& page) {
  return {archive.about().account_name, micros_of(page.received_at), page.unit.parents};
}

Loader::Loader(Warehouse& warehouse, const Selection& selection) : warehouse_(&warehouse), selection_(&selection) {
  for (const Stream* stream : selection.pulled()) {
    if (!selection.has(*stream)) continue;
    index_[std::string(stream->table)] = tables_.size();
    tables_.push_back(table_of(*stream));
  }
}

void Loader::add(const AccountArchive& archive, AccountProgress* progress) {
  sources_.emplace_back();
  sources_.back().archive = &archive;
  sources_.back().progress = progress;
}

Result<void> Loader::prepare() {
  TRY(warehouse_->prepare(tables_));
  for (Source& source : sources_) {
    TRY_ASSIGN(source.reader, source.archive->ledger());
    TRY_ASSIGN(source.checkpoints, warehouse_->checkpoints(source.archive->about().id, source.archive->about().account_name));
    for (const auto& [table, checkpoint] : source.checkpoints) {
      facts_[{checkpoint.account_name, table}] = {checkpoint.rows, checkpoint.misfits};
    }
  }
  return {};
}

Result<bool> Loader::step() {
  bool worked = false;
  for (Source& source : sources_) {
    const i64 limit = source.archive->durable();
    while (true) {
      TRY_ASSIGN(const std::optional<LedgerRecord> record, source.reader.next(limit));
      if (!record) break;
      const auto* page = std::get_if<PageRecord>(&*record);
      if (page == nullptr || !index_.contains(page->unit.stream)) continue;
      if (page->number <= source.checkpoints[page->unit.stream].last_page) continue;
      TRY(load_page(source, *page));
      worked = true;
      if (pending_rows_ >= kBatchRows || pending_bytes_ >= kBatchBytes) TRY(commit());
    }
  }
  return worked;
}

Result<void> Loader::load_page(Source& source, const PageRecord& page) {
  const ArchiveRecord& about = source.archive->about();
  Table& table = tables_[index_.at(page.unit.stream)];
  TRY_ASSIGN(const std::string body, source.archive->read_body(page));
  Result<DecodedPage> decoded = decode_page(body, find_stream(page.unit.stream)->items, row_context(*source.archive, page), table);
  if (!decoded) {
    return fail(ErrorKind::archive, fmt::format("page {} of {} of account \"{}\" cannot be read: {}", page.number, page.unit.stream,
                                                about.account_name, decoded.error().message));
  }
  Checkpoint& checkpoint = source.checkpoints[page.unit.stream];
  if (about.test) {
    const i64 left = std::max<i64>(kTestRecords - checkpoint.rows, 0);
    if (static_cast<i64>(decoded->rows.size()) > left) decoded->rows.resize(static_cast<std::size_t>(left));
  }
  TRY(warehouse_->append(table, decoded->rows));
  const i64 rows = static_cast<i64>(decoded->rows.size());
  checkpoint = {about.id, about.account_name, page.unit.stream, page.number, checkpoint.rows + rows, checkpoint.misfits + decoded->misfits};
  uncommitted_[{about.account_name, page.unit.stream}] = checkpoint;
  facts_[{about.account_name, page.unit.stream}] = {checkpoint.rows, checkpoint.misfits};
  pending_rows_ += rows;
  pending_bytes_ += static_cast<i64>(body.size());
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
  return {};
}

}  // namespace chimplift
