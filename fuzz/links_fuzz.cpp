// Campaign HTML: the links that come out are absolute, each is there once, the same page gives the same links, and other addresses change
// nothing but the places where they stand.
#include <map>
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

  HOLDS(chimplift::with_images_replaced(html, [](const std::string&) { return std::nullopt; }) == html);
  std::map<std::size_t, std::size_t> places;
  for (const chimplift::ImageLink& image : chimplift::find_images(html)) {
    HOLDS(image.at <= html.size() && image.bytes <= html.size() - image.at);
    if (image.bytes > 0) places[image.at] = image.bytes;
  }
  std::string expected;
  std::size_t from = 0;
  for (const auto& [at, bytes] : places) {
    if (at < from) continue;  // a place within another one, as in url(a url(b)
    expected.append(html.substr(from, at - from)).append("images/a.png");
    from = at + bytes;
  }
  expected.append(html.substr(from));
  HOLDS(chimplift::with_images_replaced(html, [](const std::string&) { return std::optional<std::string>("images/a.png"); }) == expected);
  return 0;
}
