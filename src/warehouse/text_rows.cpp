#include "warehouse/text_rows.hpp"

#include "base/text.hpp"

namespace chimplift {

Result<i64> count_of(const std::optional<std::string>& cell) {
  if (const std::optional<i64> count = cell ? parse_count(*cell) : std::nullopt) return *count;
  return fail(ErrorKind::destination, "the warehouse says " + (cell ? '"' + *cell + '"' : "nothing") + " where a count should be",
              "Run the same command again; if it stays so, see whether something else changes the warehouse's tables.");
}

Result<i64> only_count_of(std::span<const TextRow> rows) {
  return count_of(rows.size() == 1 && !rows[0].empty() ? rows[0][0] : std::nullopt);
}

Result<std::map<std::string, Checkpoint>> checkpoints_of(std::span<const TextRow> rows, const std::string& archive_id,
                                                         const std::string& account_name) {
  std::map<std::string, Checkpoint> found;
  for (const TextRow& row : rows) {
    const std::string table = row.at(0).value_or("");
    TRY_ASSIGN(const i64 last_page, count_of(row.at(1)));
    TRY_ASSIGN(const i64 loaded, count_of(row.at(2)));
    TRY_ASSIGN(const i64 misfits, count_of(row.at(3)));
    found[table] = {archive_id, account_name, table, last_page, loaded, misfits, row.at(4).value_or(""), row.at(5).value_or("")};
  }
  return found;
}

Result<std::vector<KeyCount>> key_counts_of(std::span<const TextRow> rows, std::size_t parents) {
  std::vector<KeyCount> counts;
  for (const TextRow& row : rows) {
    KeyCount& count = counts.emplace_back();
    for (std::size_t i = 0; i < parents; ++i) count.parents.push_back(row.at(i).value_or(""));
    TRY_ASSIGN(count.archived, count_of(row.at(parents)));
    TRY_ASSIGN(count.loaded, count_of(row.at(parents + 1)));
  }
  return counts;
}

}  // namespace chimplift
