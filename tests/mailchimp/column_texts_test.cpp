// Every column has its sentence, and no sentence is left over from a column that is gone.
#include "mailchimp/column_texts.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "mailchimp/assets.hpp"
#include "mailchimp/catalogue.hpp"

namespace chimplift {
namespace {

TEST(ColumnTexts, EveryColumnHasASentence) {
  std::vector<Table> tables = {assets_table()};
  for (const Stream& stream : catalogue()) tables.push_back(table_of(stream));
  for (const Table& table : tables) {
    for (const Column& column : table.columns) {
      const std::string_view text = text_of(table.name, column.name);
      EXPECT_TRUE(text.ends_with('.')) << table.name << "." << column.name << ": " << text;
      EXPECT_EQ(text.find_first_of("\"`\\|{}<>"), std::string_view::npos) << "not plain in Markdown, YAML and LookML: " << text;
    }
  }
}

TEST(ColumnTexts, EverySentenceHasAColumn) {
  std::set<std::string, std::less<>> columns;
  std::vector<Table> tables = {assets_table()};
  for (const Stream& stream : catalogue()) tables.push_back(table_of(stream));
  for (const Table& table : tables) {
    for (const Column& column : table.columns) columns.insert({column.name, table.name + "." + column.name});
  }
  std::set<std::string_view> seen;
  for (const std::span<const ColumnText> part : {first_column_texts(), further_column_texts()}) {
    for (const ColumnText& each : part) {
      EXPECT_TRUE(columns.contains(each.column)) << each.column;
      EXPECT_TRUE(seen.insert(each.column).second) << "twice: " << each.column;
    }
  }
}

}  // namespace
}  // namespace chimplift
