// What there must be, where earlier readings of the account say something else than the last one.
#include "verify/expectations.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "support/small_archive.hpp"
#include "verify/verify.hpp"

namespace chimplift {
namespace {

using testing::HasSubstr;
using testing::Not;

Certificate certificate_of(SmallArchive& small) {
  EXPECT_TRUE(small.archive->flush());
  return verify_archive(*small.archive, small.settings, nullptr)->certificate;
}

std::string text_of(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) text += fmt::format("{} {}: {}\n", finding.stream, finding.file, finding.reason);
  return text;
}

/// Two campaigns whose bodies show one image.
struct OneImageTwice : SmallArchive {
  OneImageTwice() : SmallArchive("campaign_content") {
    keep_whole({"campaigns", {}, 0}, R"({"campaigns":[{"id":"c1"},{"id":"c2"}],"total_items":2})");
    for (const std::string campaign : {"c1", "c2"}) show("https://x/a.png", campaign);
    FileRecord had;
    had.kind = "images";
    had.id = had.source_url = "https://x/a.png";
    had.path = "images/a.png";
    had.content_type = "image/png";
    had.outcome = FileOutcome::fetched;
    archive->keep(FileToKeep{had, "png", {}});
  }
  void show(const std::string& image, const std::string& campaign) {
    keep_whole({"campaign_content", {campaign}, 0}, fmt::format(R"({{"html":"<img src=\"{}\">"}})", image));
  }
  void show_no_more(const std::string& campaign) {
    archive->keep(RefreshEvent{{"campaign_content"}, "now", {campaign}});
    keep_whole({"campaign_content", {campaign}, 0}, R"({"html":"<p>"})");
  }
  void say(FileOutcome outcome, const std::string& reason) {
    archive->keep(FileToKeep{
        .record = {.kind = "images", .id = "https://x/a.png", .source_url = "https://x/a.png", .outcome = outcome, .reason = reason},
        .content = std::nullopt,
        .temporary = {}});
  }
};

TEST(Expectations, AnImageThatOneRecordShowsNoMoreIsStillWhatAnotherShows) {
  OneImageTwice small;
  small.say(FileOutcome::damaged, "it was damaged");
  small.say(FileOutcome::failed, "no answer");
  small.show_no_more("c2");  // whose earlier page comes behind that of the first
  const Certificate certificate = certificate_of(small);
  EXPECT_THAT(text_of(certificate.gaps), HasSubstr("campaign_content https://x/a.png: no answer"));
  EXPECT_THAT(text_of(certificate.exceptions), Not(HasSubstr("a.png")));
  small.show_no_more("c1");
  EXPECT_THAT(text_of(certificate_of(small).gaps), Not(HasSubstr("a.png")));
}

const UnitId kReports{"campaign_stats", {}, 0};
const UnitId kLinks{"campaign_click_details", {"c1"}, 0};
const UnitId kClicks{"campaign_click_members", {"c1", "l1"}, 0};

/// One report with one link, of which the clicks did not come.
struct OneLink : SmallArchive {
  OneLink() : SmallArchive("campaign_stats") {
    keep_whole(kReports, R"({"reports":[{"id":"c1"}],"total_items":1})");
    keep_whole(kLinks, R"({"urls_clicked":[{"id":"l1"}],"total_items":1})");
    keep_end(kClicks, 0, {}, UnitState::incomplete);
  }
  /// Of the clicks and what else hangs below the report, by table.
  [[nodiscard]] static std::string gaps_below(const Certificate& certificate) {
    std::string tables;
    for (const Finding& gap : certificate.gaps) {
      if (!gap.parent.empty()) tables += gap.stream + " ";
    }
    return tables;
  }
};

// Nobody could close it: the pull asks for what its list names.
TEST(Expectations, WhatHangsBelowAReportThatWasDeletedIsNoGap) {
  OneLink small;
  EXPECT_THAT(OneLink::gaps_below(certificate_of(small)), HasSubstr("campaign_click_members"));
  small.archive->keep(RefreshEvent{{"campaign_stats"}, "now"});
  small.keep_whole(kReports, R"({"reports":[],"total_items":0})");
  EXPECT_EQ(OneLink::gaps_below(certificate_of(small)), "");
}

// The last page of any table says nothing of the others.
TEST(Verifier, TheOldestReadingThatCountsIsTheOneToSpeakOf) {
  SmallArchive small("stored_files");
  const UnitId folders{"stored_file_folders", {}, 0};
  const UnitId files{"stored_files", {}, 0};
  const std::string none = R"({"files":[],"total_items":0,"total_file_size":0})";
  const auto read = [&small](const UnitId& unit, const std::string& body, const std::string& day) {
    small.keep_page(unit, body, 1, {0, 1000}, "2026-11-" + day + "T00:00:00.000000Z");
    small.keep_end(unit, 0);
  };
  read(files, none, "01");
  read(folders, R"({"folders":[],"total_items":0})", "02");
  EXPECT_EQ(certificate_of(small).current_from, "2026-11-01T00:00:00.000000Z");
  small.archive->keep(RefreshEvent{{"stored_files"}, "now"});
  read(files, none, "20");
  const Certificate certificate = certificate_of(small);
  EXPECT_EQ(certificate.current_from, "2026-11-02T00:00:00.000000Z");
  EXPECT_EQ(certificate.pulled_to, "2026-11-20T00:00:00.000000Z");
}

TEST(Expectations, APageThatNobodyCouldReadIsNoGapWhenItWasReadAnew) {
  SmallArchive small("stored_files");
  const UnitId files{"stored_files", {}, 0};
  small.keep_whole({"stored_file_folders", {}, 0}, R"({"folders":[],"total_items":0})");
  small.keep_raw(files, R"({"files":"none"})", 0);
  small.keep_end(files, 0);
  EXPECT_THAT(text_of(certificate_of(small).gaps), HasSubstr("stored_files :"));
  small.archive->keep(RefreshEvent{{"stored_files"}, "now"});
  small.keep_whole(files, R"({"files":[],"total_items":0,"total_file_size":0})");
  EXPECT_EQ(text_of(certificate_of(small).gaps), "");
}

}  // namespace
}  // namespace chimplift
