#include "inventory/unit_set.hpp"

namespace chimplift {
namespace {

// Each part ends in two zeroes, and a zero within it is followed by 0xFF: so that keys sort as their parts do, whatever an id holds.
constexpr char kZero = '\0';
constexpr char kEscape = '\xFF';

void append_part(std::string_view part, std::string& key) {
  for (const char c : part) {
    key += c;
    if (c == kZero) key += kEscape;
  }
  key.append(2, kZero);
}

std::string take_part(std::string_view& key) {
  std::string part;
  std::size_t at = 0;
  for (; key[at] != kZero || key[at + 1] == kEscape; ++at) {
    part += key[at];
    if (key[at] == kZero) ++at;
  }
  key.remove_prefix(at + 2);
  return part;
}

}  // namespace

std::string key_prefix(std::string_view stream, const std::vector<std::string>& parents) {
  std::string key;
  append_part(stream, key);
  for (const std::string& parent : parents) append_part(parent, key);
  return key;
}

std::string key_of(const UnitId& unit) {
  std::string key = key_prefix(unit.stream, unit.parents);
  key += static_cast<char>(unit.sweep);  // a handful
  key.shrink_to_fit();
  return key;
}

UnitId unit_of(std::string_view key) {
  UnitId unit;
  unit.stream = take_part(key);
  while (key.size() > 1) unit.parents.push_back(take_part(key));
  unit.sweep = static_cast<unsigned char>(key.front());
  return unit;
}

}  // namespace chimplift
