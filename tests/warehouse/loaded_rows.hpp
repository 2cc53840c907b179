// A load of three batches into two tables, with rows that come again, a column that is added on the way, and checkpoints.
#pragma once

#include "warehouse/harness.hpp"

namespace chimplift {

inline constexpr i64 kMadeUpBatches = 3;

inline std::vector<Table> made_up_tables() {
  Table lists = members_table();
  lists.name = "lists";
  return {members_table(), lists};
}

/// Goes on behind the checkpoint. The result is the same however often it was ended on its way.
inline Result<void> load_made_up(Warehouse& warehouse) {
  std::vector<Table> tables = made_up_tables();
  TRY(warehouse.prepare(tables));
  TRY(warehouse.settle());
  TRY_ASSIGN(auto found, warehouse.checkpoints("archive", "shop"));
  for (i64 batch = found["list_members"].last_page; batch < kMadeUpBatches; ++batch) {
    if (batch >= 1 && tables[0].find("Added") < 0) tables[0].columns.push_back({"Added", ColumnType::json});
    std::vector<Row> rows;
    for (i64 i = 0; i < 50; ++i) {
      Row row = member("shop", "L", batch * 40 + i, "batch " + std::to_string(batch));
      if (batch >= 1) {
        row.resize(static_cast<std::size_t>(tables[0].find("Added")) + 1);
        row.back() = Json{"{\"b\":" + std::to_string(batch) + "}"};
      }
      rows.push_back(row);
    }
    TRY(warehouse.append(tables[0], rows));
    TRY(warehouse.append(tables[1], std::vector<Row>{member("shop", "L", batch / 2, "list of batch " + std::to_string(batch))}));
    const std::vector<Checkpoint> checkpoints{{"archive", "shop", "list_members", batch + 1, (batch + 1) * 50, 0},
                                              {"archive", "shop", "lists", batch + 1, batch + 1, 0}};
    TRY(warehouse.commit(checkpoints));
  }
  return {};
}

}  // namespace chimplift
