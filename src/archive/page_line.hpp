// A page as the archive holds it: one line of JSON with the request, when it was answered, and the answer as it was sent; compressed as a
// zstd frame of its own, so that a page can be read without those before it and `zstdcat` still reads the whole file.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/types.hpp"

namespace chimplift {

struct PageEnvelope {
  i64 number = 0;
  std::string stream;
  std::string path;                                          // "/lists/abc/members"
  std::string query;                                         // "count=1000&offset=0"
  std::vector<std::pair<std::string, std::string>> parents;  // column, id
  i64 requested_at = 0;                                      // microseconds, UTC
  i64 received_at = 0;
  int status = 200;
};

/// The line, with its line break. A body whose bytes are not UTF-8 is kept as "body_base64"; line breaks between a body's tokens become
/// spaces.
std::string page_line(const PageEnvelope& envelope, std::string_view body);

/// The body of such a line, as it was sent. Error: archive.
Result<std::string> body_of(std::string_view line);

}  // namespace chimplift
