// A place for a warehouse, and rows to put into it: what the tests of all warehouses share.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "warehouse/warehouse.hpp"

namespace chimplift {

/// A place where one warehouse lives for the length of a test.
class Harness {
 public:
  virtual ~Harness() = default;
  /// A connection to the place; only one is open at a time.
  virtual Result<std::unique_ptr<Warehouse>> open() = 0;
  /// These columns of all rows of mailchimp.<table> as text (NULL: "NULL"), sorted. No warehouse is open meanwhile.
  virtual std::vector<std::vector<std::string>> read(const std::string& table, const std::vector<std::string>& columns) = 0;
  /// What this JSON reads back as: the warehouse may order names and leave out blanks, and no more.
  [[nodiscard]] virtual std::string kept(const std::string& json) const { return json; }
};

using HarnessFactory = std::function<std::unique_ptr<Harness>()>;

inline bool operator==(const KeyCount& a, const KeyCount& b) {
  return a.parents == b.parents && a.archived == b.archived && a.loaded == b.loaded;
}
inline void PrintTo(const KeyCount& count, std::ostream* out) {
  *out << testing::PrintToString(count.parents) << " archived " << count.archived << " loaded " << count.loaded;
}

inline Table members_table() {
  return {"list_members",
          {{"account_name", ColumnType::text},
           {"synced_at", ColumnType::timestamp},
           {"list_id", ColumnType::text},
           {"id", ColumnType::integer},
           {"email", ColumnType::text}},
          {"list_id"},
          {"account_name", "list_id", "id"},
          ""};
}

inline Row member(const std::string& account, const std::string& list, Value id, const std::string& email) {
  return {account, Timestamp{1'554'467'696'123'456}, list, std::move(id), email};
}

}  // namespace chimplift
