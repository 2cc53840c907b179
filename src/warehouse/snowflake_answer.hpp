// What an answer of the SQL API says. No effects here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/types.hpp"
#include "warehouse/text_rows.hpp"

namespace chimplift::snowflake {

/// A result as text. Each row has as many cells as there are columns.
struct ResultSet {
  std::vector<std::string> columns;
  std::vector<TextRow> rows;

  /// Index of the column, in any case; -1 where there is none.
  [[nodiscard]] i64 find(std::string_view column) const;
};

/// The fields of an answer; those that the body lacks are empty.
struct Answer {
  std::string code;  // "090001": done; "333333", "333334": still running
  std::string sql_state;
  std::string message;
  std::string handle;
  ResultSet result;    // of the first partition
  i64 rows = 0;        // of all partitions together, as the answer says it
  i64 partitions = 0;  // 0: no result in this answer
};

/// A body that is no JSON has no fields. Never fails: the status says what happened.
Answer parse_answer(std::string_view body);

/// Adds the rows of a further partition. False, and nothing added, where the body is not one.
bool add_partition(std::string_view body, ResultSet& result);

/// True for "still running", whatever the status was.
bool is_running(const Answer& answer);
/// Too many statements waited for the same lock: this one was undone, and may be sent anew.
bool is_crowded(const Answer& answer);
/// Snowflake does not hand out the result, because it is too large; asking again does not help.
bool is_too_large(const Answer& answer);

/// The error of a statement that failed, for the person in front of the program: which right is missing, what to do. Values of rows, which
/// some messages carry, are cut off.
Error error_of(const Answer& answer, int status);

}  // namespace chimplift::snowflake
