// How a unit is read: as its table's list, or as one record of that list by its own id (by_id() in the catalogue). It is the latter where
// the unit has an id more than the table's path.
#pragma once

#include "archive/ledger.hpp"
#include "mailchimp/catalogue.hpp"

namespace chimplift {

/// The same of a unit of this stream's table.
const Stream& reading_of(const Stream& stream, const UnitId& unit);

/// The same of a unit whose table the catalogue has.
const Stream& stream_of(const UnitId& unit);

}  // namespace chimplift
