// Rows into a DuckDB file: new ones, and the same ones again. An item is a row.
#include <benchmark/benchmark.h>

#include "made_up.hpp"
#include "rows/decode.hpp"
#include "warehouse/duckdb_warehouse.hpp"

namespace chimplift::bench {
namespace {

constexpr i64 kBatch = 20'000;

void merge(benchmark::State& state, bool are_new) {
  const Folder folder;
  const auto warehouse = must(open_duckdb({folder.path() / "mailchimp.duckdb"}));
  std::vector<Table> tables = {table_named("list_members")};
  must(warehouse->prepare(tables));
  i64 first = 0;
  const auto rows_from = [&](i64 start) {
    const RowContext context{"a brand", 1'554'467'696'000'000, {"abc123def4"}};
    return must(decode_page(members_page(start, kBatch), "members", context, tables[0])).rows;
  };
  const auto put = [&](const std::vector<Row>& rows) {
    must(warehouse->append(tables[0], rows));
    must(warehouse->commit(std::vector<Checkpoint>{{"archive", "a brand", "list_members", ++first, 0, 0}}));
  };
  put(rows_from(0));
  for (auto _ : state) {
    state.PauseTiming();
    const std::vector<Row> rows = rows_from(are_new ? first * kBatch : 0);
    state.ResumeTiming();
    put(rows);
  }
  state.SetItemsProcessed(state.iterations() * kBatch);
}

void merge_new(benchmark::State& state) { merge(state, true); }
void merge_again(benchmark::State& state) { merge(state, false); }

BENCHMARK(merge_new)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(merge_again)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace chimplift::bench
