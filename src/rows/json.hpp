// A JSON body, read once and strictly, as a flat list of values with their exact text. It exists because neither interface of simdjson is
// enough alone: the on-demand one does not validate what is skipped, the DOM refuses big integers, and both refuse lone surrogates.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/types.hpp"

namespace chimplift {

enum class JsonKind { null, boolean, number, string, array, object };

/// One value. The values inside a container stand behind it; in an object each value stands behind its key, a string.
struct JsonNode {
  JsonKind kind = JsonKind::null;
  i64 nodes = 1;          // this value and all inside it
  std::string_view raw;   // as sent, without white space around it
  std::string_view text;  // a string's content; another scalar's token; "" for containers
};

struct JsonField {
  std::string_view name;
  const JsonNode* value = nullptr;
};

class JsonDocument {
 public:
  /// Reads and validates the body, which must be one object. Errors are of kind temporary. Bytes that are not UTF-8 become U+FFFD,
  /// and so do lone surrogates, in raw too, so that what is kept as JSON can be read by every reader.
  static Result<JsonDocument> parse(std::string_view body);

  [[nodiscard]] const JsonNode& root() const { return nodes_.front(); }

  JsonDocument(JsonDocument&&) = default;
  JsonDocument& operator=(JsonDocument&&) = default;

 private:
  friend class JsonReader;
  JsonDocument() = default;
  std::string buffer_;                 // the body and simdjson's padding: always on the heap, so views survive a move
  std::deque<std::string> unescaped_;  // contents of strings that had escapes
  std::vector<JsonNode> nodes_;
};

/// The array's elements.
std::vector<const JsonNode*> elements_of(const JsonNode& array);

/// Elements of an array of objects alone; -1 for anything else.
i64 count_objects(const JsonNode* value);

/// The object's fields in the order of their first appearance; of fields with one name, the last one's value.
std::vector<JsonField> fields_of(const JsonNode& object);

/// The value of the last field with this name, or nullptr.
const JsonNode* find_field(const JsonNode& object, std::string_view name);

/// The value at a path of names, from object to object: {"stats", "member_count"}. nullptr where a name is absent, or stands in something
/// other than an object.
const JsonNode* find_path(const JsonNode& object, const std::vector<std::string>& path);

/// The count at such a path: a number of 0 or more, also where a string holds it. With a fraction or an exponent (120.0, 1.5e6) it is
/// rounded. nullopt: there is none; it is negative; or it is beyond 64 bits, or beyond 2^53 where it has a fraction or an exponent. Not for
/// ids.
std::optional<i64> count_at(const JsonNode& object, const std::vector<std::string>& path);

/// The records of an answer: the array `items`, or the whole where items is "". Errors of kind temporary: no such array, or not of objects
/// alone.
Result<std::vector<const JsonNode*>> records_of(const JsonDocument& document, std::string_view items);

using NumberTest = bool (*)(std::string_view number);

/// The value with keys sorted at each level, no white space, strings escaped in one way, numbers as sent; those for which `is_text` is true
/// as strings of their digits. `without` is a field to leave out, at every level.
std::string canonical_json(const JsonNode& value, std::string_view without = {}, NumberTest is_text = nullptr);

}  // namespace chimplift
