// Where a gap is said, and what its reason offers: of streams that nobody chose, and of those that the key may not read.
#include "verify/findings.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>

#include "base/text.hpp"
#include "support/small_archive.hpp"
#include "verify/verify.hpp"

namespace chimplift {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const UnitId kLists{"lists", {}, 0};
const std::vector<std::string> kSteps = {"list_segments", "segment_members", "member_details", "templates"};

/// An archive of no templates, whose lists the key may not read.
struct ForbiddenLists : SmallArchive {
  ForbiddenLists() : SmallArchive("templates") {
    keep_whole({"template_folders", {}, 0}, R"({"folders":[],"total_items":0})");
    keep_whole({"templates", {}, 0}, R"({"templates":[],"total_items":0})");
    end_lists(UnitState::not_permitted, "403 Forbidden: not for this role.");
    exclude({"lists"});
  }
  void end_lists(UnitState state, const std::string& reason) {
    archive->keep(EndRecord{kLists, state, reason, 0, 0, std::nullopt, std::nullopt, 1, false});
  }
  void exclude(const std::vector<std::string>& steps) {
    settings.selection = *Selection::of(steps, kSteps);
    settings.given["sync"] = {{"excluded-steps", join(steps, ",")}};
  }
  Certificate verify() {
    EXPECT_TRUE(archive->flush());
    return verify_archive(*archive, settings, nullptr)->certificate;
  }
};

StreamState state_of(const Certificate& certificate, const std::string& table) {
  return std::ranges::find(certificate.streams, table, &StreamLine::table)->state;
}

std::vector<std::string> tables_with_gaps(const Certificate& certificate) {
  std::vector<std::string> tables;
  for (const Finding& gap : certificate.gaps) tables.push_back(gap.stream);
  return tables;
}

std::vector<std::string> reasons_of(const Certificate& certificate) {
  std::vector<std::string> reasons;
  for (const Finding& gap : certificate.gaps) reasons.push_back(gap.reason);
  return reasons;
}

TEST(VerifyFindings, WhatHangsBelowAnExcludedStreamThatCouldNotBeReadIsNotComplete) {
  for (const UnitState state : {UnitState::not_permitted, UnitState::incomplete}) {
    ForbiddenLists small;
    small.end_lists(state, "no answer");
    const Certificate certificate = small.verify();
    EXPECT_EQ(certificate.verdict, Verdict::not_safe);
    for (const std::string table : {"list_segments", "segment_members", "member_tags", "member_notes"})
      EXPECT_EQ(state_of(certificate, table), StreamState::incomplete) << table;
    for (const std::string table : {"lists", "list_members"}) EXPECT_EQ(state_of(certificate, table), StreamState::excluded) << table;
    EXPECT_EQ(state_of(certificate, "templates"), StreamState::complete);
    // The chosen ones that stand next to it, and neither those below these nor what is excluded.
    std::vector<std::string> tables = tables_with_gaps(certificate);
    std::ranges::sort(tables);
    EXPECT_THAT(tables, ElementsAre("list_segments", "member_activity", "member_events", "member_goals", "member_notes", "member_tags"));
    EXPECT_THAT(reasons_of(certificate), Each(HasSubstr("its ids come from lists, which was left out itself")));
    EXPECT_THAT(certificate.gaps[0].command, HasSubstr("chimplift sync --account acme --excluded-steps lists"));
  }
}

TEST(VerifyFindings, AGapOfAStreamThatIsReadForWhatItMentionsStandsOnTheChosenOne) {
  SmallArchive small("campaign_content");
  ASSERT_TRUE(small.archive->flush());
  const Certificate certificate = verify_archive(*small.archive, small.settings, nullptr)->certificate;
  EXPECT_THAT(tables_with_gaps(certificate), Each("campaign_content"));
  EXPECT_THAT(join(reasons_of(certificate), "\n"), HasSubstr("its ids come from automations, which was left out itself"));
  EXPECT_EQ(state_of(certificate, "campaign_content"), StreamState::incomplete);
}

TEST(VerifyFindings, AGapThatTheKeysRoleMakesSaysWhatClosesIt) {
  ForbiddenLists small;
  const std::string reason = small.verify().gaps[0].reason;
  EXPECT_THAT(reason, HasSubstr("not for this role; sync can close this with a key of a user with the role Admin or Owner"));
  const std::string option = "--excluded-steps ";
  const std::size_t at = reason.find(option);
  ASSERT_NE(at, std::string::npos) << reason;
  const std::string steps = reason.substr(at + option.size(), reason.find(' ', at + option.size()) - at - option.size());
  EXPECT_TRUE(steps.starts_with("lists,")) << "what is left out already comes first: " << steps;
  small.exclude(split(steps, ','));
  EXPECT_THAT(reasons_of(small.verify()), ElementsAre()) << steps;
}

TEST(VerifyFindings, NobodyIsToldToLeaveOutAllThatThereIs) {
  SmallArchive small("stored_files");
  for (const std::string table : {"stored_file_folders", "stored_files"})
    small.archive->keep(EndRecord{{table, {}, 0}, UnitState::not_permitted, "403", 0, 0, std::nullopt, std::nullopt, 1, false});
  ASSERT_TRUE(small.archive->flush());
  const Certificate certificate = verify_archive(*small.archive, small.settings, nullptr)->certificate;
  EXPECT_EQ(certificate.gaps.size(), 2U);
  EXPECT_THAT(reasons_of(certificate), Each(HasSubstr("with a key of a user with the role Admin or Owner")));
  EXPECT_THAT(reasons_of(certificate), Each(Not(HasSubstr("--excluded-steps"))));
}

TEST(VerifyFindings, AGapThatTheNextRunClosesSaysNothingOfKeys) {
  ForbiddenLists small;
  small.end_lists(UnitState::incomplete, "no answer");
  EXPECT_THAT(reasons_of(small.verify()), Each(Not(HasSubstr("role"))));
}

}  // namespace
}  // namespace chimplift
