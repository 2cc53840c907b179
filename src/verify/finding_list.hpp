// Findings in the order in which they were found, the first of each table and cause by name. One for each contact of a large account would
// fill a certificate of megabytes, and say no more: the others are counted in one finding behind them, so that nothing is silent.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "certificate/certificate.hpp"

namespace chimplift {

/// Chosen: whoever has to decide about what lacks needs its names, and a thousand of them are some 300 kB of a certificate.
inline constexpr i64 kMostOfOneCause = 1'000;

class FindingList {
 public:
  void add(Finding finding);
  /// One that is named whatever there is of its cause.
  void add_named(Finding finding);

  /// All that were added, also those that are not named one by one.
  [[nodiscard]] i64 count() const { return count_; }
  /// The end: hands them over.
  [[nodiscard]] std::vector<Finding> take() { return std::move(findings_); }

 private:
  struct OfOneCause {
    i64 count = 0;
    std::size_t others = 0;  // where the finding is that stands for those beyond the first
  };
  using Cause = std::tuple<std::string, bool, std::string, std::string>;  // table, whether it is of a file, command, words
  static Cause cause_of(const Finding& finding);

  std::vector<Finding> findings_;
  std::map<Cause, OfOneCause> causes_;
  i64 count_ = 0;
};

}  // namespace chimplift
