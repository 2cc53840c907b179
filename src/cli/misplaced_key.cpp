#include "cli/misplaced_key.hpp"

#include <algorithm>
#include <string>

#include "base/secret.hpp"

namespace chimplift {
namespace {

constexpr std::size_t kShortestKey = 20;  // a key has 32 digits: one that was cut still counts
constexpr std::size_t kCommit = 40;       // digits of git's names, which folders are called by
constexpr std::string_view kHex = "0123456789abcdefABCDEF";

/// The length of "-us12" at the start of the text; 0 where it starts otherwise.
std::size_t server_suffix(std::string_view text) {
  constexpr std::string_view kServer = "-us";
  if (!text.starts_with(kServer)) return 0;
  const std::size_t end = std::min(text.find_first_not_of("0123456789", kServer.size()), text.size());
  return end == kServer.size() ? 0 : end;
}

/// The word around a place, between blanks and quotes: JSON, or a whole command line, may be one argument.
struct Word {
  std::string_view before;  // what of it stands before `at`
  std::string_view from;    // and the rest
};

Word word_at(std::string_view text, std::size_t at) {
  constexpr std::string_view kEnds = " \t\r\n\"'";
  const std::size_t begin = text.find_last_of(kEnds, at) + 1;  // npos + 1 is 0
  return {text.substr(begin, at - begin), text.substr(at, text.find_first_of(kEnds, at) - at)};
}

/// True where it is in the name of a folder, of a file in one or of an object on S3. An address with another scheme may have a key as its
/// password, and any may have one behind its "?".
bool is_in_path(const Word& word) {
  const std::size_t scheme = word.before.find("://");
  const bool is_elsewhere = scheme != std::string_view::npos && !word.before.substr(0, scheme).ends_with("s3");
  const bool has_folders = word.before.find('/') != std::string_view::npos || word.from.find('/') != std::string_view::npos;
  return has_folders && !is_elsewhere && word.before.find('?') == std::string_view::npos;
}

}  // namespace

void keep_key_secret(std::string_view text) {
  for (std::size_t at = text.find_first_of(kHex); at != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_not_of(kHex, at), text.size());
    if (end - at >= kShortestKey) {
      const std::size_t suffix = server_suffix(text.substr(end));
      const Word word = word_at(text, at);
      // With its server behind it it is a key wherever it stands, and whatever stands behind that.
      if (suffix != 0) const Secret known(std::string(text.substr(at, end - at + suffix)));
      // A folder's, bucket's or prefix's name may have as many digits (a commit's, a build's), and is to stand in commands to copy.
      if (end - at != kCommit && !is_in_path(word)) const Secret known(std::string(word.from));
    }
    at = text.find_first_of(kHex, end);
  }
}

}  // namespace chimplift
