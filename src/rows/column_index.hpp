// Which column a name means, and new columns. Warehouses compare names without case, JSON compares them with it: no value may fall between
// the two.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "rows/table.hpp"

namespace chimplift {

class ColumnIndex {
 public:
  /// Keeps a reference: columns are added to `table`.
  explicit ColumnIndex(Table& table);

  /// Index of the column; added with this type where the table has none. A name that differs from another column's by case alone stands for
  /// `<name>__2`, `<name>__3`, ….
  i64 find_or_add(const std::string& name, ColumnType type);

  [[nodiscard]] const Column& column(i64 index) const { return table_.columns[static_cast<std::size_t>(index)]; }

 private:
  Table& table_;
  std::unordered_map<std::string, i64> exact_;
  std::unordered_set<std::string> lower_;
};

/// The column name for a field of the API: the same, but for
/// - "": `_`
/// - names that end as ours do (`__text`, `__api`, `__2`): `<name>__api`, so that no field takes the place of a column that we make
/// - names with control characters or of more than 200 bytes: made safe and short, with a hash that keeps them apart
std::string column_name_for(std::string_view field);

}  // namespace chimplift
