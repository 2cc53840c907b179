// Settings that name a file, and may hold in its stead what the file would hold.
#pragma once

#include <string_view>

#include "base/text.hpp"

namespace chimplift {

/// True for JSON, a PEM, and what has several lines: no such value is a file's name, and none is ever shown.
inline bool is_content(std::string_view value) {
  const std::string_view text = trim(value);
  return text.starts_with('{') || text.starts_with('[') || text.starts_with("-----BEGIN") || text.find_first_of("\r\n") != text.npos;
}

}  // namespace chimplift
