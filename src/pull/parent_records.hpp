// What parents' records said when they were read before. Below some records a collection is read again only where the record's bytes are
// others than before (Stream::told_by_parent): digests of these records stand here.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "inventory/discovery.hpp"

namespace chimplift {

class ParentRecords {
 public:
  /// A record that may have collections below it.
  struct Record {
    std::vector<std::string> ids;  // what these collections are asked for with
    bool is_same;                  // it was read before, and has what it had: nothing below it changed
  };

  /// True where some collections below the stream's records are read anew only when these records change. Collections of steps that are not
  /// in this run count too: no later run would see the change that this one has read.
  static bool gates_children(const Stream& stream);

  /// Takes the records of a page that was read before; of a stream that gates none, nothing. Of a record that comes more than once the
  /// first counts: collections below it may have been read then. At worst they are read once more.
  void remember(const Discoverer& discoverer, const UnitId& unit, const PageContents& contents);
  /// The page's records against what was read of them before; from then on, what the page has is what was read.
  std::vector<Record> compare(const Discoverer& discoverer, const UnitId& unit, const PageContents& contents);

 private:
  std::map<std::pair<std::string, std::vector<std::string>>, u64> digests_;  // by table and all ids
};

}  // namespace chimplift
