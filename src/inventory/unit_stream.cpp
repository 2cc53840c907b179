#include "inventory/unit_stream.hpp"

namespace chimplift {

const Stream& reading_of(const Stream& stream, const UnitId& unit) {
  const Stream* one = stream.record_path.empty() ? nullptr : by_id(stream);
  return one != nullptr && unit.parents.size() > parent_columns(stream).size() ? *one : stream;
}

const Stream& stream_of(const UnitId& unit) { return reading_of(*find_stream(unit.stream), unit); }

std::vector<std::pair<std::string, std::string>> named_parents(const Stream& stream, const std::vector<std::string>& ids) {
  std::vector<std::pair<std::string, std::string>> named;
  const std::vector<std::string> columns = parent_columns(stream);
  for (std::size_t i = 0; i < ids.size() && i < columns.size(); ++i) named.emplace_back(columns[i], ids[i]);
  return named;
}

}  // namespace chimplift
