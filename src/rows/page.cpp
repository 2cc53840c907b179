#include "rows/page.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "rows/json.hpp"
#include "rows/json_text.hpp"

namespace chimplift {
namespace {

/// FNV-1a with a finish that spreads the bits. Not for adversaries: a page's digest only tells whether the server sent the same page again.
class Hash {
 public:
  void add(std::string_view bytes) {
    for (const char c : bytes) state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  }
  /// The same, and its length, so that ("ab","c") and ("a","bc") differ.
  void add_part(std::string_view bytes) {
    add(bytes);
    add_number(bytes.size());
  }
  void add_number(u64 number) {
    for (u64 i = 0; i < 8; ++i) state_ = (state_ ^ ((number >> (8 * i)) & 0xFFU)) * 0x100000001B3U;
  }
  [[nodiscard]] u64 value() const {
    u64 mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
    return mixed ^ (mixed >> 31U);
  }

 private:
  u64 state_ = 0xCBF29CE484222325U;
};

bool is_scalar(const JsonNode* node) {
  return node != nullptr && (node->kind == JsonKind::string || node->kind == JsonKind::number || node->kind == JsonKind::boolean);
}

bool is_known(const JsonNode& record, const std::vector<std::string>& fields) {
  const auto has = [&record](const std::string& field) { return find_field(record, field) != nullptr; };
  return fields_of(record).empty() || std::any_of(fields.begin(), fields.end(), has);
}

std::optional<i64> whole_number(const JsonNode* node) {
  if (node == nullptr || node->kind != JsonKind::number || !is_json_integer(node->text)) return std::nullopt;
  return parse_count(node->text);
}

}  // namespace

u64 hash_of_key(const JsonNode& record, const std::vector<std::string>& key) {
  Hash hash;
  if (key.empty()) hash.add_part(record.raw);
  for (const std::string& name : key) {
    const JsonNode* value = find_field(record, name);
    if (value == nullptr || value->kind == JsonKind::null) {
      hash.add_part("null");  // absent and null are one key: both are NULL in the table
    } else if (value->kind == JsonKind::string) {
      hash.add("\"");
      hash.add_part(value->text);
    } else {
      hash.add_part(value->raw);
    }
  }
  return hash.value();
}

Result<PageContents> read_page(std::string_view body, const PageShape& shape) {
  TRY_ASSIGN(const JsonDocument document, JsonDocument::parse(body));
  TRY_ASSIGN(const std::vector<const JsonNode*> records, records_of(document, shape.items));
  if (shape.items.empty() && !shape.known.empty() && !is_known(*records.front(), shape.known))
    return fail(ErrorKind::temporary, "the answer is JSON, but not the record that was asked for");
  PageContents contents;
  contents.records = static_cast<i64>(records.size());
  contents.is_empty_object = shape.items.empty() && fields_of(*records.front()).empty();
  contents.total_items = whole_number(find_field(document.root(), "total_items"));
  const JsonNode* cursor = find_field(document.root(), "next_cursor");
  if (is_scalar(cursor)) contents.next_cursor = cursor->text;
  contents.names_next_cursor = is_scalar(cursor) || (cursor != nullptr && cursor->kind == JsonKind::null);
  Hash digest;
  for (const JsonNode* record : records) {
    Hash bytes;
    bytes.add(record->raw);
    contents.record_digests.push_back(bytes.value());
    contents.key_hashes.push_back(hash_of_key(*record, shape.key));
    digest.add_number(contents.key_hashes.back());
    std::vector<std::optional<std::string>>& wanted = contents.fields.emplace_back();
    for (const std::string& name : shape.wanted) {
      const JsonNode* value = find_field(*record, name);
      wanted.push_back(is_scalar(value) ? std::optional<std::string>(value->text) : std::nullopt);
    }
    std::vector<i64>& counts = contents.counts.emplace_back();
    for (const std::string& name : shape.counted) counts.push_back(count_objects(find_field(*record, name)));
  }
  contents.digest = digest.value();
  return contents;
}

}  // namespace chimplift
