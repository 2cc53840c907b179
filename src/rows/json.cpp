#include "rows/json.hpp"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <unordered_map>

#include "base/text.hpp"
#include "rows/json_text.hpp"

namespace chimplift {
namespace {

constexpr int kDepthLimit = 500;

// Above 2^53 a number that came with a fraction or an exponent is no whole number any more.
constexpr double kMostWhole = 9007199254740992.0;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

tl::unexpected<Error> not_json(std::string_view why) {
  return fail(ErrorKind::temporary, "the answer is not valid JSON: " + std::string(why));
}

}  // namespace

/// Walks simdjson's tokens and writes them down. simdjson finds where tokens start and checks UTF-8, control characters and the nesting of
/// brackets; the text of every scalar is checked here.
class JsonReader {
 public:
  JsonReader(JsonDocument& document, std::size_t size) : document_(document), size_(size) {}

  Result<void> read(bool& not_utf8) {
    const simdjson::padded_string_view padded(document_.buffer_.data(), size_, document_.buffer_.size());
    simdjson::error_code error = parser_.iterate(padded).get(tokens_);
    not_utf8 = error == simdjson::UTF8_ERROR;
    if (error) return not_json(simdjson::error_message(error));
    simdjson::ondemand::object root;
    error = tokens_.get_object().get(root);
    if (error == simdjson::INCORRECT_TYPE) return fail(ErrorKind::temporary, "the answer is not a JSON object");
    if (error) return not_json(simdjson::error_message(error));
    const char* begin = document_.buffer_.data();
    while (is_blank(*begin)) ++begin;
    TRY(read_object(root, begin, 1));
    if (tokens_.current_location().error() != simdjson::OUT_OF_BOUNDS) return not_json("there is something behind its end");
    return {};
  }

 private:
  using Value = simdjson::ondemand::value;

  std::size_t open(JsonKind kind) {
    document_.nodes_.push_back(JsonNode{kind, 1, {}, {}});
    return document_.nodes_.size() - 1;
  }

  void close(std::size_t node, const char* begin) {
    const char* end = nullptr;
    if (tokens_.current_location().get(end)) end = document_.buffer_.data() + size_;  // behind the last token
    while (end > begin && is_blank(end[-1])) --end;
    document_.nodes_[node].nodes = static_cast<i64>(document_.nodes_.size() - node);
    document_.nodes_[node].raw = std::string_view(begin, static_cast<std::size_t>(end - begin));
  }

  Result<void> read_object(simdjson::ondemand::object object, const char* begin, int depth) {
    if (depth > kDepthLimit) return fail(ErrorKind::temporary, "the answer is nested deeper than 500 levels");
    const std::size_t node = open(JsonKind::object);
    for (auto&& each : object) {
      simdjson::ondemand::field field;
      if (const auto error = std::move(each).get(field)) return not_json(simdjson::error_message(error));
      TRY(read_string(field.key().raw() - 1));
      TRY(read_value(field.value(), depth));
    }
    close(node, begin);
    return {};
  }

  Result<void> read_array(simdjson::ondemand::array array, const char* begin, int depth) {
    if (depth > kDepthLimit) return fail(ErrorKind::temporary, "the answer is nested deeper than 500 levels");
    const std::size_t node = open(JsonKind::array);
    for (auto&& each : array) {
      Value value;
      if (const auto error = std::move(each).get(value)) return not_json(simdjson::error_message(error));
      TRY(read_value(value, depth));
    }
    close(node, begin);
    return {};
  }

  Result<void> read_value(Value value, int depth) {
    const std::string_view token = value.raw_json_token();
    if (token.starts_with('{')) {
      simdjson::ondemand::object object;
      if (const auto error = value.get_object().get(object)) return not_json(simdjson::error_message(error));
      return read_object(object, token.data(), depth + 1);
    }
    if (token.starts_with('[')) {
      simdjson::ondemand::array array;
      if (const auto error = value.get_array().get(array)) return not_json(simdjson::error_message(error));
      return read_array(array, token.data(), depth + 1);
    }
    if (token.starts_with('"')) {
      // Taken, not left to be stepped over: simdjson steps over a string with a colon behind it as if it were a key.
      simdjson::ondemand::raw_json_string taken;
      if (const auto error = value.get_raw_json_string().get(taken)) return not_json(simdjson::error_message(error));
      return read_string(token.data());
    }
    return read_scalar(token);  // simdjson steps over what was not asked for
  }

  Result<void> read_scalar(std::string_view token) {
    while (!token.empty() && is_blank(token.back())) token.remove_suffix(1);
    JsonKind kind = JsonKind::number;
    if (token == "null") {
      kind = JsonKind::null;
    } else if (token == "true" || token == "false") {
      kind = JsonKind::boolean;
    } else if (!is_json_number(token)) {
      return not_json("it holds something that is no value");
    }
    document_.nodes_.push_back(JsonNode{kind, 1, token, token});
    return {};
  }

  Result<void> read_string(const char* quote) {
    // The buffer is ours: the const comes from simdjson's view of it.
    char* inside = document_.buffer_.data() + (quote + 1 - document_.buffer_.data());
    const char* const limit = document_.buffer_.data() + size_;
    char* end = inside;
    bool escaped = false;
    while (end < limit && *end != '"') {
      if (*end == '\\') {
        escaped = true;
        ++end;
      }
      ++end;
    }
    if (end >= limit) return not_json("a string has no end");
    const auto size = static_cast<std::size_t>(end - inside);
    std::string_view text(inside, size);
    if (escaped) {
      std::string& content = document_.unescaped_.emplace_back();
      if (!unescape_json(inside, size, content)) return not_json("a string has a malformed escape");
      text = content;
    }
    document_.nodes_.push_back(JsonNode{JsonKind::string, 1, std::string_view(quote, size + 2), text});
    return {};
  }

  JsonDocument& document_;
  std::size_t size_;
  simdjson::ondemand::parser parser_;
  simdjson::ondemand::document tokens_;
};

Result<JsonDocument> JsonDocument::parse(std::string_view body) {
  JsonDocument document;
  document.buffer_.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  document.buffer_ = body;
  document.buffer_.append(simdjson::SIMDJSON_PADDING, ' ');
  bool not_utf8 = false;
  Result<void> read = JsonReader(document, body.size()).read(not_utf8);
  if (not_utf8) return parse(to_utf8(body));
  TRY(read);
  return document;
}

std::vector<const JsonNode*> elements_of(const JsonNode& array) {
  std::vector<const JsonNode*> elements;
  const JsonNode* const end = &array + array.nodes;
  for (const JsonNode* each = &array + 1; each != end; each += each->nodes) elements.push_back(each);
  return elements;
}

i64 count_objects(const JsonNode* value) {
  if (value == nullptr || value->kind != JsonKind::array) return -1;
  const std::vector<const JsonNode*> elements = elements_of(*value);
  const bool all = std::all_of(elements.begin(), elements.end(), [](const JsonNode* e) { return e->kind == JsonKind::object; });
  return all ? static_cast<i64>(elements.size()) : -1;
}

std::vector<JsonField> fields_of(const JsonNode& object) {
  std::vector<JsonField> fields;
  std::unordered_map<std::string_view, std::size_t> seen;
  const JsonNode* const end = &object + object.nodes;
  for (const JsonNode* key = &object + 1; key != end;) {
    const JsonNode* const value = key + 1;
    const auto [place, is_new] = seen.try_emplace(key->text, fields.size());
    if (is_new) {
      fields.push_back({key->text, value});
    } else {
      fields[place->second].value = value;
    }
    key = value + value->nodes;
  }
  return fields;
}

const JsonNode* find_field(const JsonNode& object, std::string_view name) {
  const JsonNode* found = nullptr;
  const JsonNode* const end = &object + object.nodes;
  for (const JsonNode* key = &object + 1; key != end; key = key + 1 + key[1].nodes) {
    if (key->text == name) found = key + 1;
  }
  return found;
}

const JsonNode* find_path(const JsonNode& object, const std::vector<std::string>& path) {
  const JsonNode* at = &object;
  for (const std::string& name : path) {
    if (at == nullptr || at->kind != JsonKind::object) return nullptr;
    at = find_field(*at, name);
  }
  return at;
}

std::optional<i64> count_at(const JsonNode& object, const std::vector<std::string>& path) {
  const JsonNode* node = find_path(object, path);
  if (node == nullptr || (node->kind != JsonKind::number && node->kind != JsonKind::string)) return std::nullopt;
  if (const std::optional<i64> count = parse_count(node->text)) return count;
  const char* end = node->text.data() + node->text.size();
  double number = 0;
  if (const auto [stop, error] = std::from_chars(node->text.data(), end, number); error != std::errc() || stop != end) return std::nullopt;
  if (!(number >= 0) || number > kMostWhole) return std::nullopt;
  return static_cast<i64>(std::llround(number));
}

Result<std::vector<const JsonNode*>> records_of(const JsonDocument& document, std::string_view items) {
  if (items.empty()) return std::vector<const JsonNode*>{&document.root()};
  const JsonNode* array = find_field(document.root(), items);
  if (array == nullptr || array->kind != JsonKind::array) {
    return fail(ErrorKind::temporary, "the answer has no \"" + std::string(items) + "\" array");
  }
  std::vector<const JsonNode*> records = elements_of(*array);
  if (!std::ranges::all_of(records, [](const JsonNode* record) { return record->kind == JsonKind::object; })) {
    return fail(ErrorKind::temporary, "the answer's \"" + std::string(items) + "\" array holds something other than objects");
  }
  return records;
}

namespace {

void append_canonical(const JsonNode& value, std::string_view without, NumberTest is_text, std::string& out) {
  if (value.kind == JsonKind::string) {
    append_json_string(value.text, out);
  } else if (value.kind == JsonKind::number && is_text != nullptr && is_text(value.raw)) {
    append_json_string(value.raw, out);
  } else if (value.kind == JsonKind::array) {
    out += '[';
    for (const JsonNode* element : elements_of(value)) {
      if (out.back() != '[') out += ',';
      append_canonical(*element, without, is_text, out);
    }
    out += ']';
  } else if (value.kind == JsonKind::object) {
    std::vector<JsonField> fields = fields_of(value);
    std::ranges::sort(fields, {}, &JsonField::name);
    out += '{';
    for (const JsonField& field : fields) {
      if (!without.empty() && field.name == without) continue;
      if (out.back() != '{') out += ',';
      append_json_string(field.name, out);
      out += ':';
      append_canonical(*field.value, without, is_text, out);
    }
    out += '}';
  } else {
    out += value.raw;
  }
}

}  // namespace

std::string canonical_json(const JsonNode& value, std::string_view without, NumberTest is_text) {
  std::string out;
  append_canonical(value, without, is_text, out);
  return out;
}

}  // namespace chimplift
