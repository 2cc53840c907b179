// The command `status`: what is done, left and missing, from the archive alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "run/settings.hpp"

namespace chimplift {

/// What is done, left and missing, from the archive alone.
struct StatusLine {
  enum class State { complete, read_so_far, under_way, not_begun, not_permitted, gone, incomplete, excluded };
  std::string table;
  std::string step;
  // read_so_far: all that is known of it was read; what was not read yet may lead to more, and only a certificate says that it does not.
  State state = State::not_begun;
  i64 units_ended = 0;
  i64 units_open = 0;  // begun and not ended
  i64 records = 0;
  i64 pages = 0;
  std::string inside;  // the table whose records hold this one's, and then only what came beside them is counted here; "" for none
};
/// "complete", "read so far", "under way", "not begun", "not permitted", "gone", "incomplete", "excluded".
std::string_view name_of(StatusLine::State state);
struct AccountStatus {
  std::string account_name;
  std::optional<Error> error;
  bool test = false;
  std::string last_page_at;
  std::string verdict;                       // of the last certificate; "" where there is none
  std::string verdict_at;                    // when that was written
  bool is_current = false;                   // nothing came into the archive since
  std::vector<std::string> limited_by = {};  // what keeps it from being about everything: "--only-steps lists"
  std::string verify_command;                // what gives a new verdict
  std::vector<StatusLine> lines;
  i64 files = 0;
  i64 file_bytes = 0;
};
std::vector<AccountStatus> status(const Settings& settings);

}  // namespace chimplift
