// The part of verification that looks for records which share a key.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>
#include <unordered_map>

#include "base/text.hpp"
#include "sync/collection.hpp"
#include "sync/load.hpp"
#include "sync/unit_stream.hpp"
#include "sync/verify.hpp"

namespace chimplift {
namespace {

/// Of all that came with the record.
u64 record_digest(const Table& table, const Row& row) {
  const auto synced_at = static_cast<std::size_t>(table.find("synced_at"));
  std::string all;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i == synced_at) continue;  // of the page
    const std::string bytes = bytes_of(row[i]);
    all += std::to_string(bytes.size()) + ':' + bytes;
  }
  return std::hash<std::string>()(all);
}

}  // namespace

/// Records of a collection that have one key and are not the same: the table can hold only one of them.
Result<void> Verifier::judge_equal_keys(const Stream& stream, const std::vector<UnitId>& units) {
  const PageShape shape = shape_of(stream);
  if (settings_->subset || shape.key.empty() || units.empty()) return {};
  const PageList& pages = pages_of(stream.table);
  std::map<UnitId, std::vector<std::size_t>> places;  // of the pages of each collection's last pass
  for (const UnitId& unit : units) places[unit];
  for (std::size_t i = 0; i < pages.size(); ++i) {
    const PageRecord page = pages[i];
    const auto found = places.find(page.unit);
    if (found == places.end()) continue;
    if (const LedgerView::Pass* reading = ledger_.last_pass_of(page.unit); reading != nullptr && reading->has(page))
      found->second.push_back(i);
  }
  for (const auto& [unit, its_pages] : places) {
    std::map<u64, u64> had;
    i64 differing = 0;
    for (const std::size_t at : its_pages) {
      TRY(settings_->go_on());
      const PageRecord page = pages[at];
      const Result<std::string> body = archive_->read_body(page);
      if (!body) continue;  // a gap already
      TRY_ASSIGN(const PageContents contents, read_page(*body, shape));
      const std::size_t first = page.offset > 0 && Collection::pages_overlap(stream) ? 1 : 0;  // at the seam it comes twice
      for (std::size_t i = first; i < contents.key_hashes.size(); ++i) {
        const auto [place, is_new] = had.try_emplace(contents.key_hashes[i], contents.record_digests[i]);
        if (!is_new && place->second != contents.record_digests[i]) ++differing;
      }
    }
    add_equal_keys(stream, named_parents(stream, unit.parents), differing);
  }
  return {};
}

void Verifier::add_equal_keys(const Stream& stream, std::vector<std::pair<std::string, std::string>> parent, i64 differing) {
  if (differing == 0) return;
  certificate_.exceptions.push_back(
      {std::string(stream.table), std::move(parent), "",
       fmt::format("{} records differ from another with the same {}: the table holds the last of each, the archive "
                   "all of them",
                   differing, join(shape_of(stream).key, " and ")),
       ""});
}

/// The records that came inside their parents'. A page that cannot be read was named with the parents already. What differs and has one
/// key is looked for within a page: the same parent on a page of another time may hold other records rightly.
Result<void> Verifier::compare_embedded(const Stream& stream, bool compares, Table& table, StreamLine& line) {
  if (stream.embedded.empty()) return {};
  std::vector<u64> keys;                                      // 8 bytes a record
  std::map<UnitId, std::set<std::pair<u64, u64>>> differing;  // key and record; a parent at a seam comes on two pages
  for (const PageRecord& page : pages_of(stream.parent)) {
    TRY(settings_->go_on());
    const Result<std::string> body = archive_->read_body(page);
    if (!body) continue;
    TRY_ASSIGN(const DecodedPage decoded, decode_stream(*archive_, page, *body, stream, table));
    const LedgerView::Pass* reading = ledger_.last_pass_of(page.unit);
    const bool is_now = reading != nullptr && reading->has(page);
    std::unordered_map<u64, u64> had;  // of this page
    for (const Row& row : decoded.rows) {
      const u64 key = key_digest(table, row);
      keys.push_back(key);
      if (!is_now || settings_->subset) continue;
      const u64 record = record_digest(table, row);
      const auto [place, is_new] = had.try_emplace(key, record);
      if (!is_new && place->second != record) differing[page.unit].emplace(key, record);
    }
    if (compares) TRY(warehouse_->compare_append(table, decoded.rows));
  }
  for (const auto& [unit, records] : differing)
    add_equal_keys(stream, named_parents(stream_of(unit), unit.parents), static_cast<i64>(records.size()));
  std::sort(keys.begin(), keys.end());
  line.pulled += std::unique(keys.begin(), keys.end()) - keys.begin();
  return {};
}

/// Keys that differ as they were sent and not in the table, such as 5 and "5" in a column of text: it holds one of their records. Only
/// where each record that was read has a key that is its own in the whole table.
void Verifier::judge_keys_of_table(const Stream& stream, const StreamLine& line) {
  if (warehouse_ == nullptr || !line.loaded || settings_->subset || archive_->about().test || line.state != "complete") return;
  const Table table = table_of(stream);
  const auto is_in_key = [&table](const std::string& column) { return std::ranges::find(table.key, column) != table.key.end(); };
  const bool has_own_keys = !shape_of(stream).key.empty() && !is_in_key("row_hash") && std::ranges::all_of(table.parents, is_in_key);
  // A contact may move between two sweeps, a record that was asked for by its id may be in its list too: both are counted twice.
  const bool is_read_once = stream.sweeps.size() == 1 && stream.record_path.empty() && stream.embedded.empty() && stream.explode.empty();
  const i64 merged = line.pulled - line.duplicates - line.archived;
  if (!has_own_keys || !is_read_once || merged <= 0) return;
  add_exception(
      line.table, "",
      fmt::format("{} records have keys that differ from another's only in how they are written: the table holds the last of each, the "
                  "archive all of them",
                  merged));
}

}  // namespace chimplift
