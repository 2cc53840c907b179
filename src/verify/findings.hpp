// What verification finds, as it is found, and the verdict that follows from it. It knows which command closes a gap, and where a gap is
// said: of a stream that nobody chose, on the chosen ones that take their ids from there.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "archive/ledger.hpp"
#include "run/settings.hpp"
#include "verify/finding_list.hpp"

namespace chimplift {

/// Where a gap of the stream is said: on itself, or where nobody chose it, on the chosen streams that it is read for: those below it, and
/// only where there are none those whose records it mentions, for a stream that is excluded by name is never read for what it mentions.
std::vector<const Stream*> said_on(const Stream& stream, const Selection& selection);

class Findings {
 public:
  /// Column and id of each parent.
  using Place = std::vector<std::pair<std::string, std::string>>;

  /// `settings` outlives this.
  Findings(const Settings& settings, std::string account_name) : settings_(&settings), account_name_(std::move(account_name)) {}

  /// Something of the stream that is missing, which `sync` closes. `parents`: ids of the collection; `file`: the id or address of a file.
  void gap(const Stream& stream, const std::vector<std::string>& parents, const std::string& reason, const std::string& file = "");
  /// True for the first who comes upon a page that cannot be read: it is named once.
  bool is_first_at(const PageRecord& page);
  /// The same as gap() where the key may not read it: `sync` with the same key does not close that, so the reason says what does.
  void forbidden(const Stream& stream, const std::vector<std::string>& parents, const std::string& reason);
  /// Rows that a table lacks, which `load` closes.
  void table_gap(const std::string& table, Place parents, const std::string& reason);
  /// A gap that no command closes.
  void lasting_gap(const std::string& table, const std::string& reason);
  void exception(std::string_view table, Place parents, const std::string& file, const std::string& reason);
  /// What was worded elsewhere.
  void add(std::vector<Finding> gaps, std::vector<Finding> exceptions = {});

  [[nodiscard]] i64 gap_count() const { return gaps_.count(); }
  /// True where a gap was said on this stream for one that nobody chose.
  [[nodiscard]] bool is_cut_off(std::string_view table) const { return cut_off_.contains(table); }
  /// "chimplift sync …", with what the run was given.
  [[nodiscard]] std::string sync_command() const;

  /// The end: adds the excluded steps, and hands over all findings with the verdict.
  void write_to(Certificate& certificate, bool is_test);

 private:
  [[nodiscard]] std::string without(const Stream& stream) const;
  void add_gap(const Stream& stream, Place parents, std::string reason, const std::string& file);

  const Settings* settings_;
  std::string account_name_;
  FindingList gaps_;
  FindingList exceptions_;
  std::set<std::pair<std::string, i64>> damaged_pages_;  // stream and number
  std::set<std::string, std::less<>> cut_off_;
};

}  // namespace chimplift
