// JSON into typed rows.
#include <benchmark/benchmark.h>

#include "made_up.hpp"
#include "rows/decode.hpp"
#include "rows/page.hpp"

namespace chimplift::bench {
namespace {

void decode(benchmark::State& state, const std::string& body, std::string_view table_name) {
  const Stream& stream = *find_stream(table_name);
  Table table = table_of(stream);
  const RowContext context{"a brand", 1'554'467'696'000'000, {"abc123def4"}};
  i64 rows = 0;
  for (auto _ : state) rows += static_cast<i64>(must(decode_page(body, stream.items, context, table)).rows.size());
  state.SetItemsProcessed(rows);
  state.SetBytesProcessed(state.iterations() * static_cast<i64>(body.size()));
}

void decode_members(benchmark::State& state) { decode(state, members_page(0, 1000), "list_members"); }
void decode_activity(benchmark::State& state) { decode(state, activity_page(0, 500), "email_activity"); }

/// What the pull does with a page before it keeps it.
void read_members(benchmark::State& state) {
  const std::string body = members_page(0, 1000);
  const PageShape shape = shape_of(*find_stream("list_members"));
  for (auto _ : state) benchmark::DoNotOptimize(must(read_page(body, shape)));
  state.SetItemsProcessed(state.iterations() * 1000);
  state.SetBytesProcessed(state.iterations() * static_cast<i64>(body.size()));
}

BENCHMARK(decode_members);
BENCHMARK(decode_activity);
BENCHMARK(read_members);

}  // namespace
}  // namespace chimplift::bench
