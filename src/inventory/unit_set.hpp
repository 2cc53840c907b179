// Units by the thousand, packed: there are five collections below each contact, and a set of UnitId takes 230 bytes for each of them, a set
// of these keys 140.
#pragma once

#include <cstddef>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "archive/ledger.hpp"

namespace chimplift {

/// One text for each unit; keys are in the order of their units.
std::string key_of(const UnitId& unit);
UnitId unit_of(std::string_view key);
/// What the keys of a stream's units begin with, and of those whose first parents are these.
std::string key_prefix(std::string_view stream, const std::vector<std::string>& parents = {});

/// As std::set<UnitId>, but that it hands units out by value.
class UnitSet {
 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = UnitId;
    using difference_type = std::ptrdiff_t;
    using pointer = const UnitId*;
    using reference = UnitId;
    explicit Iterator(std::set<std::string>::const_iterator at) : at_(at) {}
    UnitId operator*() const { return unit_of(*at_); }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    bool operator==(const Iterator&) const = default;

   private:
    std::set<std::string>::const_iterator at_;
  };

  /// True where it is new.
  bool insert(const UnitId& unit) { return keys_.insert(key_of(unit)).second; }
  /// True where it was there.
  bool erase(const UnitId& unit) { return keys_.erase(key_of(unit)) > 0; }
  [[nodiscard]] bool contains(const UnitId& unit) const { return keys_.contains(key_of(unit)); }
  [[nodiscard]] std::size_t size() const { return keys_.size(); }
  [[nodiscard]] bool empty() const { return keys_.empty(); }
  [[nodiscard]] Iterator begin() const { return Iterator(keys_.begin()); }
  [[nodiscard]] Iterator end() const { return Iterator(keys_.end()); }
  void clear() { keys_.clear(); }

  template <typename Predicate>
  void erase_if(Predicate predicate) {
    std::erase_if(keys_, [&predicate](const std::string& key) { return predicate(unit_of(key)); });
  }

 private:
  std::set<std::string> keys_;
};

}  // namespace chimplift
