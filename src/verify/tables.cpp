#include "verify/tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "inventory/unit_stream.hpp"
#include "load/load.hpp"
#include "load/load_assets.hpp"

namespace chimplift {
namespace {

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
  if (!compares(stream)) {
    uncompared_ = table_of(stream);
    table_ = &uncompared_;
    return {};
  }
  table_ = &*std::ranges::find(tables_, stream.table, &Table::name);
  return warehouse_->compare_begin(*table_);
}

Result<void> TableComparison::append(std::span<const Row> rows) { return warehouse_->compare_append(*table_, rows); }

Result<void> TableComparison::finish(const Stream& stream, StreamLine& line) {
  const auto checkpoint = checkpoints_.find(line.table);
  if (checkpoint != checkpoints_.end()) line.misfits = checkpoint->second.misfits;
  if (!compares(stream)) return {};
  TRY_ASSIGN(const std::vector<KeyCount> counts, warehouse_->compare_finish(*table_));
  const bool is_test = evidence_->is_test();
  bool is_lacking = false;
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
    is_lacking = true;
  }
  if (!is_lacking) return {};
  line.state = StreamState::incomplete;
  return load_anew({line.table});
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

Result<void> TableComparison::compare_assets(const std::set<Expectations::Asset>& assets) {
  if (warehouse_ == nullptr || evidence_->is_test()) return {};
  const AccountArchive& archive = *evidence_->archive;
  const Table& table = tables_.back();
  TRY(warehouse_->compare_begin(table));
  for (const auto& [kind, id, used_in, used_in_id] : assets) {
    WantedFile file;
    file.kind = kind;
    file.id = id;
    file.used_in_id = used_in_id;
    const std::array<Row, 1> rows = {asset_row(archive.about().account_name, archive.tree(), *find_stream(used_in), file, nullptr, "")};
    TRY(warehouse_->compare_append(table, rows));
  }
  TRY_ASSIGN(const std::vector<KeyCount> counts, warehouse_->compare_finish(table));
  std::vector<std::string> checkpoints;
  for (const Stream& stream : catalogue()) {
    if (!stream.files.empty()) checkpoints.push_back(assets_checkpoint(stream));
  }
  for (const KeyCount& count : counts) {
    if (count.loaded == count.archived) continue;
    findings_->table_gap(table.name, {}, lacks(count.loaded, count.archived));
    TRY(load_anew(checkpoints));
  }
  return {};
}

}  // namespace chimplift
