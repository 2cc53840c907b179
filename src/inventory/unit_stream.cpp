#include "inventory/unit_stream.hpp"

#include <algorithm>
#include <iterator>

namespace chimplift {

const Stream& reading_of(const Stream& stream, const UnitId& unit) {
  const Stream* one = stream.record_path.empty() ? nullptr : by_id(stream);
  return one != nullptr && unit.parents.size() > parent_columns(stream).size() ? *one : stream;
}

const Stream& stream_of(const UnitId& unit) { return reading_of(*find_stream(unit.stream), unit); }

std::vector<UnitId> units_of(const Stream& stream, const std::vector<std::string>& parents) {
  std::vector<UnitId> units;
  for (int sweep = 0; sweep < static_cast<int>(stream.sweeps.size()); ++sweep) units.push_back({std::string(stream.table), parents, sweep});
  return units;
}

std::vector<UnitId> root_units(const Selection& selection) {
  std::vector<UnitId> roots;
  for (const Stream* stream : selection.pulled()) {
    if (stream->parent.empty()) std::ranges::move(units_of(*stream, {}), std::back_inserter(roots));
  }
  return roots;
}

std::vector<std::pair<std::string, std::string>> named_parents(const Stream& stream, const std::vector<std::string>& ids) {
  std::vector<std::pair<std::string, std::string>> named;
  const std::vector<std::string> columns = parent_columns(stream);
  for (std::size_t i = 0; i < ids.size() && i < columns.size(); ++i) named.emplace_back(columns[i], ids[i]);
  return named;
}

}  // namespace chimplift
