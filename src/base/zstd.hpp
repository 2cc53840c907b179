// Zstandard: what the archive keeps and what a warehouse is fed.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/types.hpp"

namespace chimplift {

/// The text as one frame that knows its size and carries a checksum.
std::string compress(std::string_view text);

/// The text of one frame that knows its size. Errors of kind archive: not a whole frame.
Result<std::string> decompress(std::string_view frame);

/// One frame that is written piece by piece, in memory.
class Compressor {
 public:
  Compressor();
  Compressor(Compressor&&) noexcept;
  Compressor& operator=(Compressor&&) noexcept;
  ~Compressor();

  void append(std::string_view text);
  /// Bytes of the frame so far. What is still inside the compressor is not counted.
  [[nodiscard]] i64 size() const { return static_cast<i64>(frame_.size()); }
  /// The whole frame. Ends the compressor.
  std::string finish();

 private:
  struct Inside;
  void write(std::string_view text, bool last);
  std::unique_ptr<Inside> inside_;
  std::string frame_;
};

}  // namespace chimplift
