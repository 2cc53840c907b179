// Pages as the archive holds them: any bytes are refused or read, and what was written comes back. Input: path, query, parent id, a line
// each; then the body.
#include <algorithm>

#include "archive/page_line.hpp"
#include "base/text.hpp"
#include "base/zstd.hpp"
#include "fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = text_of(data, size);
  static_cast<void>(chimplift::body_of(bytes));
  static_cast<void>(chimplift::decompress(bytes));

  std::string_view rest = bytes;
  chimplift::PageEnvelope envelope;
  envelope.number = 1;
  envelope.stream = "lists";
  envelope.path = take_line(rest);
  envelope.query = take_line(rest);
  envelope.parents = {{"list_id", std::string(take_line(rest))}};
  envelope.received_at = static_cast<chimplift::i64>(size) * 1'000'000;
  const std::string line = chimplift::page_line(envelope, rest);
  HOLDS(line.ends_with('\n') && std::ranges::count(line, '\n') == 1);
  HOLDS(chimplift::is_utf8(line));

  const auto unpacked = chimplift::decompress(chimplift::compress(line));
  HOLDS(unpacked.has_value() && *unpacked == line);
  const auto body = chimplift::body_of(line);
  HOLDS(body.has_value());
  std::string expected(rest);
  if (chimplift::is_utf8(rest)) {
    std::ranges::replace_if(expected, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  }
  HOLDS(*body == expected);
  return 0;
}
