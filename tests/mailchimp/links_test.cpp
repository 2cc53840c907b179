#include "mailchimp/links.hpp"

#include <gmock/gmock.h>

namespace chimplift {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

TEST(ImageLinks, AreFoundWhereverABrowserWouldFindThem) {
  EXPECT_THAT(image_links(R"(<img src="https://x/a.png"><img src='https://x/b.png'><img src=https://x/c.png>)"),
              ElementsAre("https://x/a.png", "https://x/b.png", "https://x/c.png"));
  EXPECT_THAT(image_links(R"(<table background="https://x/a.png"><tr><td BACKGROUND='https://x/b.png'></table>)"),
              ElementsAre("https://x/a.png", "https://x/b.png"));
  EXPECT_THAT(
      image_links(
          R"x(<div style="background:URL( 'https://x/a.png' ) , url(https://x/b.png)"><p style='background:url("https://x/c.png")'>)x"),
      ElementsAre("https://x/a.png", "https://x/b.png", "https://x/c.png"));
  EXPECT_THAT(image_links("<style>.a{background:url(https://x/a.png)} @media x{.b{background:url('https://x/b.png')}}</style>"),
              ElementsAre("https://x/a.png", "https://x/b.png"));
  EXPECT_THAT(
      image_links(
          R"(<img srcset="https://x/a.png 1x, https://x/b,c.png 2x,https://x/d.png"><video poster="https://x/e.png"><input type=image src="https://x/f.png">)"),
      ElementsAre("https://x/a.png", "https://x/b,c.png", "https://x/d.png", "https://x/e.png", "https://x/f.png"));
  EXPECT_THAT(
      image_links(
          R"(<!--[if gte mso 9]><v:fill type="tile" src="https://x/a.png"/><![endif]--><!--[if !mso]><!--><img src="https://x/b.png"><!--<![endif]-->)"),
      ElementsAre("https://x/a.png", "https://x/b.png"));
  EXPECT_THAT(image_links(R"(<svg><image href="https://x/a.png"/><image xlink:href="https://x/b.png"/><a href="https://x/c"/></svg>)"),
              ElementsAre("https://x/a.png", "https://x/b.png"));
}

TEST(ImageLinks, VideoAndSoundAreFoundLikeImages) {
  EXPECT_THAT(
      image_links(R"(<video src="https://x/a.mp4" poster="https://x/a.png"></video><audio src="https://x/b.mp3"></audio>
                             <video><source src="https://x/c.mp4"><source src="https://x/c.webm"><track src="https://x/c.vtt"></video>)"),
      ElementsAre("https://x/a.mp4", "https://x/a.png", "https://x/b.mp3", "https://x/c.mp4", "https://x/c.webm", "https://x/c.vtt"));
}

TEST(ImageLinks, OfMailchimpsHostsThoseWithAMergeTagAreNamed) {
  EXPECT_THAT(image_links(R"(<img src="https://mcusercontent.com/t.png?u=*|UNIQID|*"><img src="https://x/t.png?u=*|UNIQID|*">
                             <img src="https://us1.list-manage.com/track/open.php?u=*|UNIQID|*"><img src="https://*|HOST|*.mailchimp.com/a.png">
                             <img src="https://gallery.mailchimp.com/a.png#*|UNIQID|*">)"),
              ElementsAre("https://mcusercontent.com/t.png?u=*|UNIQID|*", "https://gallery.mailchimp.com/a.png"));
  EXPECT_TRUE(has_merge_tag("https://mcusercontent.com/t.png?u=*|UNIQID|*"));
  EXPECT_FALSE(has_merge_tag("https://mcusercontent.com/t.png?u=*&v=|"));
}

TEST(MailchimpHosts, AreItsOwnAndThoseBelowThem) {
  for (const char* host :
       {"mailchimp.com", "gallery.mailchimp.com", "mcusercontent.com", "mailchi.mp", "pages.mailchi.mp", "chimpstatic.com",
        "brand.us12.list-manage.com", "brand.us4.list-manage1.com", "brand.us4.list-manage2.com", "us19.campaign-archive.com",
        "us9.campaign-archive1.com", "us9.campaign-archive2.com", "brand.mailchimpsites.com"})
    EXPECT_TRUE(is_mailchimp_host(host)) << host;
  for (const char* host :
       {"", "com", "notmailchimp.com", "mailchimp.com.example.com", "maillist-manage.com", "list-manage3.com", "chimp.com"})
    EXPECT_FALSE(is_mailchimp_host(host)) << host;
}

// A price list that a campaign links goes with the account; a shop's does not, and a click is not to be counted.
TEST(ImageLinks, WhatIsOnlyLinkedIsFoundOnMailchimpsFileHosts) {
  constexpr const char* kPage =
      R"(<a href="https://mcusercontent.com/u/files/1/list.pdf#page=2">a</a><a href='//gallery.mailchimp.com/u/files/b.pdf'>b</a>)"
      R"(<object data="https://mcusercontent.com/u/files/c.svg"></object><meta property="og:image" content="https://mcusercontent.com/u/images/d.png">)"
      R"(<embed src="https://mcusercontent.com/u/_compresseds/e.jpg"><a href="https://mcusercontent.com/u/">page</a>)"
      R"(<a href="https://us1.list-manage.com/track/click?u=1">click</a><a href="https://shop.example/files/f.pdf">f</a>)"
      R"(<a href="https://mailchi.mp/u/files/g">g</a><meta content="width=device-width">)";
  EXPECT_THAT(image_links(kPage),
              UnorderedElementsAre("https://mcusercontent.com/u/files/1/list.pdf", "https://gallery.mailchimp.com/u/files/b.pdf",
                                   "https://mcusercontent.com/u/files/c.svg", "https://mcusercontent.com/u/images/d.png",
                                   "https://mcusercontent.com/u/_compresseds/e.jpg"));
  EXPECT_EQ(with_images_replaced(R"(<a href="https://mcusercontent.com/u/files/1/list.pdf#page=2">a</a>)",
                                 [](const std::string&) { return std::optional<std::string>("images/1.pdf"); }),
            R"(<a href="images/1.pdf#page=2">a</a>)");
}

TEST(ImageLinks, AStyleThatIsNotClosedHidesNothing) {
  EXPECT_THAT(image_links(R"(<div style="background-image:url(https://x.example/hero.png">)"), ElementsAre("https://x.example/hero.png"));
  EXPECT_THAT(image_links(R"(<style>/* url('oops */ a{background:url(https://x.example/a.png)}</style>)"),
              ElementsAre("https://x.example/a.png"));
  EXPECT_THAT(image_links("<style>a{background:url(https://x.example/a.png}\n b{color:red}</style>"), IsEmpty())
      << "the rest is no address";
}

TEST(ImageLinks, EntitiesAreDecodedAndAddressesMadeWhole) {
  EXPECT_THAT(image_links(R"(<img src="https://x/a.png?b=1&amp;c=2&#38;d=3"><img src=" //x/b.png "><img src="https://x/c.png#top">)"),
              ElementsAre("https://x/a.png?b=1&c=2&d=3", "https://x/b.png", "https://x/c.png"));
  EXPECT_THAT(image_links("<img src=\"https://x/a\n.png\">"), ElementsAre("https://x/a.png"));
  EXPECT_THAT(image_links(R"(<img src="http:\\x\a.png?b=\c"><img src="\\x/d.png">)"),
              ElementsAre("http://x/a.png?b=\\c", "https://x/d.png"));
}

TEST(ImageLinks, EachComesOnceInThePagesOrder) {
  EXPECT_THAT(image_links(R"(<img src="https://x/b"><img src="https://x/a"><img src="https://x/b"><img src="https://x/b#c">)"),
              ElementsAre("https://x/b", "https://x/a"));
}

TEST(ImageLinks, WhatIsNoImageOfAServerIsLeftOut) {
  EXPECT_THAT(image_links(R"(<img src="data:image/png;base64,AA"><img src="cid:1"><img src="*|IMAGE|*"><img src="https://x/*|UNIQID|*.png">
                             <img src="a.png"><img src="/a.png"><img src=""><img><img src="javascript:x"><img src="file:///etc/passwd"><img src="http://">
                             <img src="https://user:word@x/a.png"><a href="https://x/page"><script src="https://x/a.js"></script><iframe src="https://x/f"></iframe>
                             <style>@import url(https://x/a.css); @font-face{src:url(https://x/a.woff)}</style><!-- <img src="https://x/comment.png"> -->)"),
              IsEmpty());
}

TEST(ImageLinks, TrackersAreLeftOutBecauseAskingCountsAsAnOpen) {
  EXPECT_THAT(image_links(R"(<img src="https://brand.us12.list-manage.com/track/open.php?u=1&amp;id=2&amp;e=3" height="1" width="1">
                             <img src="https://BRAND.list-manage.com/TRACK/OPEN?u=1"><img src="https://x/a.png">)"),
              ElementsAre("https://x/a.png"));
}

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST(ImageLinks, HostileHtmlNeitherCrashesNorHidesWhatFollows) {
  const std::string image = R"(<img src="https://x/a.png">)";
  // gumbo's time grows with the square of the depth: 3,000 is what takes no time here.
  for (const std::string& html :
       {repeated("<div>", 3000) + image, repeated("<span>", 3000) + image, repeated("</p>", 50'000) + image, repeated("<b>", 3000) + image,
        repeated("<!--[if x]>", 1000) + "<![endif]-->" + image, "<div " + std::string(5'000'000, 'a') + ">" + image,
        std::string("\0\xFF\xFE<", 4) + image, "<" + image, repeated("&", 1'000'000) + image}) {
    EXPECT_THAT(image_links(html), ElementsAre("https://x/a.png")) << html.substr(0, 30);
  }
  for (const char* html :
       {"", "<", "<img", "<img src=", "<img src=\"https://x/a.png", "<style>a{background:url(", "<!--[if", "<!--[if mso]>"}) {
    image_links(html);
  }
  EXPECT_THAT(image_links(repeated("<img src=\"https://x/a.png\" srcset=\"https://x/b.png 1x,,, ,\">", 10'000)), SizeIs(2));
}

}  // namespace
}  // namespace chimplift
