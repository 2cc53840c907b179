// The pages of one stream as the ledger names them, packed: some 140 bytes each, where a PageRecord takes 500.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "archive/ledger.hpp"

namespace chimplift {

class PageList {
 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = PageRecord;
    using difference_type = std::ptrdiff_t;
    using pointer = const PageRecord*;
    using reference = PageRecord;
    Iterator(const PageList& list, std::size_t at) : list_(&list), at_(at) {}
    PageRecord operator*() const { return (*list_)[at_]; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    bool operator==(const Iterator&) const = default;

   private:
    const PageList* list_;
    std::size_t at_;
  };

  /// All pages are of one stream.
  void add(const PageRecord& page);
  PageRecord operator[](std::size_t at) const;
  [[nodiscard]] std::size_t size() const { return places_.size(); }
  [[nodiscard]] Iterator begin() const { return {*this, 0}; }
  [[nodiscard]] Iterator end() const { return {*this, size()}; }

 private:
  struct Place {
    std::uint32_t block;
    std::uint32_t offset;
  };
  std::string stream_;
  std::vector<std::string> segments_;
  std::deque<std::string> blocks_;  // pieces that never move: a growing text would be there twice while it grows
  std::vector<Place> places_;
};

}  // namespace chimplift
