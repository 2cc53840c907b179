// Where a run goes on, from an archive whose pages the test writes by hand.
#include "pull/resume.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

#include "base/hash.hpp"
#include "inventory/file_ledger.hpp"
#include "inventory/ledger_view.hpp"
#include "pull/file_work.hpp"
#include "support/small_archive.hpp"

namespace chimplift {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const UnitId kConversations{"conversations", {}, 0};
const UnitId kMessages{"conversation_messages", {"c1"}, 0};
constexpr const char* kConversationsPage = R"({"conversations":[{"id":"c1","message_count":1}],"total_items":1})";
constexpr const char* kMessagesPage = R"({"conversation_messages":[{"id":"m1"}],"total_items":1})";

class ResumeTest : public testing::Test {
 protected:
  explicit ResumeTest(const std::string& steps = "conversations") : small(steps) {
    for (const Stream* stream : small.settings.selection.pulled())
      discoverers.emplace(stream, Discoverer(*stream, small.settings.selection));
  }
  Resumed resume() {
    EXPECT_TRUE(small.archive->flush());
    small.reopen();
    Result<Resumed> resumed = take_up(small.settings.selection, *small.archive, discoverers, false);
    EXPECT_TRUE(resumed) << resumed.error().message;
    return std::move(*resumed);
  }
  /// Overwrites all pages of a stream.
  void damage(const std::string& stream) {
    EXPECT_TRUE(small.archive->flush());
    for (const auto& file : std::filesystem::recursive_directory_iterator(small.folder.path())) {
      if (!file.is_regular_file() || file.path().parent_path().filename() != stream) continue;
      const std::string nothing(file.file_size(), 'x');
      std::ofstream(file.path(), std::ios::binary) << nothing;
    }
  }

  SmallArchive small;
  Discoverers discoverers;
};

class ResumeOfBodies : public ResumeTest {
 protected:
  ResumeOfBodies() : ResumeTest("campaign_content") {
    small.keep_whole({"campaigns", {}, 0}, R"({"campaigns":[{"id":"c1"}],"total_items":1})");
    small.keep_whole({"campaign_content", {"c1"}, 0},
                     R"({"plain_text":"Hello","html":"<p>Hello <img src='https://a.example.com/1.png'></p>"})");
  }
};

// Those of all campaigns may be more than the memory that there is.
TEST_F(ResumeOfBodies, HoldsNoneAndReadsEachAgainWhereItIsWanted) {
  const Resumed resumed = resume();
  std::map<std::string, std::string> bodies;
  for (const WantedFile& file : resumed.files) {
    if (!file.content) continue;
    EXPECT_EQ(*file.content, "") << file.id;
    const Result<std::string> body = file.read_again();
    ASSERT_TRUE(body) << body.error().message;
    EXPECT_EQ(file.content_sha256, sha256_hex(*body));
    bodies[file.id] = *body;
  }
  EXPECT_EQ(bodies.at("c1.txt"), "Hello");
  EXPECT_THAT(bodies.at("c1.html"), testing::StartsWith("<p>Hello"));
}

TEST_F(ResumeOfBodies, OnesThatAreNotThereAreKeptOnceMore) {
  Resumed resumed = resume();
  FileWork work(*small.archive, "https://us1.api.mailchimp.com/3.0", false);
  ASSERT_TRUE(work.add(std::move(resumed.files), resumed.known_files.records, 0));
  ASSERT_TRUE(small.archive->flush());
  const Result<FileLedger> ledger = read_file_ledger(*small.archive);
  ASSERT_TRUE(ledger);
  EXPECT_EQ(ledger->files.at({"campaigns", "c1.txt"}).sha256, sha256_hex("Hello"));
  EXPECT_EQ(ledger->files.at({"campaigns", "c1.txt"}).bytes, 5);
}

TEST_F(ResumeOfBodies, OfAnArchiveThatWasFinishedHasTheFilesOfWhatIsNotReadAnew) {
  small.archive->keep(FinishedEvent{Freshness(small.settings.selection).selected_tables(), "2026-11-27T00:00:00.000000Z"});
  small.archive->keep(RefreshEvent{{"campaigns"}, "2026-11-27T00:00:01.000000Z", {}});
  small.keep_whole({"campaigns", {}, 0}, R"({"campaigns":[{"id":"c1"},{"id":"c2"}],"total_items":2})");
  const Resumed resumed = resume();
  ASSERT_FALSE(resumed.is_done()) << "the second one's content is lacking";
  EXPECT_TRUE(std::ranges::any_of(resumed.files, [](const WantedFile& file) { return file.id == "c1.html"; }))
      << "the file of the first one may be damaged or gone";
}

TEST_F(ResumeTest, OfAnEmptyArchiveTheRootsAreToBeRead) {
  const Resumed resumed = resume();
  EXPECT_THAT(resumed.waiting, ElementsAre(kConversations));
  EXPECT_THAT(resumed.begun, IsEmpty());
  EXPECT_FALSE(resumed.is_done());
}

TEST_F(ResumeTest, WhatAPageLeadsToIsToBeRead) {
  small.keep_whole(kConversations, kConversationsPage);
  const Resumed resumed = resume();
  EXPECT_TRUE(resumed.units.is_settled(kConversations));
  EXPECT_THAT(resumed.waiting, ElementsAre(kMessages));
  EXPECT_EQ(resumed.units.count(), 2);
  EXPECT_EQ(resumed.units.ended(), 1);
}

TEST_F(ResumeTest, NothingIsLeftOfWhatHasEnded) {
  small.keep_whole(kConversations, kConversationsPage);
  small.keep_whole(kMessages, kMessagesPage);
  const Resumed resumed = resume();
  EXPECT_TRUE(resumed.is_done());
  EXPECT_EQ(resumed.units.ended(), 2);
}

TEST_F(ResumeTest, WhatHadComeToItsEndWhenTheRunWasStoppedEnds) {
  small.keep_whole(kConversations, kConversationsPage);
  small.keep_page(kMessages, kMessagesPage);
  const Resumed resumed = resume();
  ASSERT_THAT(resumed.begun, SizeIs(1));
  EXPECT_EQ(resumed.begun[0].unit->id, kMessages);
  EXPECT_EQ(resumed.begun[0].records, 1);
  ASSERT_TRUE(resumed.begun[0].ending);
  EXPECT_EQ(resumed.begun[0].ending->outcome, Collection::Outcome::complete);
  EXPECT_TRUE(resumed.is_done());
  EXPECT_TRUE(resumed.units.is_settled(kMessages));
}

TEST_F(ResumeTest, WhatWasBegunGoesOn) {
  small.keep_page(kConversations, R"({"conversations":[{"id":"c1","message_count":1}],"total_items":3000})");
  const Resumed resumed = resume();
  ASSERT_THAT(resumed.begun, SizeIs(1));
  EXPECT_FALSE(resumed.begun[0].ending);
  EXPECT_FALSE(resumed.is_done());
  EXPECT_THAT(resumed.waiting, ElementsAre(kMessages));
}

TEST_F(ResumeTest, ACollectionWithADamagedPageIsReadAnew) {
  small.keep_whole(kConversations, kConversationsPage);
  small.keep_whole(kMessages, kMessagesPage);
  damage("conversations");
  const Resumed resumed = resume();
  EXPECT_THAT(resumed.damaged, IsEmpty());
  EXPECT_THAT(resumed.waiting, ElementsAre(kConversations));
  EXPECT_TRUE(resumed.units.is_settled(kMessages)) << "it is found again with its parent's record, which is then not the same";
  EXPECT_TRUE(view_ledger(*small.archive)->refreshed.contains("conversations"));
}

TEST_F(ResumeTest, OfAnArchiveThatWasFinishedADamagedPageAsksForNothingByItself) {
  small.keep_whole(kConversations, kConversationsPage);
  small.keep_whole(kMessages, kMessagesPage);
  small.archive->keep(FinishedEvent{{"conversations", "conversation_messages"}, kThen});
  damage("conversations");
  const Resumed resumed = resume();
  EXPECT_THAT(resumed.damaged, ElementsAre(kConversations));
  EXPECT_TRUE(resumed.is_done());
  EXPECT_TRUE(resumed.freshness.was_finished());
  EXPECT_FALSE(view_ledger(*small.archive)->refreshed.contains("conversations")) << "a refresh of all is next";
}

TEST_F(ResumeTest, WhatWasBegunBelowAPageThatIsLostIsBegunAnew) {
  small.keep_page(kMessages, R"({"conversation_messages":[{"id":"m1"}],"total_items":3000})");
  const Resumed resumed = resume();
  EXPECT_THAT(resumed.waiting, ElementsAre(kConversations));
  EXPECT_THAT(resumed.begun, IsEmpty());
  ASSERT_TRUE(small.archive->flush());
  EXPECT_TRUE(view_ledger(*small.archive)->refreshed_below.contains({"conversation_messages", {"c1"}}));
}

}  // namespace
}  // namespace chimplift
