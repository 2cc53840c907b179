#include "mailchimp/assets.hpp"

#include <algorithm>

namespace chimplift {

const Table& assets_table() {
  static const Table table = [] {
    Table assets;
    assets.name = "assets";
    assets.columns = {{"account_name", ColumnType::text}, {"synced_at", ColumnType::timestamp}, {"kind", ColumnType::text},
                      {"source_url", ColumnType::text},   {"used_in", ColumnType::text},        {"used_in_id", ColumnType::text},
                      {"file_id", ColumnType::text},      {"storage_uri", ColumnType::text},    {"sha256", ColumnType::text},
                      {"bytes", ColumnType::integer},     {"content_type", ColumnType::text},   {"expected_bytes", ColumnType::integer},
                      {"outcome", ColumnType::text},      {"reason", ColumnType::text}};
    assets.key = {"account_name", "kind", "file_id", "used_in", "used_in_id"};
    return assets;
  }();
  return table;
}

std::span<const Column> storage_columns() {
  static const std::vector<Column> columns = {
      {"storage_uri", ColumnType::text}, {"sha256", ColumnType::text}, {"bytes", ColumnType::integer}, {"content_type", ColumnType::text}};
  return columns;
}

bool has_storage_columns(const Stream& stream) {
  return std::ranges::any_of(stream.files, [](const FileRule& rule) { return rule.in_row; });
}

}  // namespace chimplift
