// Pages of another Mailchimp account in an archive, which a key of that account has put there.
#include "verify/identity.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>

#include "support/small_archive.hpp"
#include "verify/verify.hpp"

namespace chimplift {
namespace {

using testing::HasSubstr;

const UnitId kAccount{"account", {}, 0};

/// An archive that is of the account "8f3a".
struct OneAccount : SmallArchive {
  OneAccount() : SmallArchive("account") { archive->keep(AccountEvent{"8f3a", "now"}); }
  void read_account(const std::string& id) {
    archive->keep(RefreshEvent{{"account"}, "now"});
    keep_whole(kAccount, fmt::format(R"({{"account_id":"{}","account_name":"Harbor"}})", id));
  }
  Certificate verify() {
    EXPECT_TRUE(archive->flush());
    return verify_archive(*archive, settings, nullptr)->certificate;
  }
};

std::string gaps_of_account(const Certificate& certificate) {
  std::string text;
  for (const Finding& gap : certificate.gaps) text += gap.stream == "account" ? gap.reason + "\n" : "";
  return text;
}

StreamState state_of_account(const Certificate& certificate) {
  return std::ranges::find(certificate.streams, "account", &StreamLine::table)->state;
}

TEST(VerifyIdentity, PagesOfTwoAccountsAreAGapWhicheverCameLast) {
  for (const std::vector<std::string>& ids : {std::vector<std::string>{"8f3a", "other"}, {"other", "8f3a"}, {"other"}}) {
    OneAccount small;
    for (const std::string& id : ids) small.read_account(id);
    const Certificate certificate = small.verify();
    EXPECT_THAT(gaps_of_account(certificate), HasSubstr("pages of two Mailchimp accounts are in this archive: it is of 8f3a"));
    EXPECT_THAT(gaps_of_account(certificate), HasSubstr("is of other;"));
    EXPECT_EQ(certificate.verdict, Verdict::not_safe);
    EXPECT_EQ(state_of_account(certificate), StreamState::incomplete);
  }
}

TEST(VerifyIdentity, PagesOfTheOneAccountAreNoGap) {
  OneAccount small;
  for (int i = 0; i < 2; ++i) small.read_account("8f3a");
  const Certificate certificate = small.verify();
  EXPECT_EQ(gaps_of_account(certificate), "");
  EXPECT_EQ(state_of_account(certificate), StreamState::complete);
}

TEST(VerifyIdentity, AnotherAccountIsNamedWhereTheStepIsLeftOutToo) {
  OneAccount small;
  small.read_account("other");
  small.settings.selection = *Selection::of({"account"}, {});
  const Certificate certificate = small.verify();
  EXPECT_THAT(gaps_of_account(certificate), HasSubstr("pages of two Mailchimp accounts"));
  EXPECT_EQ(state_of_account(certificate), StreamState::excluded);
}

TEST(VerifyIdentity, AnArchiveWhoseLedgerDoesNotSayWhoseItIsGoesByItsNewestAnswer) {
  for (const bool is_one : {true, false}) {
    SmallArchive small("account");
    for (const std::string& id : {std::string(is_one ? "8f3a" : "other"), std::string("8f3a")}) {
      small.archive->keep(RefreshEvent{{"account"}, "now"});
      small.keep_whole(kAccount, fmt::format(R"({{"account_id":"{}"}})", id));
    }
    ASSERT_TRUE(small.archive->flush());
    const Certificate certificate = verify_archive(*small.archive, small.settings, nullptr)->certificate;
    EXPECT_EQ(gaps_of_account(certificate).empty(), is_one) << gaps_of_account(certificate);
  }
}

}  // namespace
}  // namespace chimplift
