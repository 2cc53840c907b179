// The images that a page of HTML shows, found by an HTML parser (gumbo), as a browser would find them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace chimplift {

/// Absolute http and https addresses, each once, in the order of the page: src (images, video posters, inputs), srcset, background=, CSS
/// url(…) in style attributes and style elements, also inside Outlook's conditional comments. Entities are decoded. Left out: data: and
/// cid: images, merge tags (*|…|*), addresses without a host, and addresses that would count as an open of the campaign.
std::vector<std::string> image_links(std::string_view html);

}  // namespace chimplift
