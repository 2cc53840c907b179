// What generators for analysts know of the tables beyond the catalogue's columns: fields inside JSON that are worth a name of their own,
// which columns hold addresses of images, and which columns of one table are the key of another. Data, no code.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mailchimp/catalogue.hpp"

namespace chimplift {

/// A field inside a JSON column.
struct NestedField {
  std::string column;
  std::string path;  // "segment_opts.saved_segment_id": names with dots between
  ColumnType type = ColumnType::text;

  /// "recipients_segment_opts_saved_segment_id", in lower case
  [[nodiscard]] std::string name() const;
};
std::vector<NestedField> nested_fields(std::string_view table);

/// True for text columns that hold the address of an image, or of any page.
bool holds_image(std::string_view table, std::string_view column);
bool holds_address(const Column& column);

/// A table that the rows of another one name by its whole key.
struct Join {
  const Stream* target = nullptr;
  // Name here (a column, or a nested field's name), name there. account_name goes without saying.
  std::vector<std::pair<std::string, std::string>> on;
  bool one_to_one = false;  // else many to one
};

/// What a table can be joined with so that no row of it is there twice: its parents, and what its columns name.
std::vector<Join> joins_of(const Stream& stream);

/// The table of assets and all of the catalogue's, with what each is about.
struct DescribedTable {
  Table table;
  std::string_view about;
  const Stream* stream = nullptr;  // nullptr for assets
};
std::vector<DescribedTable> described_tables();

}  // namespace chimplift
