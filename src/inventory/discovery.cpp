#include "inventory/discovery.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/text.hpp"
#include "inventory/unit_stream.hpp"
#include "mailchimp/catalogue.hpp"
#include "mailchimp/links.hpp"
#include "rows/json.hpp"

namespace chimplift {
namespace {

std::optional<i64> whole_number(const std::optional<std::string>& text) { return text ? parse_count(*text) : std::nullopt; }

const std::vector<const JsonNode*> kNoNodes;

/// The rule wants something that is not the text of a field.
bool is_inside(const FileRule& rule) { return !rule.each.empty() || rule.is_json; }

/// The record is a file's: Mailchimp gives its size, so there are bytes, and a record that does not say where is a gap.
bool is_file_itself(const FileRule& rule) { return rule.in_row && !rule.size_field.empty(); }

bool is_web_address(std::string_view text) {
  const std::string start = to_lower(text.substr(0, std::string_view("https://").size()));
  return start.starts_with("https://") || start.starts_with("http://") || start.starts_with("//");
}

std::optional<JsonDocument> document_of(std::string_view body) {
  Result<JsonDocument> document = JsonDocument::parse(body);
  return document ? std::optional(std::move(*document)) : std::nullopt;
}

/// Adds the file that the value holds or names, with the images that it shows. `file` has all but that.
void add(WantedFile file, std::optional<std::string> value, Discovery& found) {
  if (!value || value->empty()) return;
  file.id += file.rule->suffix;
  if (file.rule->source == FileRule::Source::address) {
    std::string url(trim(*value));  // a blank behind an address is none of its characters: asked for with it, a file would be "gone"
    const bool is_picture = file.kind == kImages;
    // A preview that is no address is Mailchimp's icon for a kind of file, say: no run could ever fetch it. A file that has a size is one.
    if (!is_web_address(url) && file.rule->size_field.empty()) return;
    if (url.starts_with("//")) url.insert(0, "https:");
    if (is_picture) file.id = url;
    file.url = std::move(url);
    found.files.push_back(std::move(file));
    return;
  }
  if (file.rule->is_html || file.rule->source == FileRule::Source::shown) {
    for (std::string& link : image_links(*value)) {
      WantedFile image;
      image.kind = kImages;
      image.id = image.url = std::move(link);
      image.rule = file.rule;
      image.used_in_id = file.used_in_id;
      image.record = file.record;
      found.files.push_back(std::move(image));
    }
  }
  if (file.rule->source == FileRule::Source::shown) return;
  file.content = std::move(*value);
  found.files.push_back(std::move(file));
}

std::optional<std::string> text_of(const JsonNode* value, const FileRule& rule) {
  if (value == nullptr) return std::nullopt;
  if (value->kind == JsonKind::string) return std::string(value->text);
  const bool is_container = value->kind == JsonKind::object || value->kind == JsonKind::array;
  return rule.is_json && is_container ? std::optional(std::string(value->raw)) : std::nullopt;
}

/// The field of an element, or the element itself.
const JsonNode* field_of(const JsonNode& element, const FileRule& rule) {
  const bool is_itself = rule.field.empty() || element.kind == JsonKind::string;
  if (is_itself) return &element;
  return element.kind == JsonKind::object ? find_field(element, rule.field) : nullptr;
}

/// The web addresses in a value, at any depth: those in members of the name `field`, or all where that is "".
void collect_addresses(const JsonNode& node, std::string_view field, bool is_named, std::vector<const JsonNode*>& found) {
  if (node.kind == JsonKind::string) {
    if (is_named && is_web_address(trim(node.text))) found.push_back(&node);
  } else if (node.kind == JsonKind::array) {
    for (const JsonNode* element : elements_of(node)) collect_addresses(*element, field, is_named, found);
  } else if (node.kind == JsonKind::object) {
    for (const JsonField& member : fields_of(node)) collect_addresses(*member.value, field, field.empty() || member.name == field, found);
  }
}

/// Adds what stands inside a record: elements of an array or object of it, or a value that may be JSON.
void add_inside(const JsonNode& record, const WantedFile& file, Discovery& found) {
  const FileRule& rule = *file.rule;
  const auto add_as = [&](const std::string& name, const JsonNode* value) {
    WantedFile one = file;
    if (!name.empty()) one.id += "." + name;
    add(std::move(one), text_of(value, rule), found);
  };
  if (rule.each.empty()) {
    add_as("", find_field(record, rule.field));
    return;
  }
  const JsonNode* container = find_field(record, rule.each);
  if (container == nullptr) return;
  if (rule.source == FileRule::Source::address) {
    std::vector<const JsonNode*> addresses;
    collect_addresses(*container, rule.field, rule.field.empty(), addresses);
    for (std::size_t i = 0; i < addresses.size(); ++i) add_as(fmt::format("{}{}", rule.each_as, i + 1), addresses[i]);
  } else if (container->kind == JsonKind::object) {
    for (const JsonField& member : fields_of(*container)) add_as(std::string(member.name), field_of(*member.value, rule));
  } else if (container->kind == JsonKind::array) {
    std::size_t number = 0;
    for (const JsonNode* element : elements_of(*container)) add_as(fmt::format("{}{}", rule.each_as, ++number), field_of(*element, rule));
  }
}

}  // namespace

bool may_name(const Stream& stream, std::string_view kind) {
  return std::ranges::any_of(stream.files, [kind](const FileRule& rule) {
    return rule.folder == kind || (rule.is_html && (kind == kImages || kind == kLocalBodies));
  });
}

Discoverer::Discoverer(const Stream& stream) : stream_(&stream), shape_(shape_of(stream)) {
  for (const FileRule& rule : stream.files) {
    looks_inside_ = looks_inside_ || is_inside(rule);
    for (const std::string_view name : {rule.field, rule.size_field, rule.name_field, rule.id_field}) {
      if (rule.each.empty() || name == rule.id_field) want(name);
    }
  }
}

Discoverer::Discoverer(const Stream& stream, const Selection& selection) : Discoverer(stream) {
  if (const std::vector<const Stream*> all = children_of(stream); !all.empty()) id_field_ = all.front()->parent_field;
  want(id_field_);
  children_ = selection.children(stream);
  for (const Stream* child : children_) {
    want(child->unless_zero);
    shape_.counted.emplace_back(child->embedded.empty() ? child->seen_in : child->embedded);
  }
  for (const Stream* other : selection.mentioned(stream)) {
    for (const Mention& mention : other->mentioned_in) {
      if (mention.stream != stream.table) continue;
      mentions_.push_back({other, &mention});
      want(mention.field);
      want(mention.unless_zero);
    }
  }
  if (!stream.record_path.empty() || stream.is_by_id) want(stream.key);
}

void Discoverer::want(std::string_view field) {
  if (!field.empty() && index_of(field) == shape_.wanted.size()) shape_.wanted.emplace_back(field);
}

std::size_t Discoverer::index_of(std::string_view field) const {
  return static_cast<std::size_t>(std::find(shape_.wanted.begin(), shape_.wanted.end(), field) - shape_.wanted.begin());
}

std::optional<std::string> Discoverer::field(const Fields& fields, std::string_view name) const {
  const std::size_t index = index_of(name);
  return index < fields.size() ? fields[index] : std::nullopt;
}

/// True where the record holds all of the child's records itself.
bool Discoverer::came_embedded(const Stream& child, const std::vector<i64>& counts) const {
  return !child.embedded.empty() && is_whole_when_embedded(seen(child, counts));
}

/// True where the record says that the child has no records below it, and shows none.
bool Discoverer::has_nothing_below(const Stream& child, const Fields& fields, const std::vector<i64>& counts) const {
  return !child.unless_zero.empty() && field(fields, child.unless_zero) == "0" && seen(child, counts) <= 0;
}

/// How many of the child's records the record itself shows; -1: it has no list of them.
i64 Discoverer::seen(const Stream& child, const std::vector<i64>& counts) const {
  const auto place = std::find(children_.begin(), children_.end(), &child) - children_.begin();
  return counts.at(static_cast<std::size_t>(place));
}

bool Discoverer::is_asked_for(const std::vector<std::string>& parents, const PageContents& contents) const {
  return !stream_->is_by_id || field(contents.fields.front(), stream_->key) == parents.back();
}

std::optional<std::vector<std::string>> Discoverer::ids_below(const std::vector<std::string>& parents, const PageContents& contents,
                                                              std::size_t record) const {
  if (id_field_.empty()) return std::nullopt;
  std::optional<std::string> id = field(contents.fields.at(record), id_field_);
  if (!id || id->empty()) return std::nullopt;
  std::vector<std::string> ids = parents;
  if (stream_->is_by_id) ids.pop_back();
  ids.push_back(std::move(*id));
  return ids;
}

/// The collections below a record, and the records of other lists that it mentions.
void Discoverer::add_units(const std::vector<std::string>& parents, const PageContents& contents, std::size_t record,
                           Discovery& found) const {
  const Fields& fields = contents.fields[record];
  const std::optional<std::vector<std::string>> ids = ids_below(parents, contents, record);
  for (const Stream* child : children_) {
    if (has_nothing_below(*child, fields, contents.counts[record]) || came_embedded(*child, contents.counts[record])) continue;
    if (!ids) {
      ++found.without_id;
      continue;
    }
    std::ranges::move(units_of(*child, *ids), std::back_inserter(found.children));
  }
  for (const auto& [stream, mention] : mentions_) {
    const std::optional<std::string> id = field(fields, mention->field);
    if (id && !id->empty() && field(fields, mention->unless_zero) != "0") found.mentioned.push_back({std::string(stream->table), {*id}, 0});
  }
  if (!stream_->record_path.empty()) found.ids.push_back(field(fields, stream_->key).value_or(""));
}

Discovery Discoverer::discover(const std::vector<std::string>& parents, std::string_view body, const PageContents& contents) const {
  Discovery found;
  const std::optional<JsonDocument> document = looks_inside_ ? document_of(body) : std::nullopt;
  const std::vector<const JsonNode*> records = document ? records_of(*document, stream_->items).value_or(kNoNodes) : kNoNodes;
  for (std::size_t i = 0; i < contents.fields.size(); ++i) {
    const Fields& fields = contents.fields[i];
    add_units(parents, contents, i, found);
    for (const FileRule& rule : stream_->files) {
      WantedFile file;
      file.kind = rule.folder;
      file.rule = &rule;
      file.used_in_id = rule.id_field.empty() ? (parents.empty() ? "" : parents.back()) : field(fields, rule.id_field).value_or("");
      file.record = i;
      if (is_file_itself(rule) && (file.used_in_id.empty() || field(fields, rule.field).value_or("").empty()))
        found.without_address.push_back(file.used_in_id);
      if (file.used_in_id.empty()) continue;
      file.id = file.used_in_id;
      if (is_inside(rule)) {
        if (i < records.size()) add_inside(*records[i], file, found);
      } else {
        add_field(std::move(file), fields, found);
      }
    }
  }
  return found;
}

void Discoverer::add_field(WantedFile file, const Fields& fields, Discovery& found) const {
  const FileRule& rule = *file.rule;
  file.name = field(fields, rule.name_field).value_or("");
  file.expected_bytes = whole_number(field(fields, rule.size_field));
  add(std::move(file), field(fields, rule.field), found);
}

}  // namespace chimplift
