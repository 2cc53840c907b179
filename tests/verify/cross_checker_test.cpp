// The evaluator, on made-up streams: what counts, what is compared, and what that means.
#include "verify/cross_checker.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/text.hpp"

namespace chimplift {
namespace {

using Relation = CrossCheck::Relation;
using Ids = std::vector<std::string>;

/// Shelves with books, and the books' readers.
const std::vector<Stream>& streams() {
  static const std::vector<Stream> made_up = {
      {.table = "shelves", .step = "shelf_step", .path = "/shelves", .items = "shelves", .key = "id", .columns = "id:text count:integer"},
      {.table = "books",
       .step = "book_step",
       .path = "/shelves/{shelf_id}/books",
       .items = "books",
       .key = "shelf_id id",
       .columns = "id:integer pages:integer state:text folder:json",
       .parent = "shelves",
       .parent_field = "id"},
      {.table = "folders",
       .step = "shelf_step",
       .path = "/folders",
       .items = "folders",
       .key = "id",
       .columns = "id:integer files:integer"},
  };
  return made_up;
}

CrossCheck counted(Relation relation) {
  return {.name = "books of a shelf",
          .said = {.stream = "shelves", .sum = "count", .by = "id"},
          .read = {.stream = "books", .by = "shelf_id"},
          .relation = relation,
          .explanation = "Books are lent."};
}

/// An account's pages as verify gives them out, and what became of the streams.
class Library {
 public:
  /// Adds a page; its unit's end says `state`.
  void page(const std::string& table, const Ids& parents, const std::string& body, int pass = 1, UnitState state = UnitState::complete,
            int sweep = 0) {
    const UnitId unit{table, parents, sweep};
    PageRecord record;
    record.number = static_cast<i64>(pages_.size()) + 1;
    record.unit = unit;
    record.pass = pass;
    record.received_at = "2026-05-01T12:00:00.000000Z";
    std::optional<LedgerView::Pass>& last = ledger.unit(unit).last_pass;
    if (!last || last->pass != pass) last = {.pass = pass};
    if (last->pages++ == 0) last->first = record.number;
    ledger.unit(unit).end = {.state = state};
    units[table].insert(unit);
    pages_.emplace_back(record, body);
  }
  /// What was read so far of these collections was refreshed.
  void refresh() {
    for (const auto& [table, all] : units) {
      for (const UnitId& unit : all) ledger.unit(unit).last_pass.reset();
    }
  }
  void end(const std::string& table, const Ids& parents, UnitState state) {
    const UnitId unit{table, parents, 0};
    ledger.unit(unit).end = {.state = state};
    units[table].insert(unit);
  }
  void state(const std::string& table, StreamState state) {
    StreamLine line;
    line.table = table;
    line.state = state;
    lines.push_back(line);
  }

  CrossChecker::Findings judge(const CrossCheck& check, const std::string& why_none = "", const std::vector<Stream>& of = streams()) {
    const auto stream = [&of](std::string_view table) -> const Stream& {
      return *std::find_if(of.begin(), of.end(), [table](const Stream& s) { return s.table == table; });
    };
    for (const Stream& one : of) {
      if (std::none_of(lines.begin(), lines.end(), [&one](const StreamLine& line) { return line.table == one.table; }))
        state(std::string(one.table), StreamState::complete);
    }
    const std::vector<CrossCheck> checks = {check};
    CrossChecker checker(checks, of, ledger);
    CrossChecker ever(checks, of, ledger, CrossChecker::Reads::ever);
    for (const auto& [record, body] : pages_) {
      if (body != kDamaged) checker.take(stream(record.unit.stream), record, body);
    }
    for (const Stream& one : of) {
      for (auto page = pages_.rbegin(); page != pages_.rend(); ++page) {
        if (page->first.unit.stream == one.table && page->second != kDamaged) ever.take(one, page->first, page->second);
      }
    }
    return checker.finish(lines, units, "read it again", why_none, &ever);
  }

  static constexpr const char* kDamaged = "damaged";
  LedgerView ledger;
  std::vector<StreamLine> lines;
  std::map<std::string, UnitSet> units;

 private:
  std::vector<std::pair<PageRecord, std::string>> pages_;
};

std::string shelves(const std::vector<std::pair<std::string, int>>& counts, const std::string& also = "") {
  Ids records;
  for (const auto& [id, count] : counts) records.push_back(fmt::format(R"({{"id":"{}","count":{}}})", id, count));
  return fmt::format(R"({{"shelves":[{}],"total_items":{}{}}})", join(records, ","), records.size(), also);
}

/// Books with ids, each of 100 pages.
std::string books(const std::vector<int>& ids) {
  Ids records;
  for (const int id : ids) records.push_back(fmt::format(R"({{"id":{},"pages":100,"state":"{}"}})", id, id % 2 == 0 ? "lent" : "here"));
  return fmt::format(R"({{"books":[{}],"total_items":{}}})", join(records, ","), records.size());
}

TEST(CrossChecker, HoldsWhereBothAgree) {
  Library library;
  library.page("shelves", {}, shelves({{"a", 2}, {"b", 0}}));
  library.page("books", {"a"}, books({1, 2}));
  library.page("books", {"b"}, books({}));
  const auto found = library.judge(counted(Relation::exact));
  ASSERT_EQ(found.lines.size(), 1U);
  const CrossCheckLine& line = found.lines[0];
  EXPECT_EQ(line.outcome, CheckOutcome::holds);
  EXPECT_EQ(line.relation, "exact");
  EXPECT_EQ(line.streams, (Ids{"shelves", "books"}));
  EXPECT_EQ(line.compared, 2);
  EXPECT_EQ(line.equal, 2);
  EXPECT_EQ(line.said, 2);
  EXPECT_EQ(line.read, 2);
  EXPECT_TRUE(line.examples.empty());
  EXPECT_TRUE(found.gaps.empty());
}

TEST(CrossChecker, LessThanSaidIsAGapWithParentAndCommandWhereTheRelationJudges) {
  for (const Relation relation : {Relation::exact, Relation::at_least, Relation::about}) {
    Library library;
    library.page("shelves", {}, shelves({{"a", 3}, {"b", 1}}));
    library.page("books", {"a"}, books({1, 2}));
    library.page("books", {"b"}, books({1}));
    const auto found = library.judge(counted(relation));
    const CrossCheckLine& line = found.lines.at(0);
    EXPECT_EQ(line.compared, 2);
    EXPECT_EQ(line.equal, 1);
    EXPECT_EQ(line.differing, 1);
    ASSERT_EQ(line.examples.size(), 1U);
    EXPECT_EQ(line.examples[0].group, (std::vector<std::pair<std::string, std::string>>{{"shelf_id", "a"}}));
    EXPECT_EQ(line.examples[0].said, 3);
    EXPECT_EQ(line.examples[0].read, 2);
    if (relation == Relation::about) {
      EXPECT_EQ(line.outcome, CheckOutcome::differs_explained);
      EXPECT_TRUE(found.gaps.empty());
      continue;
    }
    EXPECT_EQ(line.outcome, CheckOutcome::fails);
    ASSERT_EQ(found.gaps.size(), 1U);
    EXPECT_EQ(found.gaps[0].stream, "books");
    EXPECT_EQ(found.gaps[0].parent, line.examples[0].group);
    EXPECT_EQ(found.gaps[0].command, "read it again");
    EXPECT_NE(found.gaps[0].reason.find("says 3, and 2 were read"), std::string::npos) << found.gaps[0].reason;
  }
}

TEST(CrossChecker, LessThanIsOwedIsAnExceptionWithTheExplanation) {
  Library library;
  library.page("shelves", {}, shelves({{"a", 3}, {"b", 1}}));
  library.page("books", {"a"}, books({1, 2}));
  library.page("books", {"b"}, books({1, 2}));
  const auto found = library.judge(counted(Relation::owed));
  EXPECT_EQ(found.lines.at(0).outcome, CheckOutcome::differs_explained);
  EXPECT_TRUE(found.gaps.empty());
  ASSERT_EQ(found.exceptions.size(), 1U);
  EXPECT_EQ(found.exceptions[0].stream, "books");
  EXPECT_EQ(found.exceptions[0].parent, (std::vector<std::pair<std::string, std::string>>{{"shelf_id", "a"}}));
  EXPECT_EQ(found.exceptions[0].reason, "books of a shelf: Books are lent.");
  EXPECT_EQ(found.exceptions[0].command, "");
}

TEST(CrossChecker, SeveralFieldsMayHoldWhatIsAskedForAlsoWithinLists) {
  Library library;
  library.page("shelves", {}, shelves({{"a", 3}}));
  library.page("books", {"a"},
               R"({"books":[{"id":1,"state":"","folder":null},{"id":2,"folder":[]},{"id":3,"folder":[{"text":""},{"text":null}]},
               {"id":4},{"id":5,"state":"x"},{"id":6,"state":"","folder":[{"text":""},{"text":"y"}]},{"id":7,"folder":{"text":"z"}}]})");
  CrossCheck check = counted(Relation::exact);
  check.read.where = "state+folder.text!=";
  EXPECT_EQ(library.judge(check).lines.at(0).read, 3);
  check.read.where = "state+folder.text=";
  EXPECT_EQ(library.judge(check).lines.at(0).read, 4);
}

TEST(CrossChecker, MoreThanSaidIsNoGap) {
  for (const auto& [relation, outcome] :
       std::vector<std::pair<Relation, CheckOutcome>>{{Relation::exact, CheckOutcome::differs_explained},
                                                      {Relation::at_least, CheckOutcome::holds},
                                                      {Relation::about, CheckOutcome::differs_explained}}) {
    Library library;
    library.page("shelves", {}, shelves({{"a", 1}}));
    library.page("books", {"a"}, books({1, 2}));
    const auto found = library.judge(counted(relation));
    EXPECT_EQ(found.lines.at(0).outcome, outcome);
    EXPECT_TRUE(found.gaps.empty());
  }
}

TEST(CrossChecker, ARecordOnTwoPagesCountsOnce) {
  Library library;
  library.page("shelves", {}, shelves({{"a", 5}}));
  library.page("books", {"a"}, books({3, 4, 5}));  // pages may come in any order
  library.page("books", {"a"}, books({1, 2, 3}));
  library.page("books", {"a"}, books({1, 2, 3}));
  const auto found = library.judge(counted(Relation::exact));
  EXPECT_EQ(found.lines.at(0).outcome, CheckOutcome::holds);
  EXPECT_EQ(found.lines.at(0).read, 5);
}

TEST(CrossChecker, RecordsOfOneIdBelowTwoParentsAreTwo) {
  Library library;
  library.page("shelves", {}, shelves({{"a", 1}, {"b", 1}}));
  library.page("books", {"a"}, books({1}));
  library.page("books", {"b"}, books({1}));
  CrossCheck check = counted(Relation::exact);
  check.said.by = check.read.by = "";
  EXPECT_EQ(library.judge(check).lines.at(0).read, 2);
}

TEST(CrossChecker, OnlyTheLastWholeReadingCounts) {
  Library library;
  library.page("shelves", {}, shelves({{"a", 9}}));
  library.page("shelves", {}, shelves({{"a", 2}}), 2);
  library.page("books", {"a"}, books({1, 2, 3, 4}));
  library.page("books", {"a"}, books({1, 2}), 2);
  const auto found = library.judge(counted(Relation::exact));
  EXPECT_EQ(found.lines.at(0).outcome, CheckOutcome::holds);
  EXPECT_EQ(found.lines.at(0).said, 2);
  EXPECT_EQ(found.lines.at(0).read, 2);
}

TEST(CrossChecker, WhatWasReadBeforeARefreshCountsOnlyWhereItMakesUpForLess) {
  Library library;
  library.page("shelves", {}, shelves({{"a", 9}, {"b", 3}, {"c", 3}}));
  library.page("books", {"a"}, books({1, 2, 3, 4}));
  library.page("books", {"b"}, books({1, 2, 3}));
  library.page("books", {"c"}, books({1, 2}));
  library.refresh();
  library.page("shelves", {}, shelves({{"a", 2}, {"b", 3}, {"c", 3}}));
  library.page("books", {"a"}, books({1, 2}));
  library.page("books", {"b"}, books({2, 3}));  // 1 was taken away since, and the shelf's number lags
  library.page("books", {"c"}, books({1, 2}));  // one was never seen
  const auto found = library.judge(counted(Relation::exact));
  const CrossCheckLine& line = found.lines.at(0);
  EXPECT_EQ(line.outcome, CheckOutcome::fails);
  EXPECT_EQ(line.said, 8);
  EXPECT_EQ(line.read, 6);
  EXPECT_EQ(line.differing, 2);
  ASSERT_EQ(found.gaps.size(), 1U);
  EXPECT_EQ(found.gaps[0].parent, (std::vector<std::pair<std::string, std::string>>{{"shelf_id", "c"}}));
  EXPECT_EQ(found.doubts, (std::set<CrossChecker::Doubt>{{"shelves", {}}, {"books", {"c"}}}));
  EXPECT_NE(line.explanation.find("are no more"), std::string::npos) << line.explanation;
}

TEST(CrossChecker, TheLastWordOnARecordCountsOfAllThatEverWas) {
  Library library;
  library.page("shelves", {}, shelves({{"a", 2}}));
  library.page("books", {"a"}, R"({"books":[{"id":1,"state":"here"},{"id":2,"state":"here"}]})");
  library.refresh();
  library.page("shelves", {}, shelves({{"a", 2}}));
  library.page("books", {"a"}, R"({"books":[{"id":1,"state":"lent"},{"id":2,"state":"here"}]})");
  CrossCheck check = counted(Relation::exact);
  check.read.where = "state=here";
  EXPECT_EQ(library.judge(check).lines.at(0).outcome, CheckOutcome::fails);
}

TEST(CrossChecker, ARecordThatChangedLatelyMayHaveBeenAnything) {
  for (const auto& [changed, outcome] :
       std::vector<std::pair<std::string, CheckOutcome>>{{"2026-05-01T11:00:00+00:00", CheckOutcome::holds},
                                                         {"2026-05-01T13:30:00+00:00", CheckOutcome::holds},
                                                         {"2026-05-01T10:59:59+00:00", CheckOutcome::fails},
                                                         {"", CheckOutcome::fails}}) {
    Library library;
    library.page("shelves", {}, shelves({{"a", 2}}));
    library.page("books", {"a"}, R"({"books":[{"id":1,"state":"lent","folder":")" + changed + R"("},{"id":2,"state":"here"}]})");
    CrossCheck check = counted(Relation::at_least);
    check.read.where = "state=here";
    check.read.lately = "folder";
    EXPECT_EQ(library.judge(check).lines.at(0).outcome, outcome) << changed;
  }
}

TEST(CrossChecker, ARecordInTwoSweepsCountsOnce) {
  std::vector<Stream> swept = streams();
  swept[1].sweeps = {"", "state=lent"};
  Library library;
  library.page("shelves", {}, shelves({{"a", 2}}));
  library.page("books", {"a"}, books({1}), 1, UnitState::complete, 0);
  library.page("books", {"a"}, books({1}), 1, UnitState::complete, 1);
  const auto found = library.judge(counted(Relation::exact), "", swept);
  EXPECT_EQ(found.lines.at(0).read, 1);
  EXPECT_EQ(found.lines.at(0).outcome, CheckOutcome::fails);
}

TEST(CrossChecker, AddsFieldsAndCountsWhatConditionsLetThrough) {
  Library library;
  library.page("shelves", {}, shelves({{"a", 300}, {"b", 0}}));
  library.page("books", {"a"}, books({1, 2, 3}));
  library.page("books", {"b"}, books({}));
  CrossCheck check = counted(Relation::exact);
  check.read.sum = "pages";
  EXPECT_EQ(library.judge(check).lines.at(0).read, 300);
  check.read.sum = "pages+pages";
  EXPECT_EQ(library.judge(check).lines.at(0).read, 600);
  check.read.where = "state=lent";
  EXPECT_EQ(library.judge(check).lines.at(0).read, 200);
  check.read.where = "state=lent|here folder.id=";
  EXPECT_EQ(library.judge(check).lines.at(0).read, 600);
  check.read.where = "state=";
  EXPECT_EQ(library.judge(check).lines.at(0).outcome, CheckOutcome::fails);
}

TEST(CrossChecker, GroupsByAFieldAndLeavesAloneWhatNobodySpokeOf) {
  Library library;
  library.page("folders", {}, R"({"folders":[{"id":7,"files":2},{"id":8,"files":1}],"total_items":2})");
  library.page("shelves", {}, shelves({{"a", 0}, {"b", 0}}));
  library.page("books", {"a"}, R"({"books":[{"id":1,"folder":{"id":7}},{"id":2,"folder":{"id":0}},{"id":3}]})");
  library.page("books", {"b"}, R"({"books":[{"id":1,"folder":{"id":"7"}}]})");
  const CrossCheck check{.name = "books of a folder",
                         .said = {.stream = "folders", .sum = "files", .by = "id"},
                         .read = {.stream = "books", .by = "folder.id"},
                         .relation = Relation::exact};
  const auto found = library.judge(check);
  EXPECT_EQ(found.lines.at(0).compared, 2);
  EXPECT_EQ(found.lines.at(0).equal, 1);
  ASSERT_EQ(found.gaps.size(), 1U);
  EXPECT_EQ(found.gaps[0].parent, (std::vector<std::pair<std::string, std::string>>{{"folder.id", "8"}}));
}

TEST(CrossChecker, TheLastPagesWordCountsOfWhatAPageSays) {
  Library library;
  library.page("shelves", {}, shelves({{"a", 100}}, R"(,"sum":900)"));
  library.page("shelves", {}, shelves({{"b", 200}}, R"(,"sum":3.0e2)"));
  const CrossCheck check{.name = "sum of the shelves",
                         .said = {.stream = "shelves", .sum = "sum", .of_page = true},
                         .read = {.stream = "shelves", .sum = "count"},
                         .relation = Relation::exact};
  const auto found = library.judge(check);
  EXPECT_EQ(found.lines.at(0).outcome, CheckOutcome::holds);
  EXPECT_EQ(found.lines.at(0).said, 300);
  EXPECT_EQ(found.lines.at(0).streams, (Ids{"shelves"}));
}

TEST(CrossChecker, WhatIsNotSaidIsNotCompared) {
  for (const std::string number : {R"("count":null)", R"("other":1)", R"("count":"many")", R"("count":-1)", R"("count":[1])"}) {
    Library library;
    library.page("shelves", {}, R"({"shelves":[{"id":"a",)" + number + "}]}");
    library.page("books", {"a"}, books({}));
    const auto found = library.judge(counted(Relation::exact));
    EXPECT_EQ(found.lines.at(0).outcome, CheckOutcome::not_made) << number;
    EXPECT_EQ(found.lines.at(0).not_made, 1) << number;
    EXPECT_TRUE(found.gaps.empty()) << number;
  }
}

TEST(CrossChecker, IsNotMadeOfWhatWasLeftOutOrNotReadToItsEnd) {
  for (const auto& [table, state] : std::vector<std::pair<std::string, StreamState>>{{"shelves", StreamState::excluded},
                                                                                     {"books", StreamState::excluded},
                                                                                     {"shelves", StreamState::incomplete},
                                                                                     {"shelves", StreamState::not_permitted}}) {
    Library library;
    library.state(table, state);
    library.page("shelves", {}, shelves({{"a", 3}}));
    library.page("books", {"a"}, books({1}));
    const auto found = library.judge(counted(Relation::exact));
    EXPECT_EQ(found.lines.at(0).outcome, CheckOutcome::not_made);
    EXPECT_EQ(found.lines.at(0).reason, table + ": " + std::string(name_of(state)));
    EXPECT_TRUE(found.gaps.empty());
  }
}

TEST(CrossChecker, ParentsThatCouldNotBeReadAreLeftOutAlone) {
  Library library;
  library.page("shelves", {}, shelves({{"a", 3}, {"b", 3}, {"c", 3}, {"d", 3}, {"e", 1}, {"f", 3}}));
  library.end("books", {"a"}, UnitState::gone);
  library.end("books", {"b"}, UnitState::not_permitted);
  library.page("books", {"c"}, books({1}), 1, UnitState::incomplete);
  library.page("books", {"d"}, books({1, 2}));
  library.page("books", {"d"}, Library::kDamaged);
  library.page("books", {"e"}, books({1}));  // and of f nothing was asked
  library.state("books", StreamState::incomplete);
  const auto found = library.judge(counted(Relation::exact));
  const CrossCheckLine& line = found.lines.at(0);
  EXPECT_EQ(line.outcome, CheckOutcome::holds);
  EXPECT_EQ(line.compared, 1);
  EXPECT_EQ(line.not_made, 5);
  EXPECT_EQ(line.said, 1);
  EXPECT_FALSE(line.reason.empty());
  EXPECT_TRUE(found.gaps.empty());
}

TEST(CrossChecker, AWholeAccountIsNotComparedWhereAPartIsMissing) {
  Library library;
  library.page("shelves", {}, shelves({{"a", 3}, {"b", 1}}));
  library.end("books", {"a"}, UnitState::gone);
  library.page("books", {"b"}, books({1}));
  CrossCheck check = counted(Relation::exact);
  check.said.by = check.read.by = "";
  const auto found = library.judge(check);
  EXPECT_EQ(found.lines.at(0).outcome, CheckOutcome::not_made);
  EXPECT_EQ(found.lines.at(0).reason, "books: gone");
}

TEST(CrossChecker, IsNotMadeInATestRunOrWhereThereIsNothing) {
  Library library;
  library.page("shelves", {}, shelves({{"a", 3}}));
  library.page("books", {"a"}, books({1}));
  const auto found = library.judge(counted(Relation::exact), "a test run");
  EXPECT_EQ(found.lines.at(0).outcome, CheckOutcome::not_made);
  EXPECT_TRUE(found.gaps.empty());
  Library empty;
  empty.page("shelves", {}, shelves({}));
  EXPECT_EQ(empty.judge(counted(Relation::exact)).lines.at(0).reason, "there is nothing to compare");
}

TEST(CrossChecker, TheLargestDifferencesAreTheExamples) {
  Library library;
  std::vector<std::pair<std::string, int>> said;
  for (int i = 0; i < 20; ++i) {
    said.emplace_back(fmt::format("s{:02}", i), i);
    library.page("books", {said.back().first}, books({}));
  }
  library.page("shelves", {}, shelves(said));
  const auto found = library.judge(counted(Relation::exact));
  ASSERT_EQ(found.lines.at(0).examples.size(), 5U);
  EXPECT_EQ(found.lines.at(0).examples.front().said, 19);
  EXPECT_EQ(found.lines.at(0).examples.back().said, 15);
  EXPECT_EQ(found.gaps.size(), 19U);
}

}  // namespace
}  // namespace chimplift
