// The warehouse's tables against the archive: the keys of every row that its pages and files make.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "verify/evidence.hpp"
#include "verify/expectations.hpp"
#include "verify/findings.hpp"
#include "warehouse/warehouse.hpp"

namespace chimplift {

/// Streams are compared one after the other: begin(), append() of each page's rows, finish().
class TableComparison {
 public:
  /// `warehouse`: nullptr for the archive alone; nothing is compared then. All of these outlive this.
  TableComparison(const Evidence& evidence, Findings& findings, Warehouse* warehouse)
      : evidence_(&evidence), findings_(&findings), warehouse_(warehouse) {}
  TableComparison(const TableComparison&) = delete;
  TableComparison& operator=(const TableComparison&) = delete;

  /// Makes the tables ready and reads how far they were loaded. Call once.
  Result<void> prepare();
  [[nodiscard]] bool compares(const Stream& stream) const { return warehouse_ != nullptr && evidence_->selection().has(stream); }
  Result<void> begin(const Stream& stream);
  /// The table of the stream that was begun last; one of its own where nothing is compared.
  Table& table() { return *table_; }
  Result<void> append(std::span<const Row> rows);
  /// Fills in what the line says of the table, and names what it lacks. The next load begins such a table anew. `damaged`: tables with a
  /// page that cannot be read and is named already, which no load comes past.
  Result<void> finish(const Stream& stream, const std::set<std::string>& damaged, StreamLine& line);

  /// The table of files against the files that the pages name, and what the ledger says became of them. `damaged`: as above.
  Result<void> compare_assets(const std::set<Expectations::Asset>& assets, const std::set<std::string>& damaged);

 private:
  void count_misfits(std::span<const Row> rows);
  [[nodiscard]] bool is_of_this_ledger(const Stream& stream) const;
  [[nodiscard]] i64 loaded_up_to(const std::string& checkpoint) const;
  [[nodiscard]] std::string why_behind(const Stream& stream) const;
  void name_rows_without_their_files(const std::set<Expectations::Asset>& assets, const std::set<std::string>& damaged);
  Result<void> load_anew(const std::vector<std::string>& checkpoints);

  const Evidence* evidence_;
  Findings* findings_;
  Warehouse* warehouse_;
  std::vector<Table> tables_;  // of files last; none without a warehouse
  Table uncompared_;
  Table* table_ = &uncompared_;
  std::unordered_map<u64, i64> misfits_;           // of the table's rows that have some, by the digest of their keys
  i64 misfits_beyond_ = 0;                         // of more rows than are told apart
  std::map<std::string, Checkpoint> checkpoints_;  // by table: with which page its load ended
};

}  // namespace chimplift
