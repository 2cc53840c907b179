// The part of verification that looks for records which share a key.
#include <fmt/format.h>

#include "base/text.hpp"
#include "sync/collection.hpp"
#include "sync/unit_stream.hpp"
#include "sync/verify.hpp"

namespace chimplift {

/// Records of a collection that have one key and are not the same: the table can hold only one of them.
Result<void> Verifier::judge_equal_keys(const Stream& stream, const std::vector<UnitId>& units) {
  const PageShape shape = shape_of(stream);
  if (settings_->subset || shape.key.empty() || units.empty()) return {};
  const PageList& pages = pages_of(stream.table);
  std::map<UnitId, std::vector<std::size_t>> places;  // of the pages of each collection's last pass
  for (const UnitId& unit : units) places[unit];
  for (std::size_t i = 0; i < pages.size(); ++i) {
    const PageRecord page = pages[i];
    const auto found = places.find(page.unit);
    if (found == places.end()) continue;
    if (const LedgerView::Pass* reading = ledger_.last_pass_of(page.unit); reading != nullptr && reading->has(page))
      found->second.push_back(i);
  }
  for (const auto& [unit, its_pages] : places) {
    std::map<u64, u64> had;
    i64 differing = 0;
    for (const std::size_t at : its_pages) {
      TRY(settings_->go_on());
      const PageRecord page = pages[at];
      const Result<std::string> body = archive_->read_body(page);
      if (!body) continue;  // a gap already
      TRY_ASSIGN(const PageContents contents, read_page(*body, shape));
      const std::size_t first = page.offset > 0 && Collection::pages_overlap(stream) ? 1 : 0;  // at the seam it comes twice
      for (std::size_t i = first; i < contents.key_hashes.size(); ++i) {
        const auto [place, is_new] = had.try_emplace(contents.key_hashes[i], contents.record_digests[i]);
        if (!is_new && place->second != contents.record_digests[i]) ++differing;
      }
    }
    if (differing == 0) continue;
    certificate_.exceptions.push_back(
        {std::string(stream.table), named_parents(stream, unit.parents), "",
         fmt::format("{} records differ from another with the same {}: the table holds the last of each, the archive "
                     "all of them",
                     differing, join(shape.key, " and ")),
         ""});
  }
  return {};
}

}  // namespace chimplift
