// `fields` and `exclude_fields` for whatever paths a client thinks of: the slow way, over a parsed document.
#include <nlohmann/json.hpp>

#include <array>

#include "simulator/page.hpp"

namespace mailchimp_sim {

namespace {

using Document = nlohmann::ordered_json;

/// Calls `use` on each object that holds the path's last name; arrays on the way stand for all their items.
void remove_path(Document& node, std::string_view path) {
  if (node.is_array()) {
    for (Document& item : node) remove_path(item, path);
    return;
  }
  if (!node.is_object()) return;
  const std::size_t dot = path.find('.');
  const std::string name(path.substr(0, dot));
  const auto found = node.find(name);
  if (found == node.end()) return;
  if (dot == std::string_view::npos) {
    node.erase(found);
  } else {
    remove_path(*found, path.substr(dot + 1));
  }
}

Document keep_paths(const Document& node, const std::vector<std::string>& paths) {
  if (node.is_array()) {
    Document kept = Document::array();
    for (const Document& item : node) kept.push_back(keep_paths(item, paths));
    return kept;
  }
  if (!node.is_object()) return node;
  Document kept = Document::object();
  for (const auto& [name, value] : node.items()) {
    std::vector<std::string> below;
    bool whole = false;
    for (const std::string& path : paths) {
      whole = whole || path == name;
      if (path.starts_with(name + '.')) below.push_back(path.substr(name.size() + 1));
    }
    if (whole) {
      kept[name] = value;
    } else if (!below.empty()) {
      kept[name] = keep_paths(value, below);
    }
  }
  return kept;
}

}  // namespace

std::vector<std::string> left_out(const Target& target) {
  static constexpr std::array<std::string_view, 2> kOnlyWhenAsked = {"resend_shortcut_eligibility", "resend_shortcut_usage"};
  std::vector<std::string> names = comma_list(target.parameter("exclude_fields"));
  const std::size_t depth = target.parts.size();
  if (depth == 0 || depth > 2 || target.parts[0] != "campaigns") return names;
  for (const std::string_view field : kOnlyWhenAsked) {
    const std::string name(field);
    if (!target.is_true("include_" + name)) names.push_back(depth == 1 ? "campaigns." + name : name);
  }
  return names;
}

std::string choose_fields(std::string body, const std::vector<std::string>& only, const std::vector<std::string>& without) {
  Document document = Document::parse(body, nullptr, false);
  if (document.is_discarded()) return body;
  if (!only.empty()) document = keep_paths(document, only);
  for (const std::string& path : without) remove_path(document, path);
  return document.dump();
}

}  // namespace mailchimp_sim
