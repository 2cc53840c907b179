#include "sync/unit_stream.hpp"

namespace chimplift {

const Stream& reading_of(const Stream& stream, const UnitId& unit) {
  const Stream* one = stream.record_path.empty() ? nullptr : by_id(stream);
  return one != nullptr && unit.parents.size() > parent_columns(stream).size() ? *one : stream;
}

const Stream& stream_of(const UnitId& unit) { return reading_of(*find_stream(unit.stream), unit); }

}  // namespace chimplift
