// The images and media that a page of HTML shows, found by an HTML parser (gumbo), as a browser would find them, and the same page with
// other addresses in their places.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chimplift {

/// One place where a page names an image.
struct ImageLink {
  std::string address;    // absolute, entities decoded, without fragment
  std::size_t at = 0;     // where it is written in the page, in bytes: without quotes, white space and fragment
  std::size_t bytes = 0;  // 0 where the place is not known
};

/// Every place, in the order of the parsed page: src (images, inputs, video, audio and their sources), posters, srcset, background=, CSS
/// url(…) in style attributes and style elements, also inside Outlook's conditional comments; and links to files on Mailchimp's own file
/// hosts, which go with the account. Left out: data: and cid: images, addresses without a host or with a user's name, addresses with a
/// merge tag but for those on Mailchimp's hosts, and addresses that would count as an open of the campaign.
std::vector<ImageLink> find_images(std::string_view html);

/// The http and https addresses of these, each once.
std::vector<std::string> image_links(std::string_view html);

/// The page with other addresses for the images that `replacement` knows, and every other byte as it was. A replacement may hold letters,
/// digits and `/._-%`, which need no quotes and no escapes anywhere.
std::string with_images_replaced(std::string_view html, const std::function<std::optional<std::string>(const std::string&)>& replacement);

/// True where a merge tag (*|…|*) stands in the address: each recipient gets another one, and nobody can ask for it as it is.
bool has_merge_tag(std::string_view address);

/// True for Mailchimp's own hosts and those below them: what they hold goes with the account.
bool is_mailchimp_host(std::string_view host);

}  // namespace chimplift
