// Bodies with links into the archive: when they are made, and when they are made again.
#include "inventory/local_bodies.hpp"

#include <gtest/gtest.h>

#include "archive/folder_tree.hpp"
#include "base/hash.hpp"
#include "inventory/discovery.hpp"
#include "support/temporary_folder.hpp"

namespace chimplift {
namespace {

constexpr const char* kImage = "https://x/a.png";

class LocalBodies : public testing::Test {
 protected:
  LocalBodies()
      : archive(*AccountArchive::open(*folder_tree(folder.path()), "acme", false)),
        settings{{}, *Selection::of({}, {}), folder_tree(folder.path()), {}} {}

  void keep_content(const std::string& campaign, const std::string& body) {
    PageToKeep page;
    page.record.unit = {"campaign_content", {campaign}, 0};
    page.record.records = 1;
    page.record.received_at = "2026-11-23T19:22:05.000000Z";
    page.envelope.stream = "campaign_content";
    page.body = body;
    archive->keep(std::move(page));
  }
  void keep_image(FileOutcome outcome, const std::string& bytes) {
    FileRecord image;
    image.kind = kImages;
    image.id = image.source_url = kImage;
    image.outcome = outcome;
    const bool is_fetched = outcome == FileOutcome::fetched;
    if (is_fetched) image.path = "campaigns/images/" + sha256_hex(bytes) + ".png";
    archive->keep(FileToKeep{image, is_fetched ? std::optional(bytes) : std::nullopt, {}});
  }
  std::string local(const std::string& name) { return read_file(folder.path() / "acme" / "files" / "campaigns" / name).value_or("none"); }
  /// The ledger's lines that name local versions.
  std::size_t made() {
    EXPECT_TRUE(make_local_bodies(*archive, settings));
    std::size_t lines = 0;
    LedgerReader reader = *archive->ledger();
    for (auto record = *reader.next(archive->durable()); record; record = *reader.next(archive->durable())) {
      const auto* file = std::get_if<FileRecord>(&*record);
      if (file != nullptr && file->kind == kLocalBodies) ++lines;
    }
    return lines;
  }

  TemporaryFolder folder;
  std::unique_ptr<AccountArchive> archive;
  Settings settings;
};

TEST_F(LocalBodies, EveryBodyOfHtmlHasOneAndTextsHaveNone) {
  keep_image(FileOutcome::fetched, "png");
  keep_content("c1", R"({"html":"<img src=\"https://x/a.png\">","plain_text":"https://x/a.png","archive_html":"<p>no image</p>",
                         "variate_contents":[{"html":"<img src=https://x/a.png>","plain_text":"x"}]})");
  EXPECT_EQ(made(), 3U);
  EXPECT_EQ(local("c1.local.html"), "<img src=\"images/" + sha256_hex("png") + ".png\">");
  EXPECT_EQ(local("c1.archive.local.html"), "<p>no image</p>");
  EXPECT_EQ(local("c1.variant-1.local.html"), "<img src=images/" + sha256_hex("png") + ".png>");
  EXPECT_EQ(local("c1.local.txt"), "none");
}

TEST_F(LocalBodies, AreMadeAgainWhenAnImageCameLaterOrAnotherOneCame) {
  keep_image(FileOutcome::missing, "");
  keep_content("c1", R"({"html":"<img src='https://x/a.png'>"})");
  EXPECT_EQ(made(), 1U);
  EXPECT_EQ(local("c1.local.html"), "<img src='https://x/a.png'>");
  EXPECT_EQ(made(), 1U) << "nothing is new";
  keep_image(FileOutcome::fetched, "png");
  EXPECT_EQ(made(), 2U);
  EXPECT_EQ(local("c1.local.html"), "<img src='images/" + sha256_hex("png") + ".png'>");
  keep_image(FileOutcome::fetched, "other");
  EXPECT_EQ(made(), 3U);
  EXPECT_EQ(local("c1.local.html"), "<img src='images/" + sha256_hex("other") + ".png'>");
}

// A browser takes the mark above what the page declares, and above its guess.
TEST_F(LocalBodies, SayThatTheyAreUtf8WhereTheBodyDoesNot) {
  const std::string mark = "\xEF\xBB\xBF";
  const std::pair<std::string, bool> bodies[] = {{"<p>plain</p>", false},
                                                 {"<p>caf\u00e9</p>", true},
                                                 {"<meta charset=iso-8859-1><p>caf\u00e9</p>", true},
                                                 {"<meta charset='UTF-8'><p>caf\u00e9</p>", false},
                                                 {"<meta http-equiv=Content-Type content='text/html; charset=utf-8'>\u20ac", false},
                                                 {mark + "<p>caf\u00e9</p>", false},
                                                 {std::string(1024, ' ') + "<meta charset=utf-8>caf\u00e9", true}};
  for (const auto& [body, has_mark] : bodies) {
    keep_content("c1", R"({"html":")" + body + "\"}");
    made();
    EXPECT_EQ(local("c1.local.html"), (has_mark ? mark : "") + body);
  }
}

TEST_F(LocalBodies, AreMadeAgainWhenTheBodyChanged) {
  keep_content("c1", R"({"html":"<p>old</p>"})");
  keep_content("c2", R"({"html":"<p>other</p>"})");
  EXPECT_EQ(made(), 2U);
  keep_content("c1", R"({"html":"<p>new</p>"})");
  EXPECT_EQ(made(), 3U);
  EXPECT_EQ(local("c1.local.html"), "<p>new</p>");
  EXPECT_EQ(made(), 3U) << "the older page must not win";
}

TEST_F(LocalBodies, AreMadeAgainWhereTheyAreNotRecordedOrGone) {
  keep_content("c1", R"({"html":"<p>one</p>"})");
  EXPECT_EQ(made(), 1U);
  std::filesystem::remove(folder.path() / "acme" / "files" / "campaigns" / "c1.local.html");
  EXPECT_EQ(made(), 2U);
  // As after a kill between the file and the ledger's line.
  keep_content("c2", R"({"html":"<p>two</p>"})");
  ASSERT_TRUE(archive->flush());
  ASSERT_TRUE(write_file(folder.path() / "acme" / "files" / "campaigns" / "c2.local.html", "<p>tw"));
  EXPECT_EQ(made(), 3U);
  EXPECT_EQ(local("c2.local.html"), "<p>two</p>");
}

// Whether Mailchimp still has the campaign or not: the page in which it came is there.
TEST_F(LocalBodies, ABodyThatWasDamagedIsMadeAgainFromItsPage) {
  keep_content("c1", R"({"html":"<p>old</p>"})");
  keep_content("c1", R"({"html":"<p>one</p>","plain_text":"one"})");
  for (const std::string id : {"c1.html", "c1.txt"}) {
    archive->keep(FileToKeep{{.kind = "campaigns", .id = id, .path = "campaigns/" + id, .outcome = FileOutcome::fetched},
                             id == "c1.html" ? "<p>one</p>" : "one",
                             {}});
    archive->keep(FileToKeep{{.kind = "campaigns", .id = id, .outcome = FileOutcome::damaged}, std::nullopt, {}});
  }
  ASSERT_TRUE(archive->flush());
  for (const std::string id : {"c1.html", "c1.txt"}) ASSERT_TRUE(write_file(folder.path() / "acme" / "files" / "campaigns" / id, "<p>on"));
  EXPECT_EQ(made(), 1U);
  EXPECT_EQ(local("c1.html"), "<p>one</p>");
  EXPECT_EQ(local("c1.txt"), "one");
  const FileLedger ledger = *read_file_ledger(*archive);
  EXPECT_EQ(ledger.files.at({"campaigns", "c1.html"}).sha256, sha256_hex("<p>one</p>"));
  EXPECT_EQ(ledger.files.at({"campaigns", "c1.html"}).content_type, "text/html");
  EXPECT_EQ(ledger.files.at({"campaigns", "c1.txt"}).content_type, "text/plain");
  EXPECT_FALSE(ledger.files.contains({"campaigns", "c1.archive.html"}));
}

/// It is verify's to name, and keeps nothing else from being made.
TEST_F(LocalBodies, OfAPageThatCannotBeParsedThereIsNone) {
  keep_content("c1", R"({"html":"<p>o)");
  keep_content("c2", R"({"html":"<p>two</p>"})");
  EXPECT_EQ(made(), 1U);
  EXPECT_EQ(local("c2.local.html"), "<p>two</p>");
}

TEST_F(LocalBodies, HostileIdsStayInTheirFolder) {
  keep_content("../../c", R"({"html":"<p>x</p>"})");
  EXPECT_EQ(made(), 1U);
  EXPECT_EQ(local("%2E.%2F..%2Fc.local.html"), "<p>x</p>");
}

TEST_F(LocalBodies, PagesOfOtherFoldersLinkAcross) {
  keep_image(FileOutcome::fetched, "png");
  PageToKeep page;
  page.record.unit = {"template_default_content", {"7"}, 0};
  page.record.records = 1;
  page.record.received_at = "2026-11-23T19:22:05.000000Z";
  page.envelope.stream = "template_default_content";
  page.body = R"({"sections":{"header / top":"<img src=https://x/a.png>","text":5}})";
  archive->keep(std::move(page));
  EXPECT_EQ(made(), 1U);
  EXPECT_EQ(read_file(folder.path() / "acme" / "files" / "template_sections" / "7.header%20%2F%20top.local.html").value_or("none"),
            "<img src=../campaigns/images/" + sha256_hex("png") + ".png>");
}

}  // namespace
}  // namespace chimplift
