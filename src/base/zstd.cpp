#include "base/zstd.hpp"

#include <zstd.h>
#include <zstd_errors.h>

#include <new>
#include <stdexcept>

namespace chimplift {
namespace {

constexpr int kLevel = 3;  // zstd's default: faster than any network, and JSON shrinks to a tenth with it

using Context = std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)>;

void check_memory(std::size_t result) {
  if (ZSTD_getErrorCode(result) == ZSTD_error_memory_allocation) throw std::bad_alloc();
}

void check(std::size_t result) {
  check_memory(result);
  if (ZSTD_isError(result) != 0) throw std::runtime_error(ZSTD_getErrorName(result));
}

Context new_context() {
  Context context(ZSTD_createCCtx(), ZSTD_freeCCtx);
  if (context == nullptr) throw std::bad_alloc();
  check(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kLevel));
  check(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1));
  return context;
}

}  // namespace

std::string compress(std::string_view text) {
  const Context context = new_context();
  std::string frame(ZSTD_compressBound(text.size()), '\0');
  const std::size_t size = ZSTD_compress2(context.get(), frame.data(), frame.size(), text.data(), text.size());
  check(size);
  frame.resize(size);
  return frame;
}

Result<std::string> decompress(std::string_view frame) {
  const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  // A damaged header must not make us ask for more memory than there is: a block has at least 4 bytes and makes at most 128 KiB.
  const unsigned long long most = (frame.size() / 4 + 1) * ZSTD_BLOCKSIZE_MAX;
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > most) {
    return fail(ErrorKind::archive, "a page of the archive is damaged: no zstd frame");
  }
  std::string text(static_cast<std::size_t>(size), '\0');
  const std::size_t got = ZSTD_decompress(text.data(), text.size(), frame.data(), frame.size());
  check_memory(got);  // which is no damage
  if (ZSTD_isError(got) != 0) return fail(ErrorKind::archive, std::string("a page of the archive is damaged: ") + ZSTD_getErrorName(got));
  if (got != text.size()) return fail(ErrorKind::archive, "a page of the archive is damaged: it has another size than its frame says");
  return text;
}

struct Compressor::Inside {
  Context context = new_context();
};

Compressor::Compressor() : inside_(std::make_unique<Inside>()) {}
Compressor::Compressor(Compressor&&) noexcept = default;
Compressor& Compressor::operator=(Compressor&&) noexcept = default;
Compressor::~Compressor() = default;

void Compressor::append(std::string_view text) { write(text, false); }

std::string Compressor::finish() {
  write({}, true);
  inside_.reset();
  return std::move(frame_);
}

void Compressor::write(std::string_view text, bool last) {
  ZSTD_inBuffer in{text.data(), text.size(), 0};
  while (true) {
    char piece[16'384];
    ZSTD_outBuffer out{piece, sizeof piece, 0};
    const std::size_t left = ZSTD_compressStream2(inside_->context.get(), &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
    check(left);
    frame_.append(piece, out.pos);
    if (last ? left == 0 : in.pos == in.size && out.pos < out.size) return;
  }
}

}  // namespace chimplift
