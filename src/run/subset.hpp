// A part of an archive's bytes, for a verification that is not to read all of them. Chosen by a hash of where they are: the same part holds
// the same pages and files each time and on each machine, and the parts 1/n to n/n together are everything, each once.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/types.hpp"

namespace chimplift {

class Subset {
 public:
  /// "10%" (the first tenth, as 1/10), or "3/10". Error: usage.
  static Result<Subset> parse(std::string_view text);

  /// `place`: "files/templates/12.png", or "raw/lists/000001.ndjson.zst" and where the page begins.
  [[nodiscard]] bool has(std::string_view place, i64 at = 0) const;
  /// As it was given.
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
  double from_ = 0;  // of all, 0 to 1
  double to_ = 1;
};

}  // namespace chimplift
