// Pages made durable: compressed, appended, synced, and vouched for in the ledger. An item is a page.
#include <benchmark/benchmark.h>

#include "archive/account_archive.hpp"
#include "archive/folder_tree.hpp"
#include "made_up.hpp"

namespace chimplift::bench {
namespace {

/// range(0) pages between two waits: 1 is the worst case, 10 what is in flight.
void keep_pages(benchmark::State& state) {
  const Folder folder;
  const std::shared_ptr<Tree> tree = folder_tree(folder.path());
  must(open_archive_root(*tree, true));
  const auto archive = must(AccountArchive::open(*tree, "a brand", false));
  const std::string body = members_page(0, 1000);
  for (auto _ : state) {
    for (i64 i = 0; i < state.range(0); ++i) {
      PageToKeep page;
      page.record.unit = {"list_members", {"abc123def4"}, 0};
      page.envelope.stream = "list_members";
      page.envelope.path = "/lists/abc123def4/members";
      page.body = body;
      archive->keep(std::move(page));
    }
    must(archive->flush());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetBytesProcessed(state.iterations() * state.range(0) * static_cast<i64>(body.size()));
}

BENCHMARK(keep_pages)->Arg(1)->Arg(10)->UseRealTime();

}  // namespace
}  // namespace chimplift::bench
