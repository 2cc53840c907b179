// Ledgers: whatever bytes stand there, reading them ends in records or in an error. Input: '0' and the file's bytes, or '1' and lines that
// get a right sum each, so that what stands in them is reached; a record that was read is written again as it was.
#include <string>

#include "archive/ledger.hpp"
#include "base/hash.hpp"
#include "scratch.hpp"

namespace {

using chimplift::LedgerReader;

/// Lines with the sums that docs/archive-format.md describes.
std::string with_sums(std::string_view lines) {
  std::string file;
  std::string sum;
  while (!lines.empty()) {
    std::string text(take_line(lines));
    if (text.ends_with('}')) text.pop_back();
    chimplift::Sha256 hash;
    hash.update(sum);
    hash.update(text);
    sum = hash.hex().substr(0, 16);
    file += text + ",\"sum\":\"" + sum + "\"}\n";
  }
  return file;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest = text_of(data + 1, size - 1);
  const std::string bytes = data[0] == '1' ? with_sums(rest) : std::string(rest);
  const auto length = static_cast<chimplift::i64>(bytes.size());
  static const ScratchFile kFile;
  kFile.write(bytes);
  auto reader = LedgerReader::open(kFile.path());
  HOLDS(reader.has_value());
  chimplift::i64 before = 0;
  std::string sum;
  while (true) {
    const auto record = reader->next(length);
    if (!record || !*record) break;
    HOLDS(reader->position() > before && reader->position() <= length);
    before = reader->position();
    std::string again;
    const std::string written = encode(**record, again);
    sum.clear();
    HOLDS(encode(**record, sum) == written);
  }
  HOLDS(reader->position() == before);
  return 0;
}
