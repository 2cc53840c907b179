// Verification of archives that lack what no count shows.
#include "verify/verify.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "support/small_archive.hpp"

namespace chimplift {
namespace {

using testing::HasSubstr;
using testing::Not;

const UnitId kFolders{"stored_file_folders", {}, 0};
const UnitId kFiles{"stored_files", {}, 0};

Certificate certificate_of(SmallArchive& small) {
  EXPECT_TRUE(small.archive->flush());
  return verify_archive(*small.archive, small.settings, nullptr)->certificate;
}

std::string text_of(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) text += finding.stream + " " + finding.file + ": " + finding.reason + "\n";
  return text;
}

/// An archive of one stored file, which was fetched.
struct OneFile : SmallArchive {
  OneFile() : SmallArchive("stored_files") {
    keep_whole(kFolders, R"({"folders":[],"total_items":0})");
    say("https://x/1.png", 3);
    FileRecord file;
    file.kind = "stored_files";
    file.id = "1";
    file.path = "stored_files/1.png";
    file.content_type = "image/png";
    file.source_url = "https://x/1.png";
    file.expected_bytes = 3;
    file.outcome = FileOutcome::fetched;
    archive->keep(FileToKeep{file, "png", {}});
  }
  void say(const std::string& url, i64 size) {
    keep_whole(kFiles, fmt::format(R"({{"files":[{{"id":1,"full_size_url":"{}","size":{}}}],"total_items":1,"total_file_size":{}}})", url,
                                   size, size));
  }
};

TEST(Verifier, AFileThatIsAsItsPageSaysIsThere) {
  OneFile small;
  EXPECT_EQ(text_of(certificate_of(small).gaps), "");
}

TEST(Verifier, AFileWhosePageNamesAnotherAddressOrSizeNowIsNotTheOneThatIsThere) {
  for (const bool is_address : {true, false}) {
    OneFile small;
    small.archive->keep(RefreshEvent{{"stored_files"}, "now"});
    small.say(is_address ? "https://x/2.png" : "https://x/1.png", is_address ? 3 : 4);
    const Certificate certificate = certificate_of(small);
    EXPECT_EQ(certificate.verdict, Verdict::not_safe);
    EXPECT_THAT(text_of(certificate.gaps), HasSubstr("stored_files 1: not fetched yet"));
  }
}

// Whatever the pull made of it.
TEST(Verifier, ACollectionThatHasFewerRecordsThanMailchimpSaidIsAGap) {
  SmallArchive small("templates");
  small.keep_page({"templates", {}, 0}, R"({"templates":[{"id":1},{"id":2}],"total_items":3})");
  small.archive->keep(EndRecord{{"templates", {}, 0}, UnitState::complete, "", 2, 2, 3, 3, 1, false});
  const Certificate certificate = certificate_of(small);
  EXPECT_EQ(certificate.verdict, Verdict::not_safe);
  EXPECT_THAT(text_of(certificate.gaps), HasSubstr("Mailchimp says 3 records, and 2 were read"));
}

// The folder says how many files it has. What went minutes ago it may still count; what went weeks ago hides nothing that is lacking now.
TEST(Verifier, WhatWentLongAgoDoesNotPayForWhatIsLackingNow) {
  for (const bool is_long_ago : {true, false}) {
    SmallArchive small("stored_files");
    const UnitId files{"stored_files", {}, 0};
    const auto say = [&](int count, const std::string& at) {
      std::string list;
      for (int id = 1; id <= count; ++id) list += (id > 1 ? "," : "") + fmt::format(R"({{"id":{},"folder_id":1,"size":1}})", id);
      small.keep_page(files, fmt::format(R"({{"files":[{}],"total_items":{},"total_file_size":{}}})", list, count, count), 1, {0, 1000},
                      at);
      small.keep_end(files, count);
    };
    small.keep_whole({"stored_file_folders", {}, 0}, R"({"folders":[{"id":1,"file_count":3}],"total_items":1})");
    say(3, is_long_ago ? "2026-11-02T19:22:05.000000Z" : "2026-11-23T19:12:05.000000Z");
    small.archive->keep(RefreshEvent{{"stored_files"}, "now"});
    say(2, kThen);
    const Certificate certificate = certificate_of(small);
    const auto check = std::ranges::find(certificate.cross_checks, "files of a folder", &CrossCheckLine::name);
    ASSERT_NE(check, certificate.cross_checks.end());
    EXPECT_EQ(check->outcome, is_long_ago ? CheckOutcome::fails : CheckOutcome::differs_explained) << is_long_ago;
  }
}

// An audience that was deleted has pages of long ago, which are no longer the reading of anything.
TEST(Verifier, WhatWentLongAgoDoesNotPayWhereAnotherAudienceWasDeletedEither) {
  SmallArchive small("lists");
  const UnitId lists{"lists", {}, 0};
  const auto contacts = [&](const std::string& list, const std::vector<std::string>& ids, const std::string& at) {
    std::string members;
    for (const std::string& id : ids) members += (members.empty() ? "" : ",") + fmt::format(R"({{"id":"{}","status":"subscribed"}})", id);
    small.keep_page({"list_members", {list}, 0}, fmt::format(R"({{"members":[{}],"total_items":{}}})", members, ids.size()), 1, {0, 1000},
                    at);
    small.keep_end({"list_members", {list}, 0}, static_cast<i64>(ids.size()));
    small.keep_page({"list_members", {list}, 1}, R"({"members":[],"total_items":0})", 1, {0, 1000}, at);
    small.keep_end({"list_members", {list}, 1}, 0);
  };
  const std::string long_ago = "2026-10-02T19:22:05.000000Z";
  small.keep_whole(lists, R"({"lists":[{"id":"a","stats":{"member_count":3}},{"id":"b","stats":{"member_count":1}}],"total_items":2})");
  contacts("a", {"1", "2", "3"}, long_ago);
  contacts("b", {"9"}, long_ago);
  small.archive->keep(RefreshEvent{{"lists", "list_members"}, "now"});
  small.keep_whole(lists, R"({"lists":[{"id":"a","stats":{"member_count":3}}],"total_items":1})");
  contacts("a", {"1", "2"}, kThen);
  const Certificate certificate = certificate_of(small);
  const auto check = std::ranges::find(certificate.cross_checks, "subscribed contacts of an audience", &CrossCheckLine::name);
  ASSERT_NE(check, certificate.cross_checks.end());
  EXPECT_EQ(check->outcome, CheckOutcome::fails);
}

// By a run of the audiences alone, say: nothing asks for the notes then, and what was taken for gone is not.
TEST(Verifier, WhatWasTakenForDeletedAndIsListedAgainIsAGap) {
  SmallArchive small("member_details");
  const UnitId contacts{"list_members", {"l1"}, 0};
  const std::string page = R"({"members":[{"id":"b"}],"total_items":1})";
  small.keep_whole({"lists", {}, 0}, R"({"lists":[{"id":"l1"}],"total_items":1})");
  small.keep_whole(contacts, page);
  small.keep_end({"member_notes", {"l1", "b"}, 0}, 0, {}, UnitState::gone);
  EXPECT_THAT(text_of(certificate_of(small).gaps), Not(HasSubstr("listed again")));
  small.archive->keep(RefreshEvent{{"list_members"}, "now"});
  small.keep_whole(contacts, page);
  EXPECT_THAT(text_of(certificate_of(small).gaps), HasSubstr("member_notes : taken for deleted, and listed again since"));
}

TEST(Verifier, AFileThatIsInMailchimpNoMoreStaysAsItIs) {
  OneFile small;
  small.archive->keep(RefreshEvent{{"stored_files"}, "now"});
  small.say("https://x/2.png", 3);
  small.archive->keep(RefreshEvent{{"stored_files"}, "now"});
  small.keep_whole(kFiles, R"({"files":[],"total_items":0,"total_file_size":0})");
  EXPECT_EQ(text_of(certificate_of(small).gaps), "");
}

/// The file of OneFile with another word of the ledger on it.
FileToKeep word(FileOutcome outcome, const std::string& url, const std::string& reason) {
  return {.record = {.kind = "stored_files", .id = "1", .source_url = url, .expected_bytes = 3, .outcome = outcome, .reason = reason},
          .content = std::nullopt,
          .temporary = {}};
}

TEST(Verifier, AFileThatDoesNotComeFromItsNewAddressIsWhatItWas) {
  for (const FileOutcome outcome : {FileOutcome::missing, FileOutcome::failed}) {
    OneFile small;
    small.archive->keep(RefreshEvent{{"stored_files"}, "now"});
    small.say("https://x/2.png", 3);
    small.archive->keep(word(outcome, "https://x/2.png", "it did not come"));
    const Certificate current = certificate_of(small);
    // What Mailchimp has and does not give is a gap.
    if (outcome == FileOutcome::failed) {
      EXPECT_EQ(text_of(current.gaps), "stored_files 1: it did not come\n");
    } else {
      EXPECT_EQ(text_of(current.gaps), "");
      EXPECT_THAT(text_of(current.exceptions), HasSubstr("stored_files 1: it did not come; kept as it had come before"));
      EXPECT_EQ(current.files.at(0).fetched, 1);
    }
    small.archive->keep(RefreshEvent{{"stored_files"}, "now"});
    small.keep_whole(kFiles, R"({"files":[],"total_items":0,"total_file_size":0})");
    const Certificate later = certificate_of(small);
    EXPECT_EQ(text_of(later.gaps), "");
    EXPECT_THAT(text_of(later.exceptions), HasSubstr("stored_files 1: it did not come; kept as it had come before"));
    EXPECT_EQ(later.files.at(0).fetched, 1);
    std::filesystem::remove(small.folder.path() / "acme" / "files" / "stored_files" / "1.png");
    EXPECT_THAT(text_of(certificate_of(small).gaps), HasSubstr("is not in the archive"));
  }
}

TEST(Verifier, AFileWhosePageNamesItsOldAddressAgainIsThere) {
  OneFile small;
  small.archive->keep(word(FileOutcome::missing, "https://x/2.png", "it did not come"));
  const Certificate certificate = certificate_of(small);
  EXPECT_EQ(text_of(certificate.gaps), "");
  EXPECT_THAT(text_of(certificate.exceptions), Not(HasSubstr("stored_files 1")));
}

TEST(Verifier, AFileThatWasDamagedAndIsInMailchimpNoMoreIsNamed) {
  OneFile small;
  small.archive->keep(RefreshEvent{{"stored_files"}, "now"});
  small.keep_whole(kFiles, R"({"files":[],"total_items":0,"total_file_size":0})");
  small.archive->keep(word(FileOutcome::damaged, "https://x/1.png", "1.png is damaged"));
  // The pull that is to ask for it has not come to that.
  EXPECT_EQ(text_of(certificate_of(small).gaps), "stored_files 1: 1.png is damaged\n");
  for (const FileOutcome outcome : {FileOutcome::failed, FileOutcome::missing}) {
    small.archive->keep(word(outcome, "https://x/1.png", "it did not come"));
    const Certificate certificate = certificate_of(small);
    EXPECT_EQ(text_of(certificate.gaps), "");
    EXPECT_THAT(text_of(certificate.exceptions), HasSubstr("stored_files 1: what the archive had of it was damaged, and it could not be "
                                                           "fetched again: it did not come"));
    EXPECT_EQ(certificate.files.at(0).expected, 1);
    EXPECT_EQ(certificate.files.at(0).missing, 1);
  }
  // What Mailchimp still names it still has.
  small.archive->keep(word(FileOutcome::failed, "https://x/1.png", "it did not come"));
  small.archive->keep(RefreshEvent{{"stored_files"}, "now"});
  small.say("https://x/1.png", 3);
  EXPECT_EQ(text_of(certificate_of(small).gaps), "stored_files 1: it did not come\n");
}

TEST(Verifier, AFileOfWhichALaterVersionSaysSomethingElseIsAGap) {
  OneFile small;
  small.archive->keep(FileToKeep{.record = {.kind = "stored_files",
                                            .id = "1",
                                            .source_url = "https://x/1.png",
                                            .expected_bytes = 3,
                                            .outcome = FileOutcome::unknown,
                                            .unknown_outcome = "quarantined",
                                            .reason = "put aside"},
                                 .content = std::nullopt,
                                 .temporary = {}});
  const Certificate certificate = certificate_of(small);
  EXPECT_EQ(certificate.verdict, Verdict::not_safe);
  EXPECT_THAT(text_of(certificate.gaps), HasSubstr("stored_files 1: put aside"));
}

TEST(Verifier, AStoredFileWithoutAnAddressIsAGap) {
  for (const std::string record :
       {R"({"id":2,"full_size_url":"","size":0})", R"({"id":2,"size":0})", R"({"full_size_url":"x","size":0})"}) {
    SmallArchive small("stored_files");
    small.keep_whole(kFolders, R"({"folders":[],"total_items":0})");
    small.keep_whole(kFiles, fmt::format(R"({{"files":[{}],"total_items":1,"total_file_size":0}})", record));
    const Certificate certificate = certificate_of(small);
    EXPECT_EQ(certificate.verdict, Verdict::not_safe) << record;
    EXPECT_EQ(certificate.gaps.size(), 1U) << text_of(certificate.gaps);
  }
}

TEST(Verifier, RecordsThatShareAKeyAndDifferAreNamed) {
  for (const bool differ : {true, false}) {
    SmallArchive small("stored_files");
    small.keep_whole(kFiles, R"({"files":[],"total_items":0,"total_file_size":0})");
    small.keep_whole(kFolders,
                     fmt::format(R"({{"folders":[{{"id":1,"name":"a"}},{{"id":1,"name":"{}"}}],"total_items":2}})", differ ? "b" : "a"));
    const Certificate certificate = certificate_of(small);
    EXPECT_EQ(text_of(certificate.gaps), "");
    const std::string named = "stored_file_folders : 1 records differ from another with the same id";
    EXPECT_EQ(text_of(certificate.exceptions).find(named) != std::string::npos, differ) << text_of(certificate.exceptions);
  }
}

TEST(Verifier, RecordsWithinTheirParentsThatShareAKeyAndDifferAreNamed) {
  const UnitId orders{"orders", {"S"}, 0};
  const std::string same = R"([{"id":"L","quantity":1},{"id":"L","quantity":1}])";
  const std::string other = R"([{"id":"L","quantity":1},{"id":"L","quantity":2}])";
  const auto order = [](const std::string& id, const std::string& lines) { return fmt::format(R"({{"id":"{}","lines":{}}})", id, lines); };
  // Lines of the order P, which comes at the end of one page and at the start of the next.
  for (const std::string& lines : {same, other}) {
    SmallArchive small("ecommerce");
    small.keep_whole({"stores", {}, 0}, R"({"stores":[{"id":"S"}],"total_items":1})");
    // Of an earlier reading, which says nothing of now.
    small.keep_whole(orders, fmt::format(R"({{"orders":[{}],"total_items":1}})", order("O", other)));
    small.archive->keep(RefreshEvent{{"orders"}, "now"});
    small.keep_page(orders, fmt::format(R"({{"orders":[{},{}],"total_items":3}})", order("O", same), order("P", lines)), 1, {0, 2});
    small.keep_page(orders, fmt::format(R"({{"orders":[{},{}],"total_items":3}})", order("P", lines), order("Q", same)), 1, {1, 2});
    small.keep_end(orders, 3);
    const std::string exceptions = text_of(certificate_of(small).exceptions);
    EXPECT_EQ(exceptions.find("order_lines : 1 records differ from another with the same id") != std::string::npos, lines == other)
        << exceptions;
    EXPECT_EQ(exceptions.find("order_lines") != std::string::npos, lines == other) << exceptions;
  }
}

/// A step that was not run is one gap, and not one for each of an account's contacts; one that had begun names some, and counts the others.
TEST(Verifier, CollectionsThatWereNotReadAreFewGapsWhereTheyAreMany) {
  for (const int count : {20, 21, 1200}) {
    for (const bool is_one_read : {false, true}) {
      SmallArchive small("ecommerce");
      std::string stores;
      for (int i = 0; i < count; ++i) stores += fmt::format(R"({}{{"id":"S{}"}})", i == 0 ? "" : ",", i);
      small.keep_whole({"stores", {}, 0}, fmt::format(R"({{"stores":[{}],"total_items":{}}})", stores, count));
      if (is_one_read) small.keep_whole({"orders", {"S0"}, 0}, R"({"orders":[],"total_items":0})");
      const Certificate certificate = certificate_of(small);
      std::vector<Finding> gaps = certificate.gaps;
      std::erase_if(gaps, [](const Finding& gap) { return gap.stream != "orders"; });
      if (count <= 20 || is_one_read) {
        const int missing = is_one_read ? count - 1 : count;
        EXPECT_EQ(count_of(gaps), missing);
        EXPECT_EQ(std::ssize(gaps), std::min(missing, 1'001));
        EXPECT_TRUE(gaps.back().command.starts_with("chimplift sync")) << gaps.back().command;
        const std::string others = missing > 1'000 ? "and 199 more like this: " : "";
        EXPECT_EQ(said_reason(gaps.back()), others + gaps.front().reason);
        continue;
      }
      ASSERT_EQ(gaps.size(), 1U) << text_of(gaps);
      EXPECT_TRUE(gaps[0].parent.empty());
      EXPECT_THAT(gaps[0].reason, HasSubstr(count == 21 ? "none of its 21 collections was read to its end yet"
                                                        : "none of its 1,200 collections was read to its end yet"));
      EXPECT_TRUE(gaps[0].command.starts_with("chimplift sync")) << gaps[0].command;
      const auto line = std::ranges::find(certificate.streams, "orders", &StreamLine::table);
      EXPECT_EQ(line->units, count);
      EXPECT_EQ(line->state, StreamState::incomplete);
    }
  }
}

/// A segment that is lost has many pages.
TEST(Verifier, PagesThatAreLostAreFewGapsWhereTheyAreMany) {
  SmallArchive small("stored_files");
  constexpr int kPages = 1'280;
  for (int i = 0; i < kPages; ++i) small.keep_page(kFolders, R"({"folders":[],"total_items":0})", 1, {i, 1});
  small.keep_end(kFolders, 0);
  small.keep_whole(kFiles, R"({"files":[],"total_items":0,"total_file_size":0})");
  ASSERT_TRUE(small.archive->flush());
  std::filesystem::remove_all(small.folder.path() / "acme" / "raw" / "stored_file_folders");
  small.reopen();  // another run, which begins another segment
  for (const bool is_read_anew : {false, true}) {
    if (is_read_anew) {
      small.archive->keep(RefreshEvent{{"stored_file_folders"}, "now"});
      small.keep_whole(kFolders, R"({"folders":[],"total_items":0})");
    }
    const Certificate certificate = certificate_of(small);
    EXPECT_EQ(certificate.verdict, is_read_anew ? Verdict::safe_with_exceptions : Verdict::not_safe) << text_of(certificate.gaps);
    std::vector<Finding> lost = is_read_anew ? certificate.exceptions : certificate.gaps;
    std::erase_if(lost, [](const Finding& one) { return one.stream != "stored_file_folders"; });
    EXPECT_EQ(lost.size(), 1'001U) << text_of(lost);
    EXPECT_EQ(count_of(lost), kPages);
    EXPECT_THAT(said_reason(lost.back()), HasSubstr("and 280 more like this: page 1001 of stored_file_folders in "));
  }
}

/// Bytes that are the ledger's and yet no answer, as a writer with a fault might have left them.
TEST(Verifier, PagesThatCannotBeParsedAreGapsAndNoReasonToRunAgain) {
  SmallArchive small("ecommerce");
  small.keep_whole({"stores", {}, 0}, R"({"stores":[{"id":"S"}],"total_items":1})");
  const auto orders = [](const std::string& id) { return fmt::format(R"({{"orders":[{{"id":"{}","lines":[]}}],"total_items":2}})", id); };
  small.keep_page({"orders", {"S"}, 0}, orders("O"));
  small.keep_raw({"orders", {"S"}, 0}, R"({"orders":[{"id":"P","lin)", 1);
  small.keep_end({"orders", {"S"}, 0}, 2, 1);  // records with equal keys: the pages are read again for that
  ASSERT_TRUE(small.archive->flush());
  const Result<Verification> verified = verify_archive(*small.archive, small.settings, nullptr);
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->certificate.verdict, Verdict::not_safe);
  std::vector<Finding> gaps = verified->certificate.gaps;
  std::erase_if(gaps, [](const Finding& gap) { return gap.reason.find("cannot be read") == std::string::npos; });
  ASSERT_EQ(gaps.size(), 1U) << text_of(verified->certificate.gaps);
  EXPECT_THAT(text_of(gaps), HasSubstr("orders : page 3 of orders in "));
  EXPECT_TRUE(verified->doubts.contains({"orders", {"S"}})) << "a sync reads it anew";
}

TEST(Verifier, AStreamThatThisVersionDoesNotKnowIsAnErrorOfTheArchive) {
  OneFile small;
  PageToKeep page;
  page.record.unit = {"things_to_come", {}, 0};
  page.record.received_at = kThen;
  page.envelope.stream = "things_to_come";
  page.body = "{}";
  small.archive->keep(std::move(page));
  ASSERT_TRUE(small.archive->flush());
  const Result<Verification> verified = verify_archive(*small.archive, small.settings, nullptr);
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().kind, ErrorKind::archive);
}

}  // namespace
}  // namespace chimplift
