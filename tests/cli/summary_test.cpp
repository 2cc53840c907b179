// The last words of a run.
#include "cli/summary.hpp"

#include <gmock/gmock.h>

#include "archive/folder_tree.hpp"

namespace chimplift {
namespace {

using testing::HasSubstr;
using testing::Not;

/// A pull of one account with so many gaps, each for a reason of its own.
RunResult pulled_with(int gaps) {
  RunResult result;
  AccountResult& account = result.accounts.emplace_back();
  account.account_name = "acme";
  account.gaps.emplace();
  for (int i = 0; i < gaps; ++i) {
    const std::string number = std::to_string(i);
    account.gaps->push_back({"list_members", {{"list_id", "l" + number}}, "", "status 50" + number, "chimplift sync"});
  }
  return result;
}

std::string text_of(const RunResult& result) {
  Settings settings;
  settings.archive = folder_tree("here");
  return summary_text(Command::pull, result, settings, {}, false);
}

TEST(Summary, OfAPullNamesItsGapsUpToAScreenful) {
  EXPECT_THAT(text_of(pulled_with(0)), Not(HasSubstr("Gaps")));
  const std::string few = text_of(pulled_with(2));
  EXPECT_THAT(few, HasSubstr("Gaps (2)"));
  EXPECT_THAT(few, HasSubstr("list_members list_id=l1: status 501"));
  EXPECT_THAT(few, Not(HasSubstr("more")));
  const std::string many = text_of(pulled_with(25));
  EXPECT_THAT(many, HasSubstr("Gaps (25)"));
  EXPECT_THAT(many, HasSubstr("… and 5 more, the state of each table: chimplift status --archive here --account acme"));
}

}  // namespace
}  // namespace chimplift
