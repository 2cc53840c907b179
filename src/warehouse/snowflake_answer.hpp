// What an answer of the SQL API says. No effects here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/types.hpp"

namespace chimplift::snowflake {

/// A result as text, in the order of `columns`; NULL is nullopt.
struct ResultSet {
  std::vector<std::string> columns;
  std::vector<std::vector<std::optional<std::string>>> rows;

  /// Index of the column, in any case; -1 where there is none.
  [[nodiscard]] i64 find(std::string_view column) const;
};

/// The fields that every answer may have, as far as the body has them.
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
/// It has no result, and never will have one.
bool is_too_large(const Answer& answer);

/// The error of a statement that failed, for the person in front of the program: which right is missing, what to do. Values of rows, which
/// some messages carry, are cut off.
Error error_of(const Answer& answer, int status);

}  // namespace chimplift::snowflake
