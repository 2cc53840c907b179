// Two names for one Mailchimp account: side by side they would have twenty requests under way there.
#include <gmock/gmock.h>

#include "answers.hpp"

namespace chimplift::e2e {
namespace {

TEST(SameAccount, IsReadUnderOneOfTwoNames) {
  Answers answers;
  answers.give("/templates", {R"({"templates":[],"total_items":0})"});
  answers.give("/template-folders", {R"({"folders":[],"total_items":0})"});
  Settings settings = answers.settings_for({"templates"});
  settings.accounts.push_back(settings.accounts.front());
  settings.accounts.back().name = "store";
  settings.accounts.back().key = Secret("fedcba9876543210fedcba9876543210-us12");
  Progress progress;
  for (const Account& account : settings.accounts) progress.accounts.emplace_back().account_name = account.name;
  settings.progress = &progress;
  const RunResult result = sync(settings);
  EXPECT_EQ(result.failure(), ErrorKind::usage);
  int refused = 0;
  for (const AccountResult& account : result.accounts) {
    if (!account.error) continue;
    ++refused;
    EXPECT_EQ(account.error->kind, ErrorKind::usage);
    EXPECT_THAT(account.error->message, testing::HasSubstr("opens the same Mailchimp account"));
    EXPECT_EQ(account.requests, 1) << "whose key it is";
  }
  EXPECT_EQ(refused, 1);
  EXPECT_EQ(answers.asked("/templates"), 1);
}

}  // namespace
}  // namespace chimplift::e2e
