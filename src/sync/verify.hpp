// Verification: what Mailchimp said there is, what the archive holds, what the tables hold. It reads every page and every file of the
// archive again and works out anew, from the pages themselves, which collections and files there must be; it trusts nothing that the pull
// remembers.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "archive/account_archive.hpp"
#include "sync/certificate.hpp"
#include "sync/content.hpp"
#include "sync/cross_checker.hpp"
#include "sync/discovery.hpp"
#include "sync/ledger_view.hpp"
#include "sync/mentions.hpp"
#include "sync/settings.hpp"
#include "warehouse/warehouse.hpp"

namespace chimplift {

class Verifier {
 public:
  /// `warehouse` may be null: then only the archive is verified.
  Verifier(const AccountArchive& archive, const Selection& selection, Warehouse* warehouse, const Settings& settings);

  /// Error: archive or destination where something could not be read at all; interrupted.
  Result<Certificate> run();
  /// Of the files that were read and are as they were, for whoever sums up the content next.
  [[nodiscard]] const KnownSums& known_sums() const { return known_sums_; }
  /// What a failed cross-check compared, and collections with a damaged page: read once more, they may be right.
  [[nodiscard]] const std::set<CrossChecker::Doubt>& doubts() const { return doubts_; }
  /// Files that are not as they were, and how.
  [[nodiscard]] const std::vector<std::pair<FileRecord, std::string>>& damaged_files() const { return damaged_files_; }

 private:
  struct ExpectedFile {
    const Stream* stream;  // whose page names it
    WantedFile file;       // of a body, `content` is the sha256
    bool is_current;       // what an earlier reading said of it need not hold any more
  };

  [[nodiscard]] bool is_pulled(const Stream& stream) const;
  Result<void> read_stream(const Stream& stream, StreamLine& line);
  void expect_unlisted();
  void check_unlisted();
  Result<void> judge_stream(const Stream& stream, StreamLine line);
  Result<void> compare_rows(const Stream& stream, StreamLine& line);
  [[nodiscard]] bool is_of_this_ledger(const Stream& stream) const;
  Result<std::vector<KeyCount>> compare_keys(const Stream& stream, StreamLine& line);
  void note_damage(const Stream& stream, const PageRecord& page, const Error& error, StreamLine& line);
  Result<void> compare_embedded(const Stream& stream, bool compares, Table& table, StreamLine& line);
  [[nodiscard]] const PageList& pages_of(std::string_view table) const;
  void discover(const Stream& stream, const PageRecord& page, std::string_view body, bool is_current);
  void expect_file(const Stream& stream, bool is_current, WantedFile file);
  Result<void> compare_assets();
  Result<void> judge_units(const Stream& stream, StreamLine& line);
  Result<void> judge_equal_keys(const Stream& stream, const std::vector<UnitId>& units);
  void add_equal_keys(const Stream& stream, std::vector<std::pair<std::string, std::string>> parent, i64 differing);
  void judge_keys_of_table(const Stream& stream, const StreamLine& line);
  [[nodiscard]] i64 records_named(const UnitId& unit) const;
  void judge_files();
  void judge_file(const ExpectedFile& expected, FileLine& line);
  void judge_unnamed_files();
  bool has_its_bytes(const Stream& stream, const FileRecord& record);
  void add_gap(const Stream* stream, const std::vector<std::string>& parents, const std::string& file, const std::string& reason);
  void add_exception(const std::string& stream, const std::string& file, const std::string& reason);
  void judge_cross_checks();
  std::unique_ptr<CrossChecker> check_what_ever_was(const std::vector<CrossCheckLine>& lines);
  void judge();
  [[nodiscard]] Result<void> check_bytes(const FileRecord& record);
  [[nodiscard]] bool is_left_out(const Stream& stream, const PageRecord& page);

  const AccountArchive* archive_;
  const Selection* selection_;
  Warehouse* warehouse_;
  const Settings* settings_;
  LedgerView ledger_;
  std::vector<Table> tables_;  // that are compared, of files last; none without a warehouse
  std::unique_ptr<CrossChecker> cross_checker_;
  std::map<std::string, i64> misfits_;             // by table
  std::map<std::string, Checkpoint> checkpoints_;  // by table: with which page its load ended
  std::map<std::string, UnitSet> expected_units_;  // by stream
  Mentions mentions_;
  std::vector<PageRecord> by_id_;         // pages of records that were asked for by their ids
  std::set<std::string> damaged_tables_;  // with a page that cannot be read, and was not read anew since
  std::set<CrossChecker::Doubt> doubts_;
  std::set<const Stream*> unread_;  // with a damaged page
  std::vector<std::pair<FileRecord, std::string>> damaged_files_;
  KnownSums known_sums_;
  PartialReading reading_;
  std::map<std::pair<std::string, std::string>, ExpectedFile> expected_files_;  // by kind and id
  std::set<std::pair<std::string, std::string>> without_address_;               // by table and id
  bool makes_local_bodies_ = false;
  std::set<std::array<std::string, 4>> expected_assets_;  // kind, file_id, used_in, used_in_id
  Certificate certificate_;
};

}  // namespace chimplift
