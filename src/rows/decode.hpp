// One page of JSON into typed rows. A pure function of the page and of the columns known so far.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "rows/table.hpp"

namespace chimplift {

/// What a row has that its record has not.
struct RowContext {
  std::string account_name;
  i64 synced_at = 0;                 // microseconds, UTC: when the page was received
  std::vector<std::string> parents;  // the ids in the page's path, in the order of Table::parents
};

struct DecodedPage {
  std::vector<Row> rows;
  i64 records = 0;
  i64 misfits = 0;  // values that did not fit their column and went to <column>__text
};

/// Makes rows of a page's records and adds to `table` each column that it lacks.
/// `items` names the array of records; "" where the whole body is the one record.
/// Rules (docs/tables.md states them for users): see decode.cpp.
Result<DecodedPage> decode_page(std::string_view body, std::string_view items, const RowContext& context, Table& table);

/// Records that stand inside their parents' records.
struct Embedded {
  std::string field;     // of the parent's record: the list
  std::string id_field;  // of the parent's record: its id, the last of the rows' parent ids
  /// Whether a list of that length is taken: one that may be cut short comes from its own path.
  std::function<bool(i64 elements)> is_whole;
};

/// Makes rows of the records embedded in a page of their parents; `context.parents` are the ids in that page's path.
Result<DecodedPage> decode_embedded(std::string_view body, std::string_view items, const Embedded& embedded, const RowContext& context,
                                    Table& table);

}  // namespace chimplift
