#include "archive/page_line.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

#include "base/clock.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"

namespace chimplift {
namespace {

// No JSON string can hold these bytes unescaped, so the first place where they stand is the field itself.
constexpr std::string_view kBody = ",\"body\":";
constexpr std::string_view kBodyBase64 = ",\"body_base64\":\"";

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
  std::optional<std::string> body = from_base64(line.substr(at + kBodyBase64.size()));
  if (!body || body->empty()) return tl::unexpected(broken);  // an empty body is kept as it is
  return std::move(*body);
}

}  // namespace chimplift
