// What a page leads to.
#include "inventory/discovery.hpp"

#include <gmock/gmock.h>

#include "mailchimp/catalogue.hpp"

namespace chimplift {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Discovery discovered(const char* table, const std::vector<std::string>& parents, const std::string& body) {
  const Discoverer discoverer(*find_stream(table), *Selection::of({}, {}));
  return discoverer.discover(parents, body, *read_page(body, discoverer.shape()));
}

/// The addresses of the pictures that a page names.
std::vector<std::string> pictures(const char* table, const std::vector<std::string>& parents, const std::string& body) {
  std::vector<std::string> addresses;
  const Discovery found = discovered(table, parents, body);
  EXPECT_TRUE(found.without_address.empty()) << "a picture that is not there is no gap";
  for (const WantedFile& file : found.files) {
    EXPECT_EQ(file.kind, kImages);
    EXPECT_EQ(file.id, file.url);
    EXPECT_FALSE(file.used_in_id.empty());
    addresses.push_back(file.url);
  }
  return addresses;
}

TEST(Discovery, TheRecordThatWasAskedForByItsIdIsKnownByIt) {
  const Selection selection = *Selection::of({}, {});
  for (const char* table : {"campaigns", "campaign_stats"}) {
    const Stream& list = *find_stream(table);
    const Discoverer one(*by_id(list), selection);
    const auto is_asked_for = [&one](const char* body) { return one.is_asked_for({"c1"}, *read_page(body, one.shape())); };
    EXPECT_TRUE(is_asked_for(R"({"id":"c1","emails_sent":3})")) << table;
    EXPECT_FALSE(is_asked_for(R"({"id":"c2","emails_sent":3})")) << table;
    EXPECT_FALSE(is_asked_for(R"({"emails_sent":3})")) << table;
    EXPECT_FALSE(is_asked_for("{}")) << table;
  }
  const Stream& content = *find_stream("campaign_content");
  const Discoverer below(content, selection);
  EXPECT_TRUE(below.is_asked_for({"c1"}, *read_page(R"({"html":""})", below.shape()))) << "other records have no id to be known by";
}

TEST(Discovery, TagsAreAskedForOfEachContactThatMayHaveSome) {
  const Discovery found = discovered("list_members", {"l1"},
                                     R"({"members":[{"id":"none","tags_count":0,"tags":[]},
                                     {"id":"one","tags_count":1,"tags":[{"id":7,"name":"a"}]},
                                     {"id":"miscounted","tags_count":0,"tags":[{"id":7,"name":"a"}]},
                                     {"id":"unsaid","tags":[]}],"total_items":4})");
  std::vector<std::string> asked;
  std::size_t notes = 0;
  for (const UnitId& child : found.children) {
    if (child.stream == "member_tags") asked.push_back(child.parents.back());
    notes += child.stream == "member_notes" ? 1 : 0;
  }
  EXPECT_THAT(asked, ElementsAre("one", "miscounted", "unsaid")) << "tags in the record have no date_added";
  EXPECT_EQ(notes, 4U);
}

TEST(Discovery, AParentMayBeNamedByItsChildrenAlone) {
  const Discovery found = discovered("campaigns", {}, R"({"campaigns":[{"id":"child","parent_campaign_id":"p1","emails_sent":0},
                                     {"id":"own","parent_campaign_id":"","emails_sent":0}],"total_items":2})");
  // What each counts as sent says nothing of its report: that of an RSS campaign has the e-mails of its children.
  EXPECT_THAT(found.mentioned, testing::UnorderedElementsAre(UnitId{"campaigns", {"p1"}, 0}, UnitId{"campaign_stats", {"p1"}, 0},
                                                             UnitId{"campaign_stats", {"child"}, 0}, UnitId{"campaign_stats", {"own"}, 0}));
  const Discovery flows = discovered("automations", {}, R"({"automations":[{"id":"w1","emails_sent":0}],"total_items":1})");
  EXPECT_THAT(flows.mentioned, testing::UnorderedElementsAre(UnitId{"campaigns", {"w1"}, 0}, UnitId{"campaign_stats", {"w1"}, 0}));
}

// Of a kind of file that has no preview, say. A file itself that is no address is missing.
TEST(Discovery, APreviewThatIsNoAddressNamesNothing) {
  const Discoverer discoverer(*find_stream("stored_files"));
  const std::string page = R"({"files":[{"id":1,"full_size_url":"/a.pdf","thumbnail_url":"/icons/pdf.png","size":3}]})";
  const Discovery found = discoverer.discover({}, page, *read_page(page, discoverer.shape()));
  ASSERT_EQ(found.files.size(), 1U);
  EXPECT_EQ(found.files[0].url, "/a.pdf");
}

TEST(Discovery, PicturesThatRecordsNameAreImages) {
  const auto form = [](const std::string& header) {
    return R"({"signup_forms":[{"signup_form_url":"https://f","header":)" + header + "}]}";
  };
  EXPECT_THAT(pictures("list_signup_forms", {"l1"}, form(R"({"image_url":"//i.example/a.png","image_link":"https://shop.example/"})")),
              ElementsAre("https://i.example/a.png"))
      << "what the picture links to is none";
  for (const char* header : {R"({"image_url":""})", R"({"image_url":"none"})", R"({"image_url":null})", "{}", "null", R"("https://x")"})
    EXPECT_THAT(pictures("list_signup_forms", {"l1"}, form(header)), IsEmpty()) << header;
  EXPECT_THAT(pictures("list_signup_forms", {"l1"}, R"({"signup_forms":[{"signup_form_url":"https://f","contents":[
                       {"section":"signup_message","value":"Join <img src='https://i.example/m.png'>"},{"section":"unsub_message"},
                       {"section":"signup_thank_you_title","value":"https://i.example/no.png"}]}]})"),
              ElementsAre("https://i.example/m.png"))
      << "its texts are HTML";
  EXPECT_THAT(pictures("facebook_ads", {}, R"({"facebook_ads":[{"id":"a","thumbnail":" https://i.example/t.png",
                       "content":{"image_url":" https://i.example/1.png ","link_url":"https://shop.example/",
                       "attachments":[{"image_url":"https://i.example/2.png","link_url":"https://shop.example/2"}]}},
                       {"id":"b","thumbnail":"A thumbnail","content":{}},{"id":"c"}]})"),
              ElementsAre("https://i.example/t.png", "https://i.example/1.png", "https://i.example/2.png"));
  EXPECT_THAT(pictures("campaigns", {}, R"({"campaigns":[{"id":"c","social_card":{"image_url":"https://i.example/c.png"}},{"id":"d"}]})"),
              ElementsAre("https://i.example/c.png"));
  EXPECT_THAT(pictures("facebook_ad_stats", {}, R"({"facebook_ads":[{"id":"a","thumbnail":"https://i.example/t.png"},{"id":"b"}]})"),
              ElementsAre("https://i.example/t.png"));
  EXPECT_THAT(
      pictures("automation_emails", {"w1"},
               R"({"emails":[{"id":"e","emails_sent":0,"social_card":{"image_url":"https://i.example/c.png","title":"https://t"}}]})"),
      ElementsAre("https://i.example/c.png"));
}

}  // namespace
}  // namespace chimplift
