#include "cli/process_privacy.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "cli/content.hpp"

namespace chimplift {
namespace {

constexpr std::string_view kKey = "--api-key-override";

/// True for a value that is itself the secret, and not the name of the place where it stands.
bool is_secret(std::string_view option, std::string_view value) {
  if (option == kKey) return !value.starts_with('@') && value != "none";
  return option.starts_with("--") && is_content(value);
}

/// A key in the wrong place: chimplift sync 0123…-us12.
bool looks_like_key(std::string_view word) {
  constexpr std::size_t kShortestKey = 20;
  return std::min(word.find_first_not_of("0123456789abcdefABCDEF"), word.size()) >= kShortestKey;
}

void blot_out(char* text) { std::memset(text, '*', std::strlen(text)); }

}  // namespace

void keep_process_private() {
  umask(S_IRWXG | S_IRWXO);
  constexpr rlimit kNone{0, 0};
  setrlimit(RLIMIT_CORE, &kNone);
  // The limit is not asked where the kernel hands dumps to a program (core_pattern with a pipe); this is.
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

void hide_keys(std::span<char* const> words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (const std::size_t equals = word.find('='); word.starts_with("--") && equals != std::string_view::npos) {
      const std::string_view value = word.substr(equals + 1);
      if (is_secret(word.substr(0, equals), value) || looks_like_key(value)) blot_out(words[i] + equals + 1);
      continue;
    }
    if (looks_like_key(word)) blot_out(words[i]);
    if (i + 1 < words.size() && is_secret(word, words[i + 1])) blot_out(words[i + 1]);
  }
}

}  // namespace chimplift
