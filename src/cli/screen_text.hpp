// Text as a terminal shows it: how wide it is. shown() of base/text.hpp takes out what could move the cursor.
#pragma once

#include <string>
#include <string_view>

#include "base/text.hpp"
#include "base/types.hpp"

namespace chimplift {

/// Columns that the text takes; East Asian characters and emoji take two, combining ones none. Colour sequences take none.
i64 width_of(std::string_view text);

/// At most that many columns; what was cut ends in "…".
std::string cut(std::string_view text, i64 width);

/// With spaces behind it, or in front, up to that many columns.
std::string pad_right(std::string_view text, i64 width);
std::string pad_left(std::string_view text, i64 width);

/// What the place can show that a text is for: colours, or none at all; and how many columns.
struct Paint {
  bool on = false;
  i64 columns = 0;  // 0: as many as the text takes
  [[nodiscard]] std::string bold(std::string_view text) const { return with("1", text); }
  [[nodiscard]] std::string dim(std::string_view text) const { return with("2", text); }
  [[nodiscard]] std::string red(std::string_view text) const { return with("31", text); }
  [[nodiscard]] std::string green(std::string_view text) const { return with("32", text); }
  [[nodiscard]] std::string yellow(std::string_view text) const { return with("33", text); }

 private:
  [[nodiscard]] std::string with(std::string_view code, std::string_view text) const;
};

}  // namespace chimplift
