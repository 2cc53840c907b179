#include "sync/discovery.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "mailchimp/links.hpp"

namespace chimplift {
namespace {

std::optional<i64> whole_number(const std::optional<std::string>& text) { return text ? parse_count(*text) : std::nullopt; }

}  // namespace

Discoverer::Discoverer(const Stream& stream, std::vector<const Stream*> children)
    : stream_(&stream), children_(std::move(children)), shape_(shape_of(stream)) {
  const auto want = [this](std::string_view name) {
    if (!name.empty() && index_of(name) == shape_.wanted.size()) shape_.wanted.emplace_back(name);
  };
  for (const Stream* child : children_) {
    want(child->parent_field);
    want(child->embedded_count);
    shape_.counted.emplace_back(child->embedded);
  }
  for (const FileRule& rule : stream.files) {
    for (const std::string_view name : {rule.field, rule.size_field, rule.name_field, rule.id_field}) {
      if (rule.each.empty()) want(name);
    }
  }
}

std::size_t Discoverer::index_of(std::string_view field) const {
  return static_cast<std::size_t>(std::find(shape_.wanted.begin(), shape_.wanted.end(), field) - shape_.wanted.begin());
}

std::optional<std::string> Discoverer::field(const Fields& fields, std::string_view name) const {
  const std::size_t index = index_of(name);
  return index < fields.size() ? fields[index] : std::nullopt;
}

/// True where the record holds all of the child's records itself.
bool Discoverer::came_embedded(const Stream& child, const Fields& fields, const std::vector<i64>& counts) const {
  if (child.embedded.empty()) return false;
  const auto place = std::find(children_.begin(), children_.end(), &child) - children_.begin();
  return is_whole_when_embedded(counts.at(static_cast<std::size_t>(place)), whole_number(field(fields, child.embedded_count)));
}

Discovery Discoverer::discover(const std::vector<std::string>& parents, std::string_view body, const PageContents& contents) const {
  Discovery found;
  for (std::size_t record = 0; record < contents.fields.size(); ++record) {
    const Fields& fields = contents.fields[record];
    for (const Stream* child : children_) {
      if (came_embedded(*child, fields, contents.counts[record])) continue;
      const std::optional<std::string> id = field(fields, child->parent_field);
      if (!id || id->empty()) {
        ++found.without_id;
        continue;
      }
      std::vector<std::string> ids = parents;
      ids.push_back(*id);
      for (int sweep = 0; sweep < static_cast<int>(child->sweeps.size()); ++sweep)
        found.children.push_back({std::string(child->table), ids, sweep});
    }
    for (const FileRule& rule : stream_->files) {
      const std::string id = rule.id_field.empty() ? (parents.empty() ? "" : parents.back()) : field(fields, rule.id_field).value_or("");
      if (id.empty()) continue;
      if (rule.each.empty()) {
        add_file(rule, id, fields, found);
      } else {
        add_each(rule, id, body, found);
      }
    }
  }
  return found;
}

void Discoverer::add_file(const FileRule& rule, const std::string& id, const Fields& fields, Discovery& found) const {
  std::optional<std::string> value = field(fields, rule.field);
  if (!value || value->empty()) return;
  if (rule.source == FileRule::Source::body) {
    add_body(rule, id, std::move(*value), found);
    return;
  }
  if (value->starts_with("//")) value->insert(0, "https:");
  WantedFile file{std::string(rule.folder),
                  id + std::string(rule.suffix),
                  std::nullopt,
                  std::move(*value),
                  field(fields, rule.name_field).value_or(""),
                  {}};
  file.expected_bytes = whole_number(field(fields, rule.size_field));
  found.files.push_back(std::move(file));
}

void Discoverer::add_body(const FileRule& rule, const std::string& id, std::string text, Discovery& found) {
  if (rule.is_html) {
    for (std::string& link : image_links(text)) found.files.push_back({"images", link, std::nullopt, link, "", {}});
  }
  found.files.push_back({std::string(rule.folder), id + std::string(rule.suffix), std::move(text), "", "", {}});
}

/// Bodies inside an array of the record: the variants of an A/B test.
void Discoverer::add_each(const FileRule& rule, const std::string& id, std::string_view body, Discovery& found) {
  const Result<PageContents> elements = read_page(body, {std::string(rule.each), {}, {std::string(rule.field)}});
  if (!elements) return;  // most records have no such array
  for (std::size_t i = 0; i < elements->fields.size(); ++i) {
    const std::optional<std::string>& text = elements->fields[i][0];
    if (text && !text->empty()) add_body(rule, fmt::format("{}.variant-{}", id, i + 1), *text, found);
  }
}

}  // namespace chimplift
