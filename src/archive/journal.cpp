#include "archive/journal.hpp"

#include <fmt/format.h>

#include <charconv>

namespace chimplift {

std::string segment_name(int segment) { return fmt::format("{:06}.ndjson.zst", segment); }

int segment_number(std::string_view name) {
  int number = 0;
  std::from_chars(name.data(), name.data() + name.size(), number);
  return number;
}

}  // namespace chimplift
