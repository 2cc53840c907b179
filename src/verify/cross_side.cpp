#include "verify/cross_side.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "rows/convert.hpp"

namespace chimplift {
namespace {

// Many of an audience's statistics "are cached for at least five minutes" (OpenAPI 3.0.55, Statistics), and clocks differ.
constexpr i64 kLatelyMicros = 3'600'000'000;

/// A scalar's text; "" for what is absent, null, or no scalar.
std::string_view text_at(const JsonNode& record, const std::vector<std::string>& path) {
  const JsonNode* node = find_path(record, path);
  const bool is_text = node != nullptr && node->kind != JsonKind::null && node->kind != JsonKind::array && node->kind != JsonKind::object;
  return is_text ? node->text : std::string_view();
}

/// The same, of all elements one behind the other where a list is on the way.
std::string texts_at(const JsonNode& node, std::span<const std::string> path) {
  if (node.kind == JsonKind::array) {
    std::string texts;
    for (const JsonNode* element : elements_of(node)) texts += texts_at(*element, path);
    return texts;
  }
  if (path.empty()) return node.kind == JsonKind::null || node.kind == JsonKind::object ? "" : std::string(node.text);
  const JsonNode* next = node.kind == JsonKind::object ? find_field(node, path.front()) : nullptr;
  return next == nullptr ? "" : texts_at(*next, path.subspan(1));
}

}  // namespace

CrossSide::CrossSide(const CrossCheck::Side& side, const Stream& stream)
    : is_of_page_(side.of_page), lately_(split(side.lately, '.')), names_(split(side.by, ' ')) {
  for (const std::string& field : split(side.sum, '+')) sum_.push_back(split(field, '.'));
  for (const std::string& condition : split(side.where, ' ')) {
    const std::size_t equals = condition.find('=');
    std::vector<std::string> values = split(condition.substr(equals + 1), '|');
    if (values.empty()) values.emplace_back();
    const bool is_one_of_them = condition[equals - 1] != '!';
    std::vector<Path> fields;
    for (const std::string& field : split(condition.substr(0, is_one_of_them ? equals : equals - 1), '+'))
      fields.push_back(split(field, '.'));
    where_.push_back({std::move(fields), std::move(values), is_one_of_them});
  }
  const std::vector<std::string> parents = parent_columns(stream);
  for (const std::string& name : names_) {
    const auto parent = std::find(parents.begin(), parents.end(), name);
    by_.push_back(parent == parents.end() ? Part{-1, split(name, '.')} : Part{static_cast<int>(parent - parents.begin())});
  }
}

bool CrossSide::is_by_parents() const {
  return !by_.empty() && std::all_of(by_.begin(), by_.end(), [](const Part& part) { return part.parent >= 0; });
}

CrossSide::Group CrossSide::group_of(const std::vector<std::string>& parents) const {
  Group group;
  for (const Part& part : by_) group.push_back(parents[static_cast<std::size_t>(part.parent)]);
  return group;
}

CrossSide::Group CrossSide::group_of(const std::vector<std::string>& parents, const JsonNode& record) const {
  Group group;
  for (const Part& part : by_)
    group.emplace_back(part.parent >= 0 ? std::string_view(parents[static_cast<std::size_t>(part.parent)]) : text_at(record, part.field));
  return group;
}

bool CrossSide::takes(const JsonNode& record, std::optional<i64> said_at) const {
  if (said_at && !lately_.empty()) {
    const std::optional<Timestamp> changed = parse_timestamp(text_at(record, lately_));
    if (changed && changed->micros >= *said_at - kLatelyMicros) return true;
  }
  return std::all_of(where_.begin(), where_.end(), [&record](const Condition& condition) {
    std::string text;
    for (const Path& field : condition.fields) text += texts_at(record, field);
    return (std::ranges::find(condition.values, text) != condition.values.end()) == condition.is_one_of_them;
  });
}

std::optional<i64> CrossSide::value_of(const JsonNode& record) const {
  if (sum_.empty()) return 1;
  i64 sum = 0;
  for (const Path& field : sum_) {
    const std::optional<i64> number = count_at(record, field);
    if (!number || __builtin_add_overflow(sum, *number, &sum)) return std::nullopt;
  }
  return sum;
}

}  // namespace chimplift
