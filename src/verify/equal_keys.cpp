#include "verify/equal_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <unordered_map>

#include "base/text.hpp"
#include "inventory/read_contents.hpp"
#include "inventory/unit_stream.hpp"

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

void add_equal_keys(const Stream& stream, Findings::Place parents, i64 differing, Findings& findings) {
  if (differing == 0) return;
  findings.exception(stream.table, std::move(parents), "",
                     fmt::format("{} records differ from another with the same {}: the table holds the last of each, the archive "
                                 "all of them",
                                 differing, join(shape_of(stream).key, " and ")));
}

/// How many records of these pages differ from another with the same key. `at`: the pages of one reading of one collection.
Result<i64> count_differing(const Evidence& evidence, const Stream& stream, const PageShape& shape, const std::vector<std::size_t>& at,
                            Findings& findings) {
  const PageList& pages = evidence.pages_of(stream.table);
  std::map<u64, u64> had;
  i64 differing = 0;
  for (const std::size_t place : at) {
    TRY(evidence.settings->go_on());
    const PageRecord page = pages[place];
    TRY_ASSIGN(const std::optional<std::string> body, evidence.body_once_more(page));
    if (!body) continue;
    const Result<PageContents> contents = read_contents(*evidence.archive, page, *body, shape);
    if (!contents) {
      if (findings.is_first_at(page)) findings.gap(stream_of(page.unit), page.unit.parents, contents.error().message);
      continue;
    }
    const std::size_t first = page.offset > 0 && pages_by_offset(stream) ? 1 : 0;  // at the seam it comes twice
    for (std::size_t i = first; i < contents->key_hashes.size(); ++i) {
      const auto [one, is_new] = had.try_emplace(contents->key_hashes[i], contents->record_digests[i]);
      if (!is_new && one->second != contents->record_digests[i]) ++differing;
    }
  }
  return differing;
}

}  // namespace

Result<void> judge_equal_keys(const Evidence& evidence, const Stream& stream, const std::vector<UnitId>& units, Findings& findings) {
  const PageShape shape = shape_of(stream);
  if (evidence.settings->subset || shape.key.empty() || units.empty()) return {};
  const PageList& pages = evidence.pages_of(stream.table);
  std::map<UnitId, std::vector<std::size_t>> places;  // of the pages of each collection's last pass
  for (const UnitId& unit : units) places[unit];
  for (std::size_t i = 0; i < pages.size(); ++i) {
    const PageRecord page = pages[i];
    const auto found = places.find(page.unit);
    if (found != places.end() && evidence.is_of_last_pass(page)) found->second.push_back(i);
  }
  for (const auto& [unit, at] : places) {
    TRY_ASSIGN(const i64 differing, count_differing(evidence, stream, shape, at, findings));
    add_equal_keys(stream, named_parents(stream, unit.parents), differing, findings);
  }
  return {};
}

void judge_keys_of_table(const Evidence& evidence, const Stream& stream, const StreamLine& line, Findings& findings) {
  if (!line.loaded || evidence.settings->subset || evidence.is_test() || line.state != StreamState::complete) return;
  const Table table = table_of(stream);
  const auto is_in_key = [&table](const std::string& column) { return std::ranges::find(table.key, column) != table.key.end(); };
  // Each record that was read must have a key that is its own in the whole table.
  const bool has_own_keys = !shape_of(stream).key.empty() && !is_in_key("row_hash") && std::ranges::all_of(table.parents, is_in_key);
  // A contact may move between two sweeps, a record that was asked for by its id may be in its list too: both are counted twice.
  const bool is_read_once = stream.sweeps.size() == 1 && stream.record_path.empty() && stream.embedded.empty() && stream.explode.empty();
  const i64 merged = line.pulled - line.duplicates - line.archived;
  if (!has_own_keys || !is_read_once || merged <= 0) return;
  findings.exception(line.table, {}, "",
                     fmt::format("{} records have keys that differ from another's only in how they are written: the table holds the last "
                                 "of each, the archive all of them",
                                 merged));
}

void EmbeddedRecords::take(const PageRecord& page, const Table& table, std::span<const Row> rows, bool looks_at_keys) {
  std::unordered_map<u64, u64> had;  // of this page
  for (const Row& row : rows) {
    const u64 key = key_digest(table, row);
    keys_.push_back(key);
    if (!looks_at_keys) continue;
    const u64 record = record_digest(table, row);
    const auto [place, is_new] = had.try_emplace(key, record);
    if (!is_new && place->second != record) differing_[page.unit].emplace(key, record);
  }
}

i64 EmbeddedRecords::finish(const Stream& stream, Findings& findings) {
  for (const auto& [unit, records] : differing_)
    add_equal_keys(stream, named_parents(stream_of(unit), unit.parents), static_cast<i64>(records.size()), findings);
  std::sort(keys_.begin(), keys_.end());
  return std::unique(keys_.begin(), keys_.end()) - keys_.begin();
}

}  // namespace chimplift
