// A unit is a collection of its table's stream, or one record of that stream by its own id (by_id() in the catalogue): the latter where it
// has an id more than the stream's path.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "archive/ledger.hpp"
#include "mailchimp/catalogue.hpp"
#include "run/selection.hpp"

namespace chimplift {

/// How a unit of the stream is read.
const Stream& reading_of(const Stream& stream, const UnitId& unit);

/// The same, of a unit whose table the catalogue has.
const Stream& stream_of(const UnitId& unit);

/// A stream's collection below these parents: a unit for each sweep.
std::vector<UnitId> units_of(const Stream& stream, const std::vector<std::string>& parents);

/// The units that no page has to tell of.
std::vector<UnitId> root_units(const Selection& selection);

/// The ids of a unit's parents with the names of the columns that hold them.
std::vector<std::pair<std::string, std::string>> named_parents(const Stream& stream, const std::vector<std::string>& ids);

}  // namespace chimplift
