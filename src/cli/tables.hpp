// What people read on stdout: aligned text, made from results alone. The summary of a run is in summary.hpp.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/screen_text.hpp"
#include "sync/doctor.hpp"
#include "sync/plan.hpp"
#include "sync/status.hpp"

namespace chimplift {

/// Columns that are as wide as their widest cell, two spaces between them, no lines. A row never takes two lines of the screen: where there
/// is too little room there is one space between columns, then some of them are left out, and what still does not fit is cut.
class TextTable {
 public:
  /// A heading that begins with '>' stands, like its column, on the right.
  explicit TextTable(std::vector<std::string> headings);
  /// The columns that may be left out, by their headings, the first one first.
  void may_lack(std::vector<std::string> headings) { expendable_ = std::move(headings); }
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  [[nodiscard]] std::string text(const Paint& paint, std::string_view indent = "  ") const;

 private:
  struct Fit {
    std::vector<bool> has;  // by column
    std::string_view between;
  };
  [[nodiscard]] Fit fit_into(i64 room, const std::vector<i64>& widths) const;

  std::vector<std::string> headings_;
  std::vector<bool> right_;
  std::vector<std::string> expendable_;
  std::vector<std::vector<std::string>> rows_;
};

/// "12,345", or "—" where it is not known.
std::string count_or_dash(const std::optional<i64>& number);

/// The step where it differs from the row before, else "": a step's tables are then seen to belong together.
std::string only_if_new(std::string_view step, std::string& last);

/// Of the accounts without an error; the others' errors are for stderr.
std::string plan_text(const std::vector<AccountPlan>& plans, const Paint& paint);
std::string status_text(const std::vector<AccountStatus>& accounts, const Paint& paint);
std::string doctor_text(const std::vector<Check>& checks, const Paint& paint);
std::string streams_text(const Paint& paint);

}  // namespace chimplift
