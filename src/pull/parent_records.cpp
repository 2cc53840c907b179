#include "pull/parent_records.hpp"

#include <algorithm>
#include <optional>

#include "inventory/unit_stream.hpp"

namespace chimplift {

bool ParentRecords::gates_children(const Stream& stream) {
  const std::vector<const Stream*> children = children_of(stream);
  return std::any_of(children.begin(), children.end(), [](const Stream* child) { return child->told_by_parent; });
}

void ParentRecords::remember(const Discoverer& discoverer, const UnitId& unit, const PageContents& contents) {
  if (!gates_children(stream_of(unit))) return;
  for (std::size_t record = 0; record < contents.record_digests.size(); ++record) {
    if (auto ids = discoverer.ids_below(unit.parents, contents, record))
      digests_.try_emplace({unit.stream, std::move(*ids)}, contents.record_digests[record]);
  }
}

std::vector<ParentRecords::Record> ParentRecords::compare(const Discoverer& discoverer, const UnitId& unit, const PageContents& contents) {
  std::vector<Record> records;
  if (!gates_children(stream_of(unit))) return records;
  for (std::size_t record = 0; record < contents.record_digests.size(); ++record) {
    std::optional<std::vector<std::string>> ids = discoverer.ids_below(unit.parents, contents, record);
    if (!ids) continue;
    const u64 digest = contents.record_digests[record];
    const auto [had, is_new] = digests_.try_emplace({unit.stream, *ids}, digest);
    const bool is_same = !is_new && std::exchange(had->second, digest) == digest;
    records.push_back({std::move(*ids), is_same});
  }
  return records;
}

}  // namespace chimplift
