#include "cli/misplaced_key.hpp"

#include <algorithm>
#include <string>

#include "base/secret.hpp"

namespace chimplift {
namespace {

constexpr std::size_t kShortestKey = 20;  // a key has 32 digits: one that was cut still counts
constexpr std::string_view kHex = "0123456789abcdefABCDEF";

/// The length of "-us12" at the start of the text; 0 where it starts otherwise.
std::size_t server_suffix(std::string_view text) {
  constexpr std::string_view kServer = "-us";
  if (!text.starts_with(kServer)) return 0;
  const std::size_t end = std::min(text.find_first_not_of("0123456789", kServer.size()), text.size());
  return end == kServer.size() ? 0 : end;
}

/// True where what stands at this place belongs to the name of a folder, of a file in one or of an object on S3. A word of JSON or of a
/// command line in one argument is judged for itself; an address with another scheme may have a key as its password or in its query.
bool is_in_path(std::string_view argument, std::size_t at) {
  constexpr std::string_view kEnds = " \t\r\n\"'";
  const std::size_t from = argument.find_last_of(kEnds, at) + 1;  // npos + 1 is 0
  const std::string_view word = argument.substr(from, argument.find_first_of(kEnds, at) - from);
  const std::size_t scheme = word.find("://");
  const bool is_on_s3 = scheme != std::string_view::npos && word.substr(0, scheme).ends_with("s3");
  return word.find('/') != std::string_view::npos && (is_on_s3 || scheme == std::string_view::npos);
}

}  // namespace

void keep_key_secret(std::string_view text) {
  for (std::size_t at = text.find_first_of(kHex); at != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_not_of(kHex, at), text.size());
    if (end - at >= kShortestKey) {
      const std::size_t suffix = server_suffix(text.substr(end));
      // With its server behind it it is a key wherever it stands, and whatever stands behind that.
      if (suffix != 0) const Secret known(std::string(text.substr(at, end - at + suffix)));
      // A folder's, bucket's or prefix's name may have as many digits (a commit's, a build's), and is to stand in commands to copy.
      if (!is_in_path(text, at)) const Secret known(std::string(text.substr(at)));
    }
    at = text.find_first_of(kHex, end);
  }
}

}  // namespace chimplift
