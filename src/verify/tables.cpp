#include "verify/tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "inventory/unit_stream.hpp"
#include "load/load.hpp"
#include "load/load_assets.hpp"
#include "load/mapping.hpp"
#include "warehouse/columns.hpp"

namespace chimplift {
namespace {

// Rows whose misfits are counted once however often they were read, at 40 bytes a row (measured): a field whose type changed fits in none
// of a table's rows. Beyond, each reading counts.
constexpr std::size_t kMostMisfits = 1'000'000;

std::string lacks(i64 loaded, i64 archived) {
  return fmt::format("the table lacks {} of the archive's {} rows", archived - loaded, archived);
}

/// True where the load that the checkpoint speaks of ended with one of the pages.
bool has_its_page(const PageList& pages, const Checkpoint& checkpoint) {
  for (std::size_t at = pages.size(); at-- > 0;) {  // it is nearly always the last one
    const PageRecord page = pages[at];
    if (page.number <= checkpoint.last_page) return ends_with(checkpoint, page);
  }
  return false;
}

/// True for a column that holds what did not fit another: "<column>__text", "<column>__text__2".
bool is_of_misfits(const Column& column) {
  constexpr std::string_view kMark = "__text";
  const std::size_t at = column.name.rfind(kMark);
  if (at == std::string::npos) return false;
  const std::string_view rest = std::string_view(column.name).substr(at + kMark.size());
  return rest.empty() || (rest.starts_with("__") && rest.find_first_not_of("0123456789", 2) == std::string_view::npos);
}

i64 last_number(const PageList& pages) { return pages.size() == 0 ? 0 : pages[pages.size() - 1].number; }

}  // namespace

Result<void> TableComparison::prepare() {
  if (warehouse_ == nullptr) return {};
  // All at once: each time costs a statement, which in Snowflake takes a second.
  for (const Stream& stream : catalogue()) {
    if (evidence_->selection().has(stream)) tables_.push_back(table_of(stream));
  }
  tables_.push_back(assets_table());
  TRY(warehouse_->prepare(tables_));
  const ArchiveRecord& about = evidence_->archive->about();
  TRY_ASSIGN(checkpoints_, warehouse_->checkpoints(about.id, about.account_name));
  return {};
}

Result<void> TableComparison::begin(const Stream& stream) {
  misfits_ = {};
  misfits_beyond_ = 0;
  if (!compares(stream)) {
    uncompared_ = table_of(stream);
    table_ = &uncompared_;
    return {};
  }
  table_ = &*std::ranges::find(tables_, stream.table, &Table::name);
  return warehouse_->compare_begin(*table_);
}

Result<void> TableComparison::append(std::span<const Row> rows) {
  count_misfits(rows);
  return warehouse_->compare_append(*table_, rows);
}

/// Of rows with one key the table holds the last, so what an earlier one had there counts no more.
void TableComparison::count_misfits(std::span<const Row> rows) {
  std::vector<std::size_t> columns;
  for (std::size_t i = 0; i < table_->columns.size(); ++i) {
    if (is_of_misfits(table_->columns[i])) columns.push_back(i);
  }
  if (columns.empty()) return;
  Table by_whole_key = *table_;
  by_whole_key.key = key_columns(*table_);
  for (const Row& row : rows) {
    const auto has = [&row](std::size_t at) { return at < row.size() && !std::holds_alternative<std::monostate>(row[at]); };
    const i64 misfits = std::ranges::count_if(columns, has);
    const u64 key = key_digest(by_whole_key, row);
    if (misfits > 0 && misfits_.size() >= kMostMisfits && !misfits_.contains(key)) {
      misfits_beyond_ += misfits;
    } else if (misfits > 0) {
      misfits_[key] = misfits;
    } else {
      misfits_.erase(key);
    }
  }
}

Result<void> TableComparison::finish(const Stream& stream, const std::set<std::string>& damaged, StreamLine& line) {
  if (!compares(stream)) return {};
  line.misfits = misfits_beyond_;
  for (const auto& [key, misfits] : misfits_) line.misfits += misfits;
  TRY_ASSIGN(const std::vector<KeyCount> counts, warehouse_->compare_finish(*table_));
  const bool is_test = evidence_->is_test();
  bool is_lacking = false;
  bool is_foreign = false;
  line.loaded = 0;
  for (const KeyCount& count : counts) {
    line.archived += count.archived;
    *line.loaded += count.loaded;
    if (count.loaded >= count.archived || is_test) continue;
    findings_->table_gap(line.table, named_parents(stream, count.parents), lacks(count.loaded, count.archived));
    is_lacking = true;
  }
  if (!is_test && !is_of_this_ledger(stream)) {
    findings_->table_gap(line.table, {},
                         "the table was loaded from pages that the archive does not have, as before it came back from a copy: its rows "
                         "may be others than the archive's");
    is_foreign = true;
  }
  if (is_lacking || is_foreign) {
    line.state = StreamState::incomplete;
    // What was not loaded yet may be all that lacks, and another run may be loading it: the next load goes on from there.
    if (!is_foreign && !why_behind(stream).empty()) return {};
    return load_anew({line.table});
  }
  const bool is_damaged = damaged.contains(line.table) || (!stream.embedded.empty() && damaged.contains(std::string(stream.parent)));
  // Where the archive has no rows, none can be others than they were.
  if (is_test || is_damaged || line.archived == 0) return {};
  if (const std::string why = why_behind(stream); !why.empty()) {
    line.state = StreamState::incomplete;
    findings_->table_gap(line.table, {}, why);  // the next load goes on from there
  }
  return {};
}

i64 TableComparison::loaded_up_to(const std::string& checkpoint) const {
  const auto found = checkpoints_.find(checkpoint);
  return found == checkpoints_.end() ? 0 : found->second.last_page;
}

/// "" where the table was loaded up to the stream's last page. Keys alone do not show it: what was read anew has the keys that it had.
std::string TableComparison::why_behind(const Stream& stream) const {
  i64 last = last_number(evidence_->pages_of(stream.table));
  if (!stream.embedded.empty()) last = std::max(last, last_number(evidence_->pages_of(stream.parent)));
  const i64 loaded = loaded_up_to(std::string(stream.table));
  const auto checkpoint = checkpoints_.find(std::string(stream.table));
  if (loaded > 0 && checkpoint->second.mapping != mapping_of(stream)) {
    return "the table was loaded by another version of this program: its rows may be others than this one makes of the same pages";
  }
  if (loaded >= last) return {};
  if (loaded == 0) {
    return "the table was not loaded from this archive yet, or from another archive since: its rows may be others than the archive's";
  }
  return fmt::format(
      "the table was loaded up to page {}, and the archive has pages of it up to {}: its rows may be older than the archive's", loaded,
      last);
}

/// False where the table's load ended with a page that this ledger does not have: keys alone do not show that its rows are of other pages.
bool TableComparison::is_of_this_ledger(const Stream& stream) const {
  const auto found = checkpoints_.find(std::string(stream.table));
  if (found == checkpoints_.end() || found->second.last_page == 0) return true;
  // What stands in its parents' records, or stood there for an earlier version, was loaded from their pages.
  return has_its_page(evidence_->pages_of(stream.table), found->second) ||
         (!stream.parent.empty() && has_its_page(evidence_->pages_of(stream.parent), found->second));
}

/// Sets these checkpoints back: they vouched for rows that are not there.
Result<void> TableComparison::load_anew(const std::vector<std::string>& checkpoints) {
  const ArchiveRecord& about = evidence_->archive->about();
  std::vector<Checkpoint> anew;
  for (const std::string& name : checkpoints) anew.push_back({about.id, about.account_name, name});
  return warehouse_->commit(anew);
}

Result<void> TableComparison::compare_assets(const std::set<Expectations::Asset>& assets, const std::set<std::string>& damaged) {
  if (warehouse_ == nullptr || evidence_->is_test()) return {};
  const AccountArchive& archive = *evidence_->archive;
  const FileRecords& files = evidence_->ledger->files.records;
  // A file that came since has a row already, from when it had not come.
  Table table = tables_.back();
  table.key.insert(table.key.end(), {"sha256", "outcome"});
  TRY(warehouse_->compare_begin(table));
  for (const auto& [kind, id, used_in, used_in_id] : assets) {
    WantedFile file;
    file.kind = kind;
    file.id = id;
    file.used_in_id = used_in_id;
    const auto record = files.find({kind, id});
    const std::array<Row, 1> rows = {asset_row(archive.about().account_name, archive.tree(), *find_stream(used_in), file,
                                               record == files.end() ? nullptr : &record->second, "")};
    TRY(warehouse_->compare_append(table, rows));
  }
  TRY_ASSIGN(const std::vector<KeyCount> counts, warehouse_->compare_finish(table));
  for (const KeyCount& count : counts) {
    if (count.loaded == count.archived) continue;
    findings_->table_gap(table.name, {}, lacks(count.loaded, count.archived) + ", or has them as they were before their files came");
    // Others are loaded anew anyway, and by a run beside this one perhaps, which must not find them moved.
    TRY_ASSIGN(const std::vector<std::string> checkpoints, assets_taken_for_loaded(archive, checkpoints_));
    return checkpoints.empty() ? Result<void>() : load_anew(checkpoints);
  }
  name_rows_without_their_files(assets, damaged);
  return {};
}

/// Records that are files themselves say so in their own rows too, and a load writes that last.
void TableComparison::name_rows_without_their_files(const std::set<Expectations::Asset>& assets, const std::set<std::string>& damaged) {
  std::set<std::string> named;  // streams of which a page names a file
  for (const auto& [kind, id, used_in, used_in_id] : assets) named.insert(used_in);
  for (const std::string& table : named) {
    const Stream& stream = *find_stream(table);
    if (!has_storage_columns(stream) || damaged.contains(table) || loaded_up_to(assets_checkpoint(stream)) > 0) continue;
    if (loaded_up_to(table) == 0) continue;  // it is named already, as one that was not loaded
    findings_->table_gap(table, {}, "the load ended before the table's rows said where their files are");
  }
}

}  // namespace chimplift
