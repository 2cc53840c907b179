// What is named and stands in no list, without an account.
#include "inventory/mentions.hpp"

#include <gmock/gmock.h>

#include "mailchimp/catalogue.hpp"

namespace chimplift {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const UnitId kA{"campaigns", {"a"}, 0};
const UnitId kB{"campaigns", {"b"}, 0};

class MentionsTest : public testing::Test {
 protected:
  static void list(Mentions& mentions, std::vector<std::string> ids) {
    Discovery page;
    page.ids = std::move(ids);
    mentions.note(*find_stream("campaigns"), page);
  }
  Mentions mentions;
};

TEST_F(MentionsTest, AreJudgedWhenTheirListWasReadAndOnce) {
  mentions.add(kA);
  mentions.add(kB);
  list(mentions, {"b"});
  EXPECT_FALSE(mentions.has_news());
  EXPECT_THAT(mentions.take_unlisted(), IsEmpty());
  mentions.set_read("campaigns");
  EXPECT_TRUE(mentions.has_news());
  EXPECT_THAT(mentions.take_unlisted(), ElementsAre(kA));
  mentions.add(kA);
  EXPECT_FALSE(mentions.has_news());
  EXPECT_THAT(mentions.take_unlisted(), IsEmpty());
}

TEST_F(MentionsTest, OfOneListDoNotWaitForAnother) {
  mentions.add(kA);
  mentions.add({"campaign_stats", {"a"}, 0});
  mentions.set_read("campaign_stats");
  EXPECT_THAT(mentions.take_unlisted(), ElementsAre(UnitId{"campaign_stats", {"a"}, 0}));
}

TEST_F(MentionsTest, AreLookedForAgainInAListThatIsReadAnew) {
  mentions.add(kA);
  mentions.add(kB);
  list(mentions, {"b"});
  mentions.set_read("campaigns");
  EXPECT_THAT(mentions.take_unlisted(), ElementsAre(kA));
  mentions.begin_anew({"campaigns", "lists"});
  EXPECT_THAT(mentions.take_unlisted(), IsEmpty());
  list(mentions, {"a"});
  mentions.set_read("campaigns");
  EXPECT_THAT(mentions.take_unlisted(), ElementsAre(kB));
}

}  // namespace
}  // namespace chimplift
