#include "sync/pull_gaps.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "inventory/unit_stream.hpp"
#include "mailchimp/assets.hpp"
#include "verify/findings.hpp"

namespace chimplift {
namespace {

/// The last word on whatever is missing. Bounded by what is missing, not by the account.
struct Missing {
  std::map<UnitId, EndRecord> ends;
  std::map<std::pair<std::string, std::string>, std::string> files;  // kind and id, reason
  std::set<std::string> read;                                        // streams of which some collection was read whole

  void take(const EndRecord& end, bool counts) {
    const bool is_missing = end.state == UnitState::incomplete || end.state == UnitState::not_permitted;
    if (!is_missing) read.insert(end.unit.stream);
    if (is_missing && counts) {
      ends.insert_or_assign(end.unit, end);
    } else {
      ends.erase(end.unit);
    }
  }
  void take(const FileRecord& file, bool counts) {
    if ((file.outcome == FileOutcome::failed || file.outcome == FileOutcome::damaged) && counts) {
      files.insert_or_assign({file.kind, file.id}, file.reason);
    } else {
      files.erase({file.kind, file.id});
    }
  }
  void take(const RefreshEvent& refresh) {
    std::erase_if(ends, [&refresh](const auto& end) { return refresh.refreshes(end.first); });
    if (!refresh.parents.empty()) return;
    for (const std::string& stream : refresh.streams) read.erase(stream);
  }
};

/// Each run asks again for all that the account still names and the archive lacks. So where the run went through, what the ledger calls
/// missing from before it is of parents and records that are no more; where it did not, nobody knows yet, and all counts.
Result<Missing> read_missing(const AccountRun& run) {
  const i64 since = run.error ? 0 : run.ledger_before;
  Missing missing;
  TRY_ASSIGN(LedgerReader reader, run.archive->ledger());
  while (true) {
    TRY_ASSIGN(const std::optional<LedgerRecord> record, reader.next(run.archive->durable()));
    if (!record) return missing;
    const bool counts = reader.position() > since;
    if (const auto* end = std::get_if<EndRecord>(&*record)) missing.take(*end, counts);
    if (const auto* file = std::get_if<FileRecord>(&*record)) missing.take(*file, counts);
    if (const auto* refresh = std::get_if<RefreshEvent>(&*record)) missing.take(*refresh);
  }
}

void add_collections(const Stream& stream, const Missing& missing, Findings& findings) {
  const std::string table(stream.table);
  std::vector<const EndRecord*> ends;
  for (auto it = missing.ends.lower_bound({table, {}, 0}); it != missing.ends.end() && it->first.stream == table; ++it)
    ends.push_back(&it->second);
  const auto is_forbidden = [](const EndRecord* end) { return end->state == UnitState::not_permitted; };
  if (!ends.empty() && !missing.read.contains(table) && std::ranges::all_of(ends, is_forbidden)) {
    findings.forbidden(stream, {}, ends.front()->reason);
    return;
  }
  for (const EndRecord* end : ends) {
    const Stream& reading = stream_of(end->unit);
    if (is_forbidden(end)) {
      findings.forbidden(reading, end->unit.parents, end->reason);
    } else {
      findings.gap(reading, end->unit.parents, end->reason);
    }
  }
}

/// The stream whose records alone have files of that kind; nullptr where several do.
const Stream* owner_of(const std::string& kind) {
  const Stream* owner = nullptr;
  for (const Stream& stream : catalogue()) {
    if (std::ranges::none_of(stream.files, [&kind](const FileRule& rule) { return rule.folder == kind; })) continue;
    if (owner != nullptr) return nullptr;
    owner = &stream;
  }
  return owner;
}

/// Which record names a file that several streams may name stands in the pages, and in the table of files.
void add_file(const Settings& settings, const std::string& kind, const std::string& id, const std::string& reason, Findings& findings) {
  const Stream* owner = owner_of(kind);
  if (owner == nullptr) {
    findings.add({{assets_table().name, {}, id, to_utf8(reason), findings.sync_command()}});
  } else if (settings.selection.has(*owner)) {
    findings.gap(*owner, {}, reason, id);
  }
}

}  // namespace

Result<std::vector<Finding>> gaps_of_pull(const Settings& settings, const AccountRun& run) {
  TRY_ASSIGN(const Missing missing, read_missing(run));
  Findings findings(settings, run.archive->about().account_name);
  for (const Stream* stream : settings.selection.pulled()) add_collections(*stream, missing, findings);
  for (const auto& [file, reason] : missing.files) add_file(settings, file.first, file.second, reason, findings);
  Certificate named;
  findings.write_to(named, run.archive->about().test);
  return std::move(named.gaps);
}

}  // namespace chimplift
