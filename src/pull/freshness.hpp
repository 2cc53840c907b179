// How fresh the archive is: which tables were read, loaded and verified, when the reading of each began, and whether they are being read
// anew. It knows the events and pages of the ledger in their order, and nothing of single collections.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "archive/ledger.hpp"
#include "run/selection.hpp"

namespace chimplift {

class Freshness {
 public:
  explicit Freshness(const Selection& selection) : selection_(&selection) {}

  // Records of the ledger, in its order.
  void note(const FinishedEvent& finished);
  /// One of collections below a single record says nothing of whole tables.
  void note(const RefreshEvent& refresh);
  /// Of a stream that the catalogue has.
  void note(const PageRecord& page);
  /// Collections that were to be read anew are not read yet: a refresh of these tables that was stopped goes on, although one of others may
  /// have ended since.
  void note_unfinished_refresh() { has_unfinished_refresh_ = true; }

  /// True from the start of a refresh on, in later runs too, until it is finished.
  [[nodiscard]] bool is_refreshing() const { return is_refreshing_ || has_unfinished_refresh_; }
  /// True where all selected tables were finished, and no refresh of all of them was stopped: the next reading is a refresh of all.
  [[nodiscard]] bool was_finished() const;
  /// True where some table's reading began more than a day ago: too old to be vouched for in an archive that was never finished.
  [[nodiscard]] bool is_outdated(i64 now_micros) const;
  /// True where what there is will be too old when the rest has been read: more than a week; a day where some of it was finished before, by
  /// a run of fewer tables; at once where all of it was finished, and the rest is what other steps found changed.
  [[nodiscard]] bool will_be_outdated(i64 now_micros) const;
  /// The tables that a refresh reads anew, in the selection's order: all, or those that are more than a day old. What is read with its
  /// parent's records (Stream::told_by_parent) is never among them.
  [[nodiscard]] std::vector<std::string> tables_to_refresh(bool all, i64 now_micros) const;
  /// The tables that are loaded and vouched for.
  [[nodiscard]] std::vector<std::string> selected_tables() const;

 private:
  [[nodiscard]] bool are_all_in(const std::set<std::string>& finished) const;
  [[nodiscard]] bool is_older_than(i64 micros, i64 now_micros) const;

  const Selection* selection_;
  std::set<std::string> finished_;
  std::set<std::string> once_finished_;    // also what was begun anew since
  std::map<std::string, i64> read_since_;  // by table: microseconds of the first page of what was read last
  bool is_refreshing_ = false;             // tables are being read anew
  bool is_refreshing_all_ = false;         // and one refresh was of all that this run's selection has
  bool has_unfinished_refresh_ = false;
};

}  // namespace chimplift
