// Campaign HTML: the links that come out are absolute, each is there once, and the same page gives the same links.
#include <set>

#include "base/text.hpp"
#include "fuzz.hpp"
#include "mailchimp/links.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view html = text_of(data, size);
  const std::vector<std::string> links = chimplift::image_links(html);
  std::set<std::string> seen;
  for (const std::string& link : links) {
    const std::string lower = chimplift::to_lower(link);
    HOLDS(lower.starts_with("http://") || lower.starts_with("https://"));
    HOLDS(seen.insert(link).second);
  }
  HOLDS(chimplift::image_links(html) == links);
  return 0;
}
