// One row in the making: puts values into columns and sees to it that none is dropped.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "rows/column_index.hpp"
#include "rows/decode.hpp"
#include "rows/json.hpp"

namespace chimplift {

class RowMaker {
 public:
  RowMaker(const RowContext& context, Table& table);

  /// A row with what the context knows: account, time, parent ids.
  struct Draft {
    Row row;
    i64 misfits = 0;
  };
  [[nodiscard]] const Draft& blank() const { return blank_; }

  /// Puts a field of the API where it belongs. Names that are ours go to `<name>__api`; a parent id that says the same again is left out.
  void put_field(Draft& draft, std::string_view field, const JsonNode& value);

  /// Puts a value into the column, or into `<column>__text` where it does not fit. A column that the row has filled already is not
  /// overwritten: `<column>__2` takes the value.
  void put(Draft& draft, const std::string& column, const JsonNode& value, ColumnType type_if_new);

  /// Puts a value of ours into a column that is ours alone.
  void put_own(Draft& draft, const std::string& column, ColumnType type, Value value);

  /// The key's values in this row, without the column `without`: equal for rows that an upsert by the rest of the key takes for one.
  std::string key_of(const Draft& draft, std::string_view without);

 private:
  void put_parent(const std::string& column, const std::string& text);
  void put_misfit(Draft& draft, const std::string& column, std::string text);
  i64 free_column(const Draft& draft, const std::string& column, ColumnType type_if_new);
  const std::string& name_for(std::string_view field);

  Table& table_;
  ColumnIndex index_;
  Draft blank_;
  std::unordered_map<std::string, std::string> own_;  // parent ids by column; "" for other columns of ours
  std::unordered_set<std::string> parents_;
  std::unordered_map<std::string_view, std::string> names_;  // field to column; views into the document, which outlives the maker
};

}  // namespace chimplift
