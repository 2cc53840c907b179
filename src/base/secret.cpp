#include "base/secret.hpp"

#include <algorithm>
#include <mutex>
#include <vector>

#include "base/hash.hpp"
#include "base/text.hpp"

namespace chimplift {
namespace {

// Shorter ones would turn ordinary words into "[secret]"; a Mailchimp key has 32 characters and more.
constexpr std::size_t kShortestSecret = 8;

constexpr std::string_view kInstead = "[secret]";

struct Known {
  std::mutex mutex;
  std::vector<std::string> forms;  // longest first, so that no form leaves a tail of another
};

Known& known() {
  static Known instance;
  return instance;
}

}  // namespace

Secret::Secret(std::string value) : value_(std::move(value)) {
  if (value_.size() < kShortestSecret) return;
  Known& all = known();
  const std::lock_guard lock(all.mutex);
  std::vector<std::string> forms = {value_, percent_encode(value_), base64("chimplift:" + value_)};
  // Inside a longer base64 text: what it looks like behind 0, 1 or 2 bytes of whatever stands before it, without what is mixed with those.
  for (const std::size_t before : {0U, 1U, 2U}) {
    const std::size_t first = (before * 8 + 5) / 6;
    const std::size_t end = (before + value_.size()) * 8 / 6;
    forms.push_back(base64(std::string(before, 'x') + value_).substr(first, end - first));
  }
  for (std::string& form : forms) {
    if (std::find(all.forms.begin(), all.forms.end(), form) == all.forms.end()) all.forms.push_back(std::move(form));
  }
  std::sort(all.forms.begin(), all.forms.end(), [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
}

std::string redact(std::string_view text) {
  std::string clean(text);
  Known& all = known();
  const std::lock_guard lock(all.mutex);
  for (const std::string& form : all.forms) {
    // Looked for behind what was put there, which may hold the form itself: "[secret]" is a secret that somebody may have.
    for (std::size_t at = clean.find(form); at != std::string::npos; at = clean.find(form, at + kInstead.size()))
      clean.replace(at, form.size(), kInstead);
  }
  return clean;
}

}  // namespace chimplift
