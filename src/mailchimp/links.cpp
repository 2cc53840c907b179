#include "mailchimp/links.hpp"

#include <gumbo.h>

#include <algorithm>
#include <map>
#include <memory>
#include <unordered_set>

#include "base/text.hpp"
#include "mailchimp/placed_text.hpp"
#include "net/url.hpp"

namespace chimplift {
namespace {

// Fetching one of these would be recorded as an open of the campaign: the account would change.
constexpr std::string_view kTrackers[] = {"/track/open", "/open.php"};

// docs/mailchimp.md, "Hosts of files". The rest as public repositories have it (looked up in November 2026): older
// names of list-manage.com in embedded sign-up forms ("Begin MailChimp Signup Form", action http://….us4.list-manage2.com/subscribe/post),
// of campaign-archive.com in newsletters' archives and in answers of earlier versions of the API (archive_url_long,
// http://us9.campaign-archive1.com/?u=…), and mailchimpsites.com as the host of pages that people have Mailchimp publish.
constexpr std::string_view kMailchimpHosts[] = {"mailchimp.com",         "mcusercontent.com",    "mailchi.mp",
                                                "chimpstatic.com",       "list-manage.com",      "list-manage1.com",
                                                "list-manage2.com",      "campaign-archive.com", "campaign-archive1.com",
                                                "campaign-archive2.com", "mailchimpsites.com"};

// Where the file manager's files lie, and below which folders: public newsletters link PDFs as https://mcusercontent.com/<account>/files/…,
// older ones as https://gallery.mailchimp.com/<account>/files/… (looked up in November 2026). To ask for one counts as nothing.
constexpr std::string_view kFileHosts[] = {"mcusercontent.com", "gallery.mailchimp.com"};
constexpr std::string_view kFileFolders[] = {"/files/", "/images/", "/_compresseds/"};

constexpr std::string_view kBlanks = " \t\r\n\f";
constexpr std::string_view kNotInUrl = " \t\r\n\f\"'(";  // of CSS, without quotes (CSS Syntax Level 3, "Consume a url token")

using Output = std::unique_ptr<GumboOutput, void (*)(GumboOutput*)>;

Output parsed(std::string_view html) {
  return {gumbo_parse_with_options(&kGumboDefaultOptions, html.data(), html.size()),
          [](GumboOutput* output) { gumbo_destroy_output(&kGumboDefaultOptions, output); }};
}

const GumboVector* children_of(const GumboNode& node) {
  if (node.type == GUMBO_NODE_DOCUMENT) return &node.v.document.children;
  if (node.type == GUMBO_NODE_ELEMENT || node.type == GUMBO_NODE_TEMPLATE) return &node.v.element.children;
  return nullptr;
}

/// Calls `visit` with each node, in the page's order, on a stack of our own: hostile nesting must not use up the program's.
template <typename Visit>
void walk(const GumboOutput& output, const Visit& visit) {
  std::vector<const GumboNode*> open = {output.document};
  while (!open.empty()) {
    const GumboNode* node = open.back();
    open.pop_back();
    visit(*node);
    const GumboVector* children = children_of(*node);
    if (children == nullptr) continue;
    for (unsigned i = children->length; i > 0; --i) open.push_back(static_cast<const GumboNode*>(children->data[i - 1]));
  }
}

/// What a piece of an attribute's value means, with all its character references decoded.
std::string decoded(std::string_view source) {
  if (source.find('&') == std::string_view::npos) return std::string(source);
  std::string html = "<i a=\"";
  for (const char c : source) c == '"' ? html += "&quot;" : html += c;
  html += "\">";
  std::string value;
  walk(*parsed(html), [&value](const GumboNode& node) {
    if (node.type != GUMBO_NODE_ELEMENT) return;
    if (const GumboAttribute* attribute = gumbo_get_attribute(&node.v.element.attributes, "a")) value = attribute->value;
  });
  return value;
}

std::string_view view_of(const GumboStringPiece& piece) { return {piece.data, piece.length}; }

/// An attribute's value as it is written, without its quotes.
std::string_view value_of(const GumboAttribute& attribute) {
  std::string_view source = view_of(attribute.original_value);
  const bool is_quoted = source.size() > 1 && (source[0] == '"' || source[0] == '\'') && source.back() == source[0];
  return is_quoted ? source.substr(1, source.size() - 2) : source;
}

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

/// The source of an address up to its fragment. The # of `&#38;` begins none.
std::string_view without_fragment(std::string_view source) {
  for (std::size_t at = source.find('#'); at != std::string_view::npos; at = source.find('#', at + 1)) {
    const bool is_reference = at > 0 && source[at - 1] == '&' && at + 1 < source.size() &&
                              std::string_view("0123456789xX").find(source[at + 1]) != std::string_view::npos;
    if (!is_reference) return source.substr(0, at);
  }
  return source;
}

/// A file of the account's, which goes with it, be it shown or only linked.
bool is_own_file(std::string_view address) {
  address = trimmed(address);
  const std::optional<Url> url = parse_url(address.starts_with("//") ? "https:" + std::string(address) : std::string(address));
  return url && std::ranges::find(kFileHosts, url->host) != std::end(kFileHosts) &&
         std::ranges::any_of(kFileFolders, [&url](std::string_view folder) { return url->path.find(folder) != std::string::npos; });
}

/// A parser makes one of a line break's several spellings.
std::string without_breaks(std::string_view text) {
  std::string rest(text);
  std::erase_if(rest, [](char c) { return c == '\r' || c == '\n'; });
  return rest;
}

class Collector {
 public:
  explicit Collector(std::string_view page) : page_(page) {}

  std::vector<ImageLink> links;

  void parse(std::string_view html, int depth) {
    const Output output = parsed(html);
    walk(*output, [this, depth](const GumboNode& node) {
      if (node.type == GUMBO_NODE_COMMENT) conditional_comment(view_of(node.v.text.original_text), depth);
      if (node.type == GUMBO_NODE_ELEMENT || node.type == GUMBO_NODE_TEMPLATE) element(node.v.element);
    });
  }

 private:
  void element(const GumboElement& element) {
    const bool is_script_or_frame = element.tag == GUMBO_TAG_SCRIPT || element.tag == GUMBO_TAG_IFRAME || element.tag == GUMBO_TAG_EMBED;
    const bool is_image_of_svg = element.tag_namespace == GUMBO_NAMESPACE_SVG && element.tag == GUMBO_TAG_IMAGE;
    for (unsigned i = 0; i < element.attributes.length; ++i) {
      const auto& attribute = *static_cast<const GumboAttribute*>(element.attributes.data[i]);
      const std::string_view name = attribute.name;
      if (is_image_of_svg && (name == "href" || name == "xlink:href")) add(attribute.value, value_of(attribute));
      const bool is_link = name == "href" || name == "data" || name == "content" || name == "src";
      const bool is_shown = (name == "src" && !is_script_or_frame) || name == "background" || name == "poster";
      if (is_shown || (is_link && is_own_file(attribute.value))) add(attribute.value, value_of(attribute));
      if (name == "srcset") srcset(PlacedText(value_of(attribute)));
      if (name == "style") css(PlacedText(value_of(attribute)));
    }
    if (element.tag != GUMBO_TAG_STYLE) return;
    for (unsigned i = 0; i < element.children.length; ++i) {
      const auto* child = static_cast<const GumboNode*>(element.children.data[i]);
      if (child->type != GUMBO_NODE_TEXT && child->type != GUMBO_NODE_WHITESPACE) continue;
      const std::string_view source = view_of(child->v.text.original_text);
      const bool is_as_written = without_breaks(source) == without_breaks(child->v.text.text);
      css(PlacedText(is_as_written ? source : std::string_view(child->v.text.text), true));
    }
  }

  /// `<!--[if mso]> … <![endif]-->`: HTML for Outlook alone, which has its own background images.
  void conditional_comment(std::string_view source, int depth) {
    constexpr int kDeepest = 3;
    constexpr std::string_view kOpen = "<!--";
    if (!source.starts_with(kOpen) || depth >= kDeepest) return;
    source.remove_prefix(kOpen.size());
    const std::size_t start = source.find(']');
    if (!source.starts_with("[if") || start == std::string_view::npos) return;
    std::string_view inner = source.substr(start + 1);
    if (inner.starts_with(">")) inner.remove_prefix(1);
    if (inner.ends_with("-->")) inner.remove_suffix(3);
    parse(inner.substr(0, inner.rfind("<![endif]")), depth + 1);
  }

  /// "a.png 1x, b.png 2x". An address may hold commas, so a candidate ends at a comma with a blank behind it or at its descriptor's comma.
  void srcset(const PlacedText& value) {
    const std::string_view text = value.text();
    std::size_t at = 0;
    while ((at = text.find_first_not_of(std::string(kBlanks) + ",", at)) != std::string_view::npos) {
      const std::size_t end = std::min(text.find_first_of(kBlanks, at), text.size());
      const std::size_t last = text.find_last_not_of(',', end - 1);
      add(value, at, last + 1 - at);
      const bool has_descriptor = last + 1 == end;
      at = has_descriptor ? std::min(text.find(',', end), text.size()) : end;
    }
  }

  void css(const PlacedText& sheet) {
    const std::string lower = to_lower(sheet.text());
    for (std::size_t at = lower.find("url("); at != std::string::npos; at = lower.find("url(", at + 4)) {
      const std::size_t start = std::min(lower.find_first_not_of(kBlanks, at + 4), lower.size());
      const bool is_quoted = start < lower.size() && (lower[start] == '"' || lower[start] == '\'');
      std::size_t end = is_quoted ? lower.find(lower[start], start + 1) : lower.find(')', start);
      if (end == std::string::npos) {
        // A browser closes what the end leaves open, where nothing but an address stands there. What begins behind it may be whole.
        if (is_quoted || trimmed(std::string_view(lower).substr(start)).find_first_of(kNotInUrl) != std::string_view::npos) continue;
        end = lower.size();
      }
      const std::size_t first = start + (is_quoted ? 1 : 0);
      if (!is_font(lower, at)) add(sheet, first, end - first);
    }
  }

  /// Fonts and other style sheets are not images: the declaration that a url(…) stands in says which it is.
  static bool is_font(const std::string& css, std::size_t at) {
    const std::size_t start = css.find_last_of(";{}", at);
    const std::string_view declaration =
        std::string_view(css).substr(start == std::string::npos ? 0 : start + 1, at - (start == std::string::npos ? 0 : start + 1));
    return declaration.find("@import") != std::string_view::npos || trim(declaration).starts_with("src");
  }

  void add(const PlacedText& text, std::size_t at, std::size_t bytes) {
    const std::string_view source = text.source(at, bytes);
    add(text.is_raw() ? std::string(source) : decoded(source), source);
  }

  /// `source`: as it is written in the page.
  void add(std::string_view address, std::string_view source) {
    address = trimmed(address);
    if (address.empty()) return;
    std::string link(address);
    // A browser reads \ as / up to the query (WHATWG URL, "special authority slashes state" and those behind it).
    std::replace(link.begin(), link.begin() + static_cast<std::ptrdiff_t>(std::min(link.find_first_of("?#"), link.size())), '\\', '/');
    if (link.starts_with("//")) link = "https:" + link;
    const std::string lower = to_lower(link);
    if (!lower.starts_with("http://") && !lower.starts_with("https://")) return;
    for (const std::string_view tracker : kTrackers) {
      if (lower.find(tracker) != std::string::npos) return;
    }
    link.erase(std::remove_if(link.begin(), link.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }), link.end());
    if (const std::size_t fragment = link.find('#'); fragment != std::string::npos) link.resize(fragment);
    const std::optional<Url> url = parse_url(link);
    if (!url) return;
    // Of Mailchimp's own, which go with the account, it is to be known that they were not to be had.
    if (has_merge_tag(link) && !is_mailchimp_host(url->host)) return;
    const std::string_view place = without_fragment(trimmed(source));
    const bool is_in_page = place.data() >= page_.data() && place.data() + place.size() <= page_.data() + page_.size();
    links.push_back(
        {std::move(link), is_in_page ? static_cast<std::size_t>(place.data() - page_.data()) : 0, is_in_page ? place.size() : 0});
  }

  std::string_view page_;
};

}  // namespace

bool has_merge_tag(std::string_view address) { return address.find("*|") != std::string_view::npos; }

bool is_mailchimp_host(std::string_view host) {
  return std::any_of(std::begin(kMailchimpHosts), std::end(kMailchimpHosts), [host](std::string_view known) {
    return host == known || (host.ends_with(known) && host[host.size() - known.size() - 1] == '.');
  });
}

std::vector<ImageLink> find_images(std::string_view html) {
  Collector collector(html);
  collector.parse(html, 0);
  return std::move(collector.links);
}

std::vector<std::string> image_links(std::string_view html) {
  std::vector<std::string> links;
  std::unordered_set<std::string> seen;
  for (ImageLink& link : find_images(html)) {
    if (seen.insert(link.address).second) links.push_back(std::move(link.address));
  }
  return links;
}

std::string with_images_replaced(std::string_view html, const std::function<std::optional<std::string>(const std::string&)>& replacement) {
  // By place: a parser may hand out one attribute twice, where it repairs broken markup by repeating elements.
  std::map<std::size_t, ImageLink> places;
  for (ImageLink& link : find_images(html)) {
    if (link.bytes > 0) places.emplace(link.at, std::move(link));
  }
  std::string page;
  std::size_t done = 0;
  for (const auto& [at, link] : places) {
    const std::optional<std::string> other = at < done ? std::nullopt : replacement(link.address);
    if (!other) continue;
    page.append(html.substr(done, at - done)).append(*other);
    done = at + link.bytes;
  }
  return page.append(html.substr(done));
}

}  // namespace chimplift
