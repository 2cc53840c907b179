// The rules, in the order in which they apply to a record:
//  1. `_links` is left out: it is never asked for. null adds nothing.
//  2. Fields with the name of a column of ours go to `<name>__api`; a parent id that repeats the page's own is left out. (row_maker.cpp)
//  3. A field that no column is known for adds one; its type is that of its first value. (convert.cpp: type_for)
//  4. A value that fits its column's type is put there; "" in a column that is not text is NULL. (convert.cpp: convert)
//  5. A value that does not fit is put into `<column>__text` as it was sent and counted.
//  6. With Table::explode, each element of that array makes a row: the record's fields, then its own. What is no array is one element.
#include "rows/decode.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "rows/convert.hpp"
#include "rows/json.hpp"
#include "rows/row_maker.hpp"

namespace chimplift {
namespace {

constexpr std::string_view kLinks = "_links";

class PageDecoder {
 public:
  PageDecoder(const RowContext& context, Table& table) : table_(table), maker_(context, table) {
    for (const std::string& column : table.key) has_row_hash_ = has_row_hash_ || column == "row_hash";
  }

  void add_record(const JsonNode& record) {
    ++page_.records;
    if (!table_.explode.empty()) return add_elements(record);
    RowMaker::Draft draft = draft_of(record, fields_of(record));
    finish(std::move(draft));
  }

  DecodedPage take() { return std::move(page_); }

 private:
  /// The record's own part of its rows.
  RowMaker::Draft draft_of(const JsonNode& record, const std::vector<JsonField>& fields) {
    RowMaker::Draft draft = maker_.blank();
    draft.row.reserve(table_.columns.size());
    if (has_row_hash_) maker_.put_own(draft, "row_hash", ColumnType::text, sha256_hex(canonical_json(record, kLinks)));
    for (const JsonField& field : fields) {
      if (field.name != kLinks && (table_.explode.empty() || field.name != table_.explode))
        maker_.put_field(draft, field.name, *field.value);
    }
    return draft;
  }

  /// PHP's json_encode writes a list from which something was taken out as an object with numbers for names ({"0":…,"2":…}), and what it
  /// calls empty as {} or "". Anything else that is no list is kept as one element, for it is something.
  static std::vector<const JsonNode*> elements_in(const JsonNode& list) {
    if (list.kind == JsonKind::array) return elements_of(list);
    if (list.kind == JsonKind::string && list.text.empty()) return {};
    if (list.kind != JsonKind::object) return {&list};
    std::vector<const JsonNode*> values;
    for (const JsonField& field : fields_of(list)) {
      if (!parse_count(field.name)) return {&list};
      values.push_back(field.value);
    }
    return values;
  }

  void add_elements(const JsonNode& record) {
    const std::vector<JsonField> fields = fields_of(record);
    const JsonNode* array = find_field(record, table_.explode);
    if (array == nullptr || array->kind == JsonKind::null) return;
    const std::vector<const JsonNode*> elements = elements_in(*array);
    if (elements.empty()) return;
    std::unordered_set<std::string_view> taken;
    for (const JsonField& field : fields) {
      if (field.value->kind != JsonKind::null) taken.insert(field.name);
    }
    taken.erase(table_.explode);
    const RowMaker::Draft base = draft_of(record, fields);
    std::unordered_map<std::string, i64> seen;
    for (const JsonNode* element : elements) {
      RowMaker::Draft draft = base;
      if (element->kind == JsonKind::object) {
        put_element(draft, *element, taken);
      } else {
        maker_.put(draft, table_.explode, *element, ColumnType::json);
      }
      const i64 occurrence = seen[maker_.key_of(draft, "occurrence")]++;
      maker_.put_own(draft, "occurrence", ColumnType::integer, occurrence);
      finish(std::move(draft));
    }
  }

  void put_element(RowMaker::Draft& draft, const JsonNode& element, const std::unordered_set<std::string_view>& taken) {
    for (const JsonField& field : fields_of(element)) {
      if (field.name == kLinks) continue;
      if (taken.contains(field.name)) {
        maker_.put(draft, table_.explode + "_" + column_name_for(field.name), *field.value, type_for(*field.value));
      } else {
        maker_.put_field(draft, field.name, *field.value);
      }
    }
  }

  void finish(RowMaker::Draft draft) {
    page_.misfits += draft.misfits;
    page_.rows.push_back(std::move(draft.row));
  }

  Table& table_;
  RowMaker maker_;
  bool has_row_hash_ = false;
  DecodedPage page_;
};

}  // namespace

Result<DecodedPage> decode_page(std::string_view body, std::string_view items, const RowContext& context, Table& table) {
  TRY_ASSIGN(const JsonDocument document, JsonDocument::parse(body));
  TRY_ASSIGN(const std::vector<const JsonNode*> records, records_of(document, items));
  PageDecoder decoder(context, table);
  for (const JsonNode* record : records) decoder.add_record(*record);
  return decoder.take();
}

Result<DecodedPage> decode_embedded(std::string_view body, std::string_view items, const Embedded& embedded, const RowContext& context,
                                    Table& table) {
  TRY_ASSIGN(const JsonDocument document, JsonDocument::parse(body));
  TRY_ASSIGN(const std::vector<const JsonNode*> parents, records_of(document, items));
  DecodedPage page;
  for (const JsonNode* parent : parents) {
    const JsonNode* id = find_field(*parent, embedded.id_field);
    const JsonNode* list = find_field(*parent, embedded.field);
    const i64 elements = count_objects(list);
    if (id == nullptr || elements <= 0 || !embedded.is_whole(elements)) continue;
    RowContext below = context;
    below.parents.emplace_back(id->text);
    PageDecoder decoder(below, table);
    for (const JsonNode* record : elements_of(*list)) decoder.add_record(*record);
    DecodedPage found = decoder.take();
    page.records += found.records;
    page.misfits += found.misfits;
    std::move(found.rows.begin(), found.rows.end(), std::back_inserter(page.rows));
  }
  return page;
}

}  // namespace chimplift
