#include "mailchimp/links.hpp"

#include <gumbo.h>

#include <algorithm>
#include <memory>
#include <unordered_set>

#include "base/text.hpp"
#include "net/url.hpp"

namespace chimplift {
namespace {

// Fetching one of these would be recorded as an open of the campaign: the account would change.
constexpr std::string_view kTrackers[] = {"/track/open", "/open.php"};

class Collector {
 public:
  std::vector<std::string> links;

  void parse(std::string_view html, int depth) {
    const auto destroy = [](GumboOutput* output) { gumbo_destroy_output(&kGumboDefaultOptions, output); };
    const std::unique_ptr<GumboOutput, decltype(destroy)> output(gumbo_parse_with_options(&kGumboDefaultOptions, html.data(), html.size()),
                                                                 destroy);
    // A stack of our own: hostile nesting must not use up the program's.
    std::vector<const GumboNode*> open = {output->document};
    while (!open.empty()) {
      const GumboNode* node = open.back();
      open.pop_back();
      if (node->type == GUMBO_NODE_COMMENT) {
        conditional_comment(node->v.text.text, depth);
        continue;
      }
      if (node->type == GUMBO_NODE_ELEMENT || node->type == GUMBO_NODE_TEMPLATE) element(node->v.element);
      const GumboVector* children = children_of(*node);
      if (children == nullptr) continue;
      for (unsigned i = children->length; i > 0; --i) open.push_back(static_cast<const GumboNode*>(children->data[i - 1]));
    }
  }

 private:
  static const GumboVector* children_of(const GumboNode& node) {
    if (node.type == GUMBO_NODE_DOCUMENT) return &node.v.document.children;
    if (node.type == GUMBO_NODE_ELEMENT || node.type == GUMBO_NODE_TEMPLATE) return &node.v.element.children;
    return nullptr;
  }

  void element(const GumboElement& element) {
    const bool is_script_or_frame = element.tag == GUMBO_TAG_SCRIPT || element.tag == GUMBO_TAG_IFRAME || element.tag == GUMBO_TAG_EMBED ||
                                    element.tag == GUMBO_TAG_AUDIO || element.tag == GUMBO_TAG_VIDEO || element.tag == GUMBO_TAG_SOURCE;
    for (unsigned i = 0; i < element.attributes.length; ++i) {
      const auto* attribute = static_cast<const GumboAttribute*>(element.attributes.data[i]);
      const std::string_view name = attribute->name;
      const std::string_view value = attribute->value;
      if ((name == "src" && !is_script_or_frame) || name == "background" || name == "poster") add(value);
      if (name == "srcset") srcset(value);
      if (name == "style") css(value);
    }
    if (element.tag != GUMBO_TAG_STYLE) return;
    for (unsigned i = 0; i < element.children.length; ++i) {
      const auto* child = static_cast<const GumboNode*>(element.children.data[i]);
      if (child->type == GUMBO_NODE_TEXT || child->type == GUMBO_NODE_WHITESPACE) css(child->v.text.text);
    }
  }

  /// `<!--[if mso]> … <![endif]-->`: HTML for Outlook alone, which has its own background images.
  void conditional_comment(std::string_view text, int depth) {
    constexpr int kDeepest = 3;
    if (!text.starts_with("[if") || depth >= kDeepest) return;
    const std::size_t start = text.find(']');
    if (start == std::string_view::npos) return;
    std::string_view inner = text.substr(start + 1);
    if (inner.starts_with(">")) inner.remove_prefix(1);
    parse(inner.substr(0, inner.rfind("<![endif]")), depth + 1);
  }

  /// "a.png 1x, b.png 2x". An address may hold commas, so a candidate ends at a comma with a blank behind it or at its descriptor's comma.
  void srcset(std::string_view value) {
    while (!(value = trim(value)).empty()) {
      const std::size_t end = std::min(value.find_first_of(" \t\r\n"), value.size());
      std::string_view address = value.substr(0, end);
      value.remove_prefix(end);
      const bool has_descriptor = !address.ends_with(',');
      while (address.ends_with(',')) address.remove_suffix(1);
      add(address);
      if (has_descriptor) value.remove_prefix(std::min(value.find(','), value.size()));
      while (value.starts_with(',')) value.remove_prefix(1);
    }
  }

  void css(std::string_view text) {
    const std::string lower = to_lower(text);
    for (std::size_t at = lower.find("url("); at != std::string::npos; at = lower.find("url(", at + 4)) {
      std::string_view rest = text.substr(at + 4);
      rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
      const bool quoted = rest.starts_with('"') || rest.starts_with('\'');
      const std::size_t end = quoted ? rest.find(rest.front(), 1) : rest.find(')');
      if (end == std::string_view::npos) return;
      if (!is_font(lower, at)) add(quoted ? rest.substr(1, end - 1) : rest.substr(0, end));
    }
  }

  /// Fonts and other style sheets are not images: the declaration that a url(…) stands in says which it is.
  static bool is_font(const std::string& css, std::size_t at) {
    const std::size_t start = css.find_last_of(";{}", at);
    const std::string_view declaration =
        std::string_view(css).substr(start == std::string::npos ? 0 : start + 1, at - (start == std::string::npos ? 0 : start + 1));
    return declaration.find("@import") != std::string_view::npos || trim(declaration).starts_with("src");
  }

  void add(std::string_view address) {
    address = trim(address);
    if (address.empty() || address.find("*|") != std::string_view::npos) return;
    std::string link(address);
    if (link.starts_with("//")) link = "https:" + link;
    const std::string lower = to_lower(link);
    if (!lower.starts_with("http://") && !lower.starts_with("https://")) return;
    for (const std::string_view tracker : kTrackers) {
      if (lower.find(tracker) != std::string::npos) return;
    }
    link.erase(std::remove_if(link.begin(), link.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }), link.end());
    if (const std::size_t fragment = link.find('#'); fragment != std::string::npos) link.resize(fragment);
    if (!parse_url(link)) return;
    if (seen_.insert(link).second) links.push_back(std::move(link));
  }

  std::unordered_set<std::string> seen_;
};

}  // namespace

std::vector<std::string> image_links(std::string_view html) {
  Collector collector;
  collector.parse(html, 0);
  return std::move(collector.links);
}

}  // namespace chimplift
