#include "archive/page_line.hpp"

#include <nlohmann/json.hpp>
#include <zstd.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "base/clock.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"

namespace chimplift {
namespace {

// No JSON string can hold these bytes unescaped, so the first place where they stand is the field itself.
constexpr std::string_view kBody = ",\"body\":";
constexpr std::string_view kBodyBase64 = ",\"body_base64\":\"";

constexpr int kLevel = 3;  // zstd's default: faster than any network, and JSON shrinks to a tenth with it

}  // namespace

std::string page_line(const PageEnvelope& envelope, std::string_view body) {
  nlohmann::ordered_json parents = nlohmann::ordered_json::object();
  for (const auto& [column, id] : envelope.parents) parents[column] = id;
  const nlohmann::ordered_json head = {{"n", envelope.number},
                                       {"stream", envelope.stream},
                                       {"method", "GET"},
                                       {"path", envelope.path},
                                       {"query", envelope.query},
                                       {"parents", parents},
                                       {"requested_at", format_utc(envelope.requested_at)},
                                       {"received_at", format_utc(envelope.received_at)},
                                       {"status", envelope.status}};
  std::string line = head.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  line.pop_back();
  if (is_utf8(body)) {
    line.append(kBody);
    const std::size_t start = line.size();
    line.append(body);
    std::replace_if(line.begin() + static_cast<std::ptrdiff_t>(start), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  } else {
    line.append(kBodyBase64).append(base64(body)).append("\"");
  }
  return line.append("}\n");
}

Result<std::string> body_of(std::string_view line) {
  const Error broken{ErrorKind::archive, "a page of the archive is not as it was written",
                     "Run `chimplift verify`: it names what is damaged."};
  while (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  if (line.empty() || line.back() != '}') return tl::unexpected(broken);
  line.remove_suffix(1);
  if (const std::size_t at = line.find(kBody); at != std::string_view::npos) return std::string(line.substr(at + kBody.size()));
  const std::size_t at = line.find(kBodyBase64);
  if (at == std::string_view::npos || line.size() == at + kBodyBase64.size() || line.back() != '"') return tl::unexpected(broken);
  line.remove_suffix(1);
  return from_base64(line.substr(at + kBodyBase64.size()));
}

std::string compress(std::string_view text) {
  const std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context(ZSTD_createCCtx(), ZSTD_freeCCtx);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  std::string frame(ZSTD_compressBound(text.size()), '\0');
  const std::size_t size = ZSTD_compress2(context.get(), frame.data(), frame.size(), text.data(), text.size());
  if (ZSTD_isError(size) != 0) throw std::runtime_error(ZSTD_getErrorName(size));
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
  if (ZSTD_isError(got) != 0 || got != text.size()) {
    return fail(ErrorKind::archive, std::string("a page of the archive is damaged: ") + ZSTD_getErrorName(got));
  }
  return text;
}

}  // namespace chimplift
