// Addresses of requests: whatever an id or a cursor is, the request stays below the account's own server and asks for that one collection.
// Input: a stream's number and three parent ids, a line each; then the cursor.
#include <algorithm>
#include <charconv>

#include "base/text.hpp"
#include "fuzz.hpp"
#include "mailchimp/catalogue.hpp"
#include "mailchimp/stream.hpp"
#include "net/url.hpp"

namespace {

/// The text that percent-encoding was made of.
std::string decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    unsigned byte = 0;
    const auto [end, failed] = std::from_chars(text.data() + i + 1, text.data() + std::min(i + 3, text.size()), byte, 16);
    HOLDS(failed == std::errc() && end == text.data() + i + 3);
    plain += static_cast<char>(byte);
    i += 2;
  }
  return plain;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest = text_of(data, size);
  const std::string_view number = take_line(rest);
  std::size_t which = 0;
  std::from_chars(number.data(), number.data() + number.size(), which);
  const auto& streams = chimplift::catalogue();
  const chimplift::Stream& stream = streams[which % streams.size()];
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < chimplift::parent_columns(stream).size(); ++i) ids.emplace_back(take_line(rest));

  const std::string base = "https://us1.api.mailchimp.com/3.0";
  const std::string path = chimplift::path_of(stream, ids);
  const std::string query = chimplift::query_of(stream, 0, {7, 10, rest});
  HOLDS((path + query).find_first_of(" \t\r\n#\\") == std::string::npos && path.find('?') == std::string::npos);
  const auto url = chimplift::parse_url(base + path + "?" + query);
  HOLDS(url && url->origin() == "https://us1.api.mailchimp.com:443");
  HOLDS(std::ranges::count(path, '/') == std::ranges::count(stream.path, '/'));
  // Each id comes back from its place.
  const std::vector<std::string> written = chimplift::split(stream.path, '/');
  const std::vector<std::string> parts = chimplift::split(path, '/');
  std::size_t id = 0;
  for (std::size_t i = 0; i < written.size() && i < parts.size(); ++i) {
    if (!written[i].starts_with('{')) {
      HOLDS(parts[i] == written[i]);
    } else {
      HOLDS(decoded(parts[i]) == ids[id++]);
      HOLDS(parts[i] != "." && parts[i] != "..");
    }
  }
  if (const std::size_t cursor = query.find("&cursor="); cursor != std::string::npos) {
    const std::string_view encoded = std::string_view(query).substr(cursor + 8);
    HOLDS(decoded(encoded.substr(0, encoded.find('&'))) == rest);
  }
  return 0;
}
