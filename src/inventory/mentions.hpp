// What pages name of other lists' records, so that those which their own list does not give are asked for by their ids
// (Stream::record_path). Whether one is lacking can be said only of a list that was read; one that has a gap is not given up for that, for
// what is missing there may be had by its id.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "archive/ledger.hpp"
#include "inventory/discovery.hpp"

namespace chimplift {

class Mentions {
 public:
  /// What a page of the stream has and names.
  void note(const Stream& stream, const Discovery& discovery);
  /// A record that is named, or was once asked for by its id.
  void add(const UnitId& one);
  /// The list was read, in whole or in part.
  void set_read(const std::string& table) { lists_[table].is_read = true; }
  /// These lists are read anew: everything that is named is to be looked for in them again.
  void begin_anew(const std::vector<std::string>& tables);

  /// Named, and not in its list: each of them once. The caller knows which of them it has.
  std::vector<UnitId> take_unlisted();
  /// True where take_unlisted() may have some.
  [[nodiscard]] bool has_news() const;

 private:
  struct List {
    bool is_read = false;
    std::set<std::string> ids;
    std::set<UnitId> named;
    std::vector<UnitId> news;  // of these, what was not looked for yet
  };
  std::map<std::string, List> lists_;  // by table
};

}  // namespace chimplift
