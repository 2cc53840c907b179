// The tables of errors in docs/operations.md, read as a person reads them, so that tests can hold the program to them.
#pragma once

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "built_paths.hpp"
#include "e2e.hpp"

namespace chimplift::e2e {

struct ErrorRow {
  std::string message;  // "cannot read secret *name*: AccessDeniedException": what is between stars, and "…", may be anything
  std::set<int> codes;
};

/// The rows of the table below a heading; messages that share a row (`<br>`) are rows of their own.
inline std::vector<ErrorRow> error_rows(const std::string& heading) {
  const std::string text = read_text(CHIMPLIFT_SOURCE "/docs/operations.md");
  std::vector<ErrorRow> rows;
  std::size_t at = text.find("\n### " + heading + "\n");
  if (at == std::string::npos) return rows;
  const std::size_t end = std::min(text.find("\n#", at + 5), text.size());
  for (const std::string& line : split(text.substr(at, end - at), '\n')) {
    const std::vector<std::string> cells = split(line, '|');
    if (cells.size() < 4 || cells[1].find("---") != std::string::npos || trim(cells[1]) == "message") continue;
    std::set<int> codes;
    for (const char c : cells[2]) {
      if (c >= '0' && c <= '9') codes.insert(c - '0');
    }
    std::string messages(trim(cells[1]));
    for (std::size_t mark = 0; (mark = messages.find("<br>")) != std::string::npos;) messages.replace(mark, 4, "\n");
    for (const std::string& message : split(messages, '\n')) rows.push_back({std::string(trim(message)), codes});
  }
  return rows;
}

/// True where the text has the message somewhere, on one line.
inline bool says(const std::string& text, const std::string& message) {
  std::vector<std::string> parts(1);
  bool is_open = false;
  for (std::size_t i = 0; i < message.size(); ++i) {
    const bool is_dots = message.compare(i, 3, "…") == 0;
    if (message[i] == '*' || is_dots) {
      if (!is_open) parts.emplace_back();
      is_open = message[i] == '*' && !is_open;
      i += is_dots ? 2 : 0;
    } else if (!is_open && message[i] != '`') {
      parts.back() += message[i];
    }
  }
  for (std::string& part : parts) part = trim(part);
  for (const std::string& line : split(text, '\n')) {
    std::size_t at = 0;
    for (const std::string_view part : parts) {
      at = at == std::string::npos ? at : line.find(part, at);
      if (at != std::string::npos) at += part.size();
    }
    if (at != std::string::npos) return true;
  }
  return false;
}

/// Holds what the program said to a row of the table, and takes note of the row; what is in `seen` at the end is proven.
inline void expect_row(const std::vector<ErrorRow>& rows, const std::string& message, const Ended& ended, std::set<std::string>& seen) {
  const auto row = std::find_if(rows.begin(), rows.end(), [&message](const ErrorRow& one) { return one.message == message; });
  if (row == rows.end()) {
    ADD_FAILURE() << "docs/operations.md has no row \"" << message << "\"; the program said:\n" << ended.all();
    return;
  }
  seen.insert(message);
  EXPECT_TRUE(row->codes.contains(ended.code)) << message << ": exit code " << ended.code << "\n" << ended.all();
  EXPECT_TRUE(says(ended.all(), message)) << "not as docs/operations.md says: " << message << "\n" << ended.all();
}

/// Every row is proven, here or (each with its reason) elsewhere.
inline void expect_all_rows(const std::vector<ErrorRow>& rows, const std::set<std::string>& seen, const std::set<std::string>& elsewhere) {
  EXPECT_FALSE(rows.empty());
  for (const ErrorRow& row : rows)
    EXPECT_TRUE(seen.contains(row.message) || elsewhere.contains(row.message)) << "nothing proves the row " << row.message;
}

}  // namespace chimplift::e2e
