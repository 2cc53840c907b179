// What a pull alone says that it could not bring.
#include "sync/pull_gaps.hpp"

#include <gmock/gmock.h>

#include "support/small_archive.hpp"

namespace chimplift {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class PullGaps : public testing::Test {
 protected:
  void keep_file(const std::string& kind, const std::string& id, FileOutcome outcome) {
    FileRecord record;
    record.kind = kind;
    record.id = id;
    record.outcome = outcome;
    record.reason = "status 502";
    small.archive->keep(FileToKeep{record, std::nullopt, {}});
  }
  void keep_end(const UnitId& unit, UnitState state) {
    small.archive->keep(EndRecord{.unit = unit, .state = state, .reason = "status 400"});
  }
  void keep_refresh(const std::vector<std::string>& streams, const std::vector<std::string>& parents = {}) {
    small.archive->keep(RefreshEvent{streams, kThen, parents});
  }
  /// "stream parent file" of each.
  std::vector<std::string> named(const std::optional<Error>& error = {}) {
    EXPECT_TRUE(small.archive->flush());
    AccountRun run;
    run.archive = std::move(small.archive);
    run.ledger_before = before;
    run.error = error;
    gaps = *gaps_of_pull(small.settings, run);
    small.archive = std::move(run.archive);
    std::vector<std::string> all;
    for (const Finding& gap : gaps)
      all.push_back(gap.stream + (gap.parent.empty() ? "" : " " + gap.parent[0].second) + (gap.file.empty() ? "" : " " + gap.file));
    return all;
  }
  /// As if all that the ledger has by now were another run's.
  void begin_another_run() {
    EXPECT_TRUE(small.archive->flush());
    before = small.archive->durable();
  }

  SmallArchive small{"lists"};
  i64 before = 0;
  std::vector<Finding> gaps;
};

TEST_F(PullGaps, NamesTheLastWordOnEachCollection) {
  keep_end({"lists", {}, 0}, UnitState::complete);
  keep_end({"list_clients", {"a"}, 0}, UnitState::incomplete);
  keep_end({"list_clients", {"b"}, 0}, UnitState::complete);
  keep_end({"list_clients", {"c"}, 0}, UnitState::gone);
  keep_end({"list_activity", {"a"}, 0}, UnitState::not_permitted);
  keep_end({"list_activity", {"b"}, 0}, UnitState::complete);
  keep_end({"list_locations", {"a"}, 0}, UnitState::incomplete);
  keep_end({"list_locations", {"a"}, 0}, UnitState::complete);
  EXPECT_THAT(named(), testing::UnorderedElementsAre("list_clients a", "list_activity a"));
  for (const Finding& gap : gaps) {
    EXPECT_THAT(gap.reason, HasSubstr("status 400"));
    EXPECT_THAT(gap.command, HasSubstr("chimplift sync --account acme"));
  }
}

TEST_F(PullGaps, AStreamThatIsForbiddenAltogetherIsOneGap) {
  keep_end({"list_activity", {"a"}, 0}, UnitState::not_permitted);
  keep_end({"list_activity", {"b"}, 0}, UnitState::not_permitted);
  EXPECT_THAT(named(), ElementsAre("list_activity"));
}

TEST_F(PullGaps, WhatIsReadAnewIsNotMissingAnyMore) {
  keep_end({"list_clients", {"a"}, 0}, UnitState::incomplete);
  keep_end({"list_clients", {"b"}, 0}, UnitState::incomplete);
  keep_refresh({"list_clients"}, {"a"});
  EXPECT_THAT(named(), ElementsAre("list_clients b"));
  keep_refresh({"list_clients"});
  EXPECT_THAT(named(), IsEmpty());
}

TEST_F(PullGaps, StreamsThatNobodyChoseAreNotNamed) {
  keep_end({"templates", {}, 0}, UnitState::incomplete);
  keep_file("stored_files", "7", FileOutcome::failed);
  EXPECT_THAT(named(), IsEmpty());
}

TEST_F(PullGaps, FilesThatFailedAreNamedAndThoseThatAreNoMoreAreNot) {
  small.settings.selection = *Selection::of({}, {});
  keep_file("stored_files", "1", FileOutcome::failed);
  keep_file("stored_files", "2", FileOutcome::missing);
  keep_file("stored_files", "3", FileOutcome::failed);
  keep_file("stored_files", "3", FileOutcome::fetched);
  keep_file("images", "https://x/y.png", FileOutcome::failed);
  EXPECT_THAT(named(), testing::UnorderedElementsAre("stored_files 1", "assets https://x/y.png"));
}

// Each run asks again for what is still wanted: what it did not ask for hangs below something that is no more.
TEST_F(PullGaps, OfEarlierRunsWhatNobodyAskedForAgainCountsOnlyWhereThisRunFailed) {
  keep_end({"list_clients", {"a"}, 0}, UnitState::incomplete);
  keep_end({"list_clients", {"b"}, 0}, UnitState::incomplete);
  begin_another_run();
  keep_end({"list_clients", {"b"}, 0}, UnitState::incomplete);
  EXPECT_THAT(named(), ElementsAre("list_clients b"));
  EXPECT_THAT(named(Error{ErrorKind::temporary, "no answer", ""}), ElementsAre("list_clients a", "list_clients b"));
}

}  // namespace
}  // namespace chimplift
