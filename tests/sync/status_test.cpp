// What status says of tables whose collections the ledger need not know all of.
#include "sync/status.hpp"

#include <gtest/gtest.h>

#include "archive/account_archive.hpp"
#include "support/small_archive.hpp"

namespace chimplift {
namespace {

std::string state_of(const std::vector<AccountStatus>& all, const std::string& table) {
  EXPECT_FALSE(all.at(0).error) << all.at(0).error->message;
  for (const StatusLine& line : all.at(0).lines) {
    if (line.table == table) return std::string(name_of(line.state));
  }
  return "no line";
}

TEST(Status, WithoutACertificateATableBelowRecordsIsOnlyReadSoFar) {
  SmallArchive small("conversations");
  small.keep_whole({"conversations", {}, 0}, R"({"conversations":[{"id":"c1"},{"id":"c2"}],"total_items":2})");
  small.keep_whole({"conversation_messages", {"c1"}, 0}, R"({"conversation_messages":[{"id":"m1"}],"total_items":1})");
  ASSERT_TRUE(small.archive->flush());
  small.archive.reset();
  small.settings.accounts = {*make_account("acme", "0123456789abcdef0123456789abcdef-us12", "", "")};
  const std::vector<AccountStatus> all = status(small.settings);
  EXPECT_EQ(state_of(all, "conversations"), "complete");
  EXPECT_EQ(state_of(all, "conversation_messages"), "read so far") << "the messages of the second were never begun";
}

}  // namespace
}  // namespace chimplift
