// What each column of the catalogue's tables holds, in a sentence: for docs/tables.md, LookML and dbt.
#pragma once

#include <span>
#include <string_view>

namespace chimplift {

struct ColumnText {
  std::string_view column;  // "status" in every table, or "orders.lines" in one
  std::string_view text;
};

/// "" where nobody wrote one: a test sees to it that there is none such.
std::string_view text_of(std::string_view table, std::string_view column);

/// All of them, in two files.
std::span<const ColumnText> first_column_texts();
std::span<const ColumnText> further_column_texts();

}  // namespace chimplift
