// Text on the screen: widths, cuts, tables and the progress block's lines.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.hpp"
#include "cli/progress_lines.hpp"
#include "cli/screen_text.hpp"
#include "cli/tables.hpp"
#include "mailchimp/catalogue.hpp"

namespace chimplift {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ScreenText, ShowsNothingThatMovesTheCursor) {
  EXPECT_EQ(shown("a\x1b[2Jb\r\nc\td"), "a [2Jb  c d");
  EXPECT_EQ(shown("\xC2\x9B"
                  "31m"),
            " 31m");  // C1
  EXPECT_EQ(shown("a\xE2\x80\xAE"
                  "b"),
            "a b");  // right-to-left override
  EXPECT_EQ(shown("caf\xC3\xA9 \xE2\x98\x95"), "café ☕");
  EXPECT_EQ(shown("\xFFx"), "\xEF\xBF\xBDx");
}

TEST(ScreenText, KnowsWidths) {
  EXPECT_EQ(width_of("abc"), 3);
  EXPECT_EQ(width_of("café"), 4);
  EXPECT_EQ(width_of("日本"), 4);
  EXPECT_EQ(width_of("\x1b[1mabc\x1b[0m"), 3);
  EXPECT_EQ(cut("abcdef", 4), "abc…");
  EXPECT_EQ(cut("日本語", 4), "日…");
  EXPECT_EQ(cut("abc", 3), "abc");
  EXPECT_EQ(width_of(cut("\x1b[1mabcdef\x1b[0m", 4)), 4);
  EXPECT_EQ(pad_left("é", 3), "  é");
  EXPECT_EQ(pad_right("日", 3), "日 ");
}

TEST(TextTable, Aligns) {
  TextTable table({"name", ">rows"});
  table.add({"a", "1,000"});
  table.add({"日本", "2"});
  EXPECT_EQ(table.text({}, ""), "name   rows\na     1,000\n日本      2\n");
}

/// The widest line of a text.
i64 widest(const std::string& text) {
  i64 width = 0;
  for (const std::string& line : split(text, '\n')) width = std::max(width, width_of(line));
  return width;
}

TEST(TextTable, FitsTheScreenAndLeavesOutWhatMattersLeast) {
  TextTable table({"step", "table", ">rows", "state"});
  table.may_lack({"step", "rows"});
  table.add({"lists", "list_members", "1,000", "complete"});
  const std::string whole = "step   table          rows  state\nlists  list_members  1,000  complete\n";
  EXPECT_EQ(table.text({}, ""), whole) << "into a pipe";
  EXPECT_EQ(table.text({.columns = 36}, ""), whole);
  EXPECT_EQ(table.text({.columns = 35}, ""), "step  table         rows state\nlists list_members 1,000 complete\n");
  EXPECT_EQ(table.text({.columns = 32}, ""), "table          rows  state\nlist_members  1,000  complete\n");
  EXPECT_EQ(table.text({.columns = 22}, ""), "table         state\nlist_members  complete\n");
  EXPECT_EQ(table.text({.columns = 16}, ""), "table        st…\nlist_members co…\n");
  for (i64 columns = 1; columns < 40; ++columns) EXPECT_LE(widest(table.text({.columns = columns})), columns);
}

AccountStatus status_of_every_stream() {
  AccountStatus account;
  account.account_name = "harbor_coffee";
  for (const Stream& stream : catalogue())
    account.lines.push_back({.table = std::string(stream.table),
                             .step = std::string(stream.step),
                             .state = StatusLine::State::not_permitted,
                             .units_ended = 12'345,
                             .records = 1'234'567,
                             .pages = 12'345,
                             .inside = ""});
  return account;
}

TEST(StatusText, TakesOneLineForEachTableAtEightyColumns) {
  AccountStatus account = status_of_every_stream();
  account.lines[0].inside = "list_members";
  EXPECT_GT(widest(status_text({account}, {})), 90) << "into a pipe";
  for (const std::string& line : split(status_text({account}, {.columns = 79}), '\n')) {
    const bool is_row = line.find("not permitted") != std::string::npos;
    EXPECT_LE(is_row ? width_of(line) : 0, 79) << line;
    EXPECT_EQ(line.find("…"), std::string::npos) << line;
  }
}

TEST(StatusText, SaysInWhichRecordsATableComes) {
  AccountStatus account;
  account.lines = {{.table = "cart_lines", .step = "ecommerce", .state = StatusLine::State::complete, .inside = "carts"},
                   {.table = "templates", .step = "templates", .state = StatusLine::State::excluded, .inside = ""}};
  const std::string text = status_text({account}, {});
  EXPECT_THAT(text, HasSubstr("complete" + std::string(21, ' ') + "in carts\n"));
  EXPECT_THAT(text, HasSubstr("excluded\n"));
}

TEST(PlanText, SaysWhatItsSumsAreWithout) {
  AccountPlan plan;
  plan.account_name = "harbor_coffee";
  plan.lines = {{.table = "lists", .step = "lists", .rows = 3, .requests = 1},
                {.table = "campaign_stats", .step = "campaign_stats", .rows = {}, .requests = 1, .reason = "403 Forbidden: not\x1b yours"}};
  EXPECT_THAT(plan_text({plan}, {}), AllOf(HasSubstr("403 Forbidden: not  yours\n"), HasSubstr("1 of these tables cannot be read")));
  plan.lines[1].reason = "";
  EXPECT_THAT(plan_text({plan}, {}), Not(HasSubstr("cannot be read")));
}

Snapshot snapshot_of(std::size_t accounts) {
  Snapshot snapshot;
  for (std::size_t i = 0; i < accounts; ++i) {
    AccountSnapshot account;
    account.name = "brand-" + std::to_string(i);
    account.units_known = 200;
    account.units_ended = 50;
    account.records = 1234;
    account.in_flight = 10;
    account.trouble = "lists: 429\x1b[2J Too Many Requests";
    snapshot.accounts.push_back(account);
  }
  return snapshot;
}

TEST(ProgressLines, FitTheScreenWhateverItsSize) {
  for (const std::size_t accounts : {0U, 1U, 2U, 3U, 4U, 12U, 100U}) {
    for (const i64 width : {1, 5, 20, 40, 79, 200}) {
      for (const i64 height : {0, 1, 3, 12, 50}) {
        const std::vector<std::string> lines = progress_lines(snapshot_of(accounts), width, height, {.on = true});
        EXPECT_LE(static_cast<i64>(lines.size()), std::min<i64>(height, 12));
        for (const std::string& line : lines) EXPECT_LE(width_of(line), width) << line;
      }
    }
  }
}

TEST(ProgressLines, SayWhatIsGoingOn) {
  const std::vector<std::string> lines = progress_lines(snapshot_of(1), 140, 20, {});
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_THAT(lines[0], HasSubstr("Reading Mailchimp"));
  EXPECT_THAT(lines[1], AllOf(HasSubstr("brand-0"), HasSubstr("50/200 collections"), HasSubstr("1,234 records"), HasSubstr("━━━━━━─")));
  EXPECT_THAT(lines[2], AllOf(HasSubstr("10/10 requests in flight"), HasSubstr("time left —")));
  EXPECT_THAT(lines[3], AllOf(HasSubstr("last trouble: lists: 429"), Not(HasSubstr("\x1b"))));
  EXPECT_THAT(progress_lines(snapshot_of(30), 100, 40, {}).back(), HasSubstr("0 of 30 read"));
}

TEST(ProgressLines, SayTheTimeLeftAtEightyColumns) {
  for (const std::size_t accounts : {1U, 12U}) {
    Snapshot snapshot = snapshot_of(accounts);
    for (AccountSnapshot& account : snapshot.accounts) {
      account.name = "a-name-of-twenty-four-chr";
      account.seconds_left = 3599;
      account.records = account.rows = 1'234'567;
      account.requests_per_second = account.rows_per_second = 12'345;
    }
    EXPECT_THAT(progress_lines(snapshot, 79, 12, {}), Contains(HasSubstr("59 min 59 s"))) << accounts;
  }
}

TEST(ProgressLines, EstimateOnlyFromWhatThisRunHasDone) {
  Progress progress;
  AccountProgress& account = progress.accounts.emplace_back();
  account.units_known = 1000;
  account.units_ended = 500;
  const Snapshot first = take_snapshot(progress, 1, nullptr, nullptr);
  account.units_ended = 510;
  EXPECT_FALSE(take_snapshot(progress, 11, &first, &first).accounts[0].seconds_left.has_value());  // too little to go by
  account.units_ended = 600;
  account.rows_loaded = 2000;
  const Snapshot later = take_snapshot(progress, 11, &first, &first);
  EXPECT_DOUBLE_EQ(later.accounts[0].seconds_left.value_or(0), 40);  // 100 in 10 s, 400 to go
  EXPECT_DOUBLE_EQ(later.accounts[0].rows_per_second, 200);
}

}  // namespace
}  // namespace chimplift
