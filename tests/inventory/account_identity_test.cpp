// Which Mailchimp account an archive is of.
#include "inventory/account_identity.hpp"

#include <gtest/gtest.h>

#include "archive/folder_tree.hpp"
#include "inventory/ledger_view.hpp"
#include "support/temporary_folder.hpp"

namespace chimplift {
namespace {

class AccountIdentity : public testing::Test {
 protected:
  std::unique_ptr<AccountArchive> open() { return *AccountArchive::open(*folder_tree(folder.path()), "acme", false); }
  static void keep_answer(AccountArchive& archive, const std::string& body) {
    PageToKeep page;
    page.record.unit = {"account", {}, 0};
    page.record.records = 1;
    page.record.received_at = "2026-11-23T19:22:05.000000Z";
    page.envelope.stream = "account";
    page.body = body;
    archive.keep(std::move(page));
    ASSERT_TRUE(archive.flush());
  }
  TemporaryFolder folder;
};

TEST_F(AccountIdentity, IsWhatTheLedgerSays) {
  EXPECT_EQ(*account_id_of(*open()), "");
  {
    const auto archive = open();
    archive->keep(AccountEvent{"8f3a", "now"});
    EXPECT_EQ(*account_id_of(*archive), "8f3a") << "at once, for a second look in the same run";
    ASSERT_TRUE(archive->flush());
  }
  EXPECT_EQ(*account_id_of(*open()), "8f3a");
  EXPECT_EQ(*account_id_of(**AccountArchive::open_to_read(*folder_tree(folder.path()), "acme")), "8f3a");
}

TEST_F(AccountIdentity, IsThatOfTheLastAnswerWhereTheLedgerDoesNotSay) {
  const auto archive = open();
  keep_answer(*archive, R"({"account_id":"first"})");
  keep_answer(*archive, R"({"account_id":"8f3a","email":"a@b.c"})");
  EXPECT_EQ(*account_id_of(*archive), "8f3a");
  keep_answer(*archive, R"({"email":"a@b.c"})");
  EXPECT_EQ(*account_id_of(*archive), "") << "nothing is made up";
}

TEST_F(AccountIdentity, IsDescribedByTheNewestAnswerThatCanBeRead) {
  const auto described = [this] {
    const auto archive = *AccountArchive::open_to_read(*folder_tree(folder.path()), "acme");
    return *described_account(*archive, view_ledger(*archive)->pages);
  };
  {
    const auto archive = open();
    archive->keep(AccountEvent{"8f3a", "now"});
    ASSERT_TRUE(archive->flush());
  }
  EXPECT_EQ(described().id, "8f3a") << "as the ledger says, also where the record itself was not read";
  EXPECT_EQ(described().name, "");
  keep_answer(*open(), R"({"account_id":"8f3a","account_name":"Harbor","email":"old@harbor.example"})");
  keep_answer(*open(), R"({"account_id":"8f3a","account_name":"Harbor Coffee Ltd","email":"owner@harbor.example"})");
  EXPECT_EQ(described().id, "8f3a");
  EXPECT_EQ(described().name, "Harbor Coffee Ltd");
  EXPECT_EQ(described().login, "owner@harbor.example");
}

}  // namespace
}  // namespace chimplift
