// An attribute's value without the character references that could hide its structure, and where each byte of it stands in the source.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace chimplift {

/// References to ASCII characters (`&quot;`, `&#39;`, `&amp;`, `&lpar;`) are decoded: quotes, brackets and commas that CSS and srcset are
/// made of. All others stand for letters of some address or word, and stay as they are written.
class PlacedText {
 public:
  /// `is_raw`: the text of a style element, where no references are.
  explicit PlacedText(std::string_view source, bool is_raw = false);

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool is_raw() const { return is_raw_; }
  /// The source of `bytes` bytes at `at`.
  [[nodiscard]] std::string_view source(std::size_t at, std::size_t bytes) const {
    return source_.substr(places_[at], places_[at + bytes] - places_[at]);
  }

 private:
  std::string_view source_;
  bool is_raw_;
  std::string text_;
  std::vector<std::size_t> places_;  // of each byte, and of the end
};

}  // namespace chimplift
