#include "rows/row_maker.hpp"

#include <algorithm>

#include "rows/convert.hpp"

namespace chimplift {
namespace {

bool is_set(const Row& row, i64 column) {
  const auto at = static_cast<std::size_t>(column);
  return at < row.size() && !std::holds_alternative<std::monostate>(row[at]);
}

void set(Row& row, i64 column, Value value) {
  const auto at = static_cast<std::size_t>(column);
  if (at >= row.size()) row.resize(at + 1);
  row[at] = std::move(value);
}

/// A string's content, or what was sent.
std::string text_of(const JsonNode& value) { return std::string(value.kind == JsonKind::string ? value.text : value.raw); }

}  // namespace

RowMaker::RowMaker(const RowContext& context, Table& table) : table_(table), index_(table) {
  put_own(blank_, "account_name", ColumnType::text, context.account_name);
  put_own(blank_, "synced_at", ColumnType::timestamp, Timestamp{context.synced_at});
  own_.emplace("account_name", "");
  own_.emplace("synced_at", "");
  if (std::ranges::find(table.key, "row_hash") != table.key.end()) own_.emplace("row_hash", "");
  for (const std::string& column : table.own) own_.emplace(column, "");
  if (!table.explode.empty()) own_.emplace("occurrence", "");
  for (std::size_t i = 0; i < table.parents.size() && i < context.parents.size(); ++i) put_parent(table.parents[i], context.parents[i]);
}

void RowMaker::put_parent(const std::string& column, const std::string& text) {
  own_.insert_or_assign(column, text);
  parents_.insert(column);
  const i64 at = index_.find_or_add(column, ColumnType::text);
  const ColumnType type = index_.column(at).type;
  if (type == ColumnType::text) return set(blank_.row, at, text);
  if (type == ColumnType::integer) {
    if (const std::optional<i64> number = parse_integer(text)) return set(blank_.row, at, *number);
  }
  put_misfit(blank_, index_.column(at).name, text);
}

void RowMaker::put_own(Draft& draft, const std::string& column, ColumnType type, Value value) {
  set(draft.row, index_.find_or_add(column, type), std::move(value));
}

const std::string& RowMaker::name_for(std::string_view field) {
  const auto [place, is_new] = names_.try_emplace(field);
  if (is_new) place->second = column_name_for(field);
  return place->second;
}

void RowMaker::put_field(Draft& draft, std::string_view field, const JsonNode& value) {
  if (value.kind == JsonKind::null) return;
  const std::string& column = name_for(field);
  const auto own = own_.find(column);
  if (own == own_.end()) return put(draft, column, value, type_for(value));
  if (parents_.contains(column) && text_of(value) == own->second) return;
  put(draft, column + "__api", value, type_for(value));
}

i64 RowMaker::free_column(const Draft& draft, const std::string& column, ColumnType type_if_new) {
  i64 at = index_.find_or_add(column, type_if_new);
  for (int number = 2; is_set(draft.row, at); ++number) at = index_.find_or_add(column + "__" + std::to_string(number), type_if_new);
  return at;
}

void RowMaker::put(Draft& draft, const std::string& column, const JsonNode& value, ColumnType type_if_new) {
  if (value.kind == JsonKind::null) return;
  const i64 at = free_column(draft, column, type_if_new);
  if (std::optional<Value> fitting = convert(value, index_.column(at).type)) {
    if (!std::holds_alternative<std::monostate>(*fitting)) set(draft.row, at, std::move(*fitting));
    return;
  }
  put_misfit(draft, index_.column(at).name, text_of(value));
}

void RowMaker::put_misfit(Draft& draft, const std::string& column, std::string text) {
  ++draft.misfits;
  // The name is copied before the table's columns may move.
  set(draft.row, free_column(draft, std::string(column) + "__text", ColumnType::text), std::move(text));
}

std::string RowMaker::key_of(const Draft& draft, std::string_view without) {
  std::string key;
  const auto add = [&](const std::string& column) {
    const i64 at = table_.find(column);
    if (at < 0 || !is_set(draft.row, at)) return;
    const std::string bytes = bytes_of(draft.row[static_cast<std::size_t>(at)]);
    key += column + '\0' + std::to_string(bytes.size()) + ':' + bytes;
  };
  for (const std::string& column : table_.key) {
    if (column == without) continue;
    add(column);
    add(column + "__text");  // two odd ids are two keys
  }
  return key;
}

}  // namespace chimplift
