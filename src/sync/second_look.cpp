#include "sync/second_look.hpp"

#include <algorithm>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace chimplift {

bool begin_second_look(std::vector<AccountRun>& runs) {
  for (AccountRun& run : runs) {
    run.is_settled = run.error || (run.doubts.empty() && run.damaged_files.empty());
    if (run.is_settled) continue;
    std::vector<std::string> tables;
    for (RefreshEvent& doubt : run.doubts) {
      tables.insert(tables.end(), doubt.streams.begin(), doubt.streams.end());
      run.archive->keep(std::move(doubt));
    }
    run.doubts.clear();
    // What the ledger no longer vouches for is fetched again, or made again; where that cannot be, it stays known that it was had.
    for (auto& [record, how] : run.damaged_files) {
      FileRecord lost{.kind = record.kind,
                      .id = record.id,
                      .source_url = record.source_url,
                      .expected_bytes = record.expected_bytes,
                      .outcome = FileOutcome::damaged,
                      .reason = how,
                      .at = format_utc(system_clock().now_micros())};
      run.archive->keep(FileToKeep{std::move(lost), std::nullopt, {}});
    }
    const std::string files = std::to_string(run.damaged_files.size());
    run.damaged_files.clear();
    if (Result<void> flushed = run.archive->flush(); !flushed) run.error = flushed.error();
    run.progress->pulled = false;
    run.was_refresh = run.progress->refreshed;
    log_info("Something does not agree or is damaged; it is read once more.",
             {{"account", run.account->name}, {"tables", join(tables, ", ")}, {"files", files}});
  }
  return !std::all_of(runs.begin(), runs.end(), [](const AccountRun& run) { return run.is_settled; });
}

}  // namespace chimplift
