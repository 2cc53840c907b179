// What an archive promises, wherever it is: the same cases in a folder and in a bucket.
#include <gmock/gmock.h>

#include <atomic>

#include "archive/place.hpp"
#include "archive/samples.hpp"

namespace chimplift {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Kind {
  const char* name;
  std::unique_ptr<ArchiveTestPlace> (*make)();
};
void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }

class Contract : public testing::TestWithParam<Kind> {
 protected:
  std::unique_ptr<AccountArchive> open(bool test = false) {
    return value_of_result(AccountArchive::open(*place->tree(), "my brand", test));
  }
  std::unique_ptr<AccountArchive> open_to_read() { return value_of_result(AccountArchive::open_to_read(*place->tree(), "my brand")); }
  static FileToKeep file(const std::string& path, const std::string& content) {
    FileRecord record;
    record.kind = "stored_files";
    record.id = path;
    record.path = path;
    record.outcome = FileOutcome::fetched;
    return {record, content, {}};
  }
  static constexpr const char* kSegment = "my%20brand/raw/members/000001.ndjson.zst";

  std::unique_ptr<ArchiveTestPlace> place = GetParam().make();
};

TEST_P(Contract, WhatWasKeptComesBackInOrderAndAcrossRuns) {
  std::vector<std::string> bodies;
  for (int run = 0; run < 3; ++run) {
    const auto archive = open();
    for (int i = 0; i < 20; ++i) {
      bodies.push_back("{\"x\":" + std::to_string(bodies.size()) + "}");
      archive->keep(sample_page(i % 3 == 0 ? "lists" : "members", i, bodies.back()));
      if (i == 7) {
        ASSERT_TRUE(archive->flush());
      }
    }
    archive->keep(EndRecord{{"members", {"a"}, 0}, UnitState::gone, "404", 7, 6, 5, std::nullopt, 3, true});
    archive->keep(RefreshEvent{{"a", "b"}, "now"});
    ASSERT_TRUE(archive->flush());
    EXPECT_EQ(pages_in(*archive).size(), bodies.size()) << "a run reads what it wrote";
  }
  const auto archive = open_to_read();
  const std::vector<PageRecord> pages = pages_in(*archive);
  ASSERT_EQ(pages.size(), bodies.size());
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    EXPECT_EQ(pages[i].number, static_cast<i64>(i) + 1);
    EXPECT_EQ(archive->read_body(pages[i]).value_or("none"), bodies[i]);
  }
  const std::vector<LedgerRecord> records = all_records(*archive);
  EXPECT_EQ(records.size(), 1 + bodies.size() + 6);
  EXPECT_EQ(std::get<ArchiveRecord>(records[0]).account_name, "my brand");
  EXPECT_EQ(std::get<EndRecord>(records[21]).reason, "404");
  EXPECT_THAT(std::get<RefreshEvent>(records[22]).streams, ElementsAre("a", "b"));
}

TEST_P(Contract, FilesAreWhereTheLedgerSaysAndANewOneTakesAnOldOnesPlace) {
  const auto archive = open();
  archive->keep(file("campaigns/1.html", "old"));
  const std::filesystem::path temporary = value_of_result(archive->temporary_file());
  ASSERT_TRUE(write_file(temporary, "downloaded"));
  FileToKeep downloaded = file("stored_files/2%20a.png", "");
  downloaded.content = std::nullopt;
  downloaded.temporary = temporary;
  downloaded.record.bytes = 10;
  downloaded.record.sha256 = sha256_hex("downloaded");
  archive->keep(std::move(downloaded));
  ASSERT_TRUE(archive->flush());
  EXPECT_FALSE(std::filesystem::exists(temporary));
  archive->keep(file("campaigns/1.html", "newer"));
  archive->keep(file("campaigns/1.html", "newest"));
  ASSERT_TRUE(archive->flush());
  Tree& tree = archive->tree();
  EXPECT_EQ(place->bytes("my%20brand/files/campaigns/1.html"), "newest");
  EXPECT_EQ(place->bytes("my%20brand/files/stored_files/2%20a.png"), "downloaded");
  EXPECT_EQ(value_of_result(tree.size_of("files/campaigns/1.html")), 6);
  EXPECT_EQ(value_of_result(tree.size_of("files/none")), std::optional<i64>());
  EXPECT_EQ(value_of_result(tree.sha256_of("files/campaigns/1.html")), sha256_hex("newest"));
  EXPECT_EQ(value_of_result(tree.sha256_of("files/none")), std::optional<std::string>());
  EXPECT_EQ(value_of_result(tree.read("files/none")), std::optional<std::string>());
  EXPECT_THAT(value_of_result(tree.list("files")),
              ElementsAre(std::pair("files/campaigns/1.html", 6), std::pair("files/stored_files/2%20a.png", 10)));
  const std::vector<LedgerRecord> records = all_records(*archive);
  EXPECT_EQ(std::get<FileRecord>(records.back()).sha256, sha256_hex("newest"));
  EXPECT_TRUE(value_of_result(archive->has_file(std::get<FileRecord>(records.back()))));
  EXPECT_FALSE(value_of_result(archive->has_file(std::get<FileRecord>(records[1])))) << "the old one, which was smaller";
  EXPECT_THAT(tree.uri_of("files/a.png"), HasSubstr("my%"));
  EXPECT_THAT(value_of_result(place->tree()->folders()), ElementsAre("my%20brand"));
}

TEST_P(Contract, DocumentsAreReplacedWhole) {
  const auto archive = open();
  for (const std::string text : {"one", "three"}) {
    ASSERT_TRUE(archive->tree().write("certificate.json", text));
    EXPECT_EQ(value_of_result(archive->tree().read("certificate.json")), text);
    EXPECT_EQ(place->bytes("my%20brand/certificate.json"), text);
  }
}

TEST_P(Contract, ADamagedTruncatedOrMissingSegmentIsNamed) {
  open()->keep(sample_page("members", 0, "{\"a\":1}"));
  const std::string whole = place->bytes(kSegment).value();
  const auto expect_damage = [&](const std::string& how) {
    const auto archive = open_to_read();
    const Result<std::string> body = archive->read_body(pages_in(*archive).at(0));
    ASSERT_FALSE(body) << how;
    EXPECT_EQ(body.error().kind, ErrorKind::archive);
    EXPECT_THAT(body.error().message, HasSubstr("my%20brand/raw/members/000001.ndjson.zst " + how));
  };
  std::string flipped = whole;
  flipped[whole.size() / 2] = static_cast<char>(flipped[whole.size() / 2] ^ 1);
  place->put(kSegment, flipped);
  expect_damage("is damaged");
  place->put(kSegment, whole.substr(0, whole.size() - 1));
  expect_damage("is cut short");
  place->remove(kSegment);
  expect_damage("is missing");
}

TEST_P(Contract, ALedgerThatIsGoneIsNotBegunAnew) {
  open()->keep(sample_page("members", 0, "{\"a\":1}"));
  for (const auto& [path, size] : value_of_result(place->tree()->below("my%20brand")->list("ledger"))) place->remove("my%20brand/" + path);
  for (const bool writes : {false, true}) {
    const auto again =
        writes ? AccountArchive::open(*place->tree(), "my brand", false) : AccountArchive::open_to_read(*place->tree(), "my brand");
    ASSERT_FALSE(again) << writes;
    EXPECT_EQ(again.error().kind, ErrorKind::archive);
    EXPECT_THAT(again.error().message, HasSubstr("is gone or empty, and there are pages"));
  }
}

TEST_P(Contract, AnArchiveJsonThatIsGoneIsNotMadeAnewBesidePages) {
  open()->keep(sample_page("members", 0, "{\"a\":1}"));
  const std::string whole = place->bytes("archive.json").value();
  place->remove("archive.json");
  // Not only for the account that has the pages.
  for (const std::string name : {"my brand", "other"}) {
    for (const bool writes : {false, true}) {
      const auto again = writes ? AccountArchive::open(*place->tree(), name, false) : AccountArchive::open_to_read(*place->tree(), name);
      ASSERT_FALSE(again) << name << writes;
      EXPECT_EQ(again.error().kind, ErrorKind::archive);
      EXPECT_THAT(again.error().message, HasSubstr("archive.json is gone, and there are pages in"));
    }
  }
  EXPECT_FALSE(place->bytes("archive.json"));
  place->put("archive.json", whole);
  EXPECT_EQ(pages_in(*open_to_read()).size(), 1U);
}

TEST_P(Contract, WhatLiesBesideANewArchiveDoesNotMatter) {
  place->put("lost+found/x", "");
  place->put("project/raw/data.csv", "a,b");
  EXPECT_TRUE(AccountArchive::open(*place->tree(), "my brand", false));
  EXPECT_TRUE(place->bytes("archive.json"));
}

TEST_P(Contract, NewerArchivesAndOtherThingsAreRefusedUntouched) {
  const std::vector<std::pair<std::string, std::string>> cases = {{R"({"format": "chimplift archive", "version": 2})", "version 2"},
                                                                  {R"({"format": "other", "version": 1})", "not the file"},
                                                                  {"", "not the file"}};
  for (const auto& [text, message] : cases) {
    place->put("archive.json", text);
    for (const bool writes : {true, false}) {
      const auto archive =
          writes ? AccountArchive::open(*place->tree(), "my brand", false) : AccountArchive::open_to_read(*place->tree(), "my brand");
      ASSERT_FALSE(archive) << text;
      EXPECT_EQ(archive.error().kind, ErrorKind::archive) << text;
      EXPECT_THAT(archive.error().message, HasSubstr(message));
    }
    EXPECT_EQ(place->bytes("archive.json"), text) << "untouched";
  }
}

TEST_P(Contract, WhatIsNotThereIsNotMadeByReading) {
  EXPECT_EQ(AccountArchive::open_to_read(*place->tree(), "my brand").error().kind, ErrorKind::destination);
  EXPECT_FALSE(place->bytes("archive.json"));
  open(true);
  EXPECT_TRUE(open_to_read()->about().test);
  EXPECT_EQ(AccountArchive::open_to_read(*place->tree(), "other").error().kind, ErrorKind::destination);
}

TEST_P(Contract, OneRunAnAccount) {
  // Who holds the lock writes it anew often; who finds it has long enough to see that.
  place->set_lease(300);
  auto first = open();
  place->set_lease(30'000);
  const auto second = AccountArchive::open(*place->tree(), "my brand", false);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::busy);
  EXPECT_THAT(second.error().message, HasSubstr("another run works on account \"my brand\""));
  EXPECT_TRUE(AccountArchive::open(*place->tree(), "other", false)) << "another account is free";
  EXPECT_TRUE(AccountArchive::open_to_read(*place->tree(), "my brand")) << "reading takes no lock";
  EXPECT_EQ(place->tree()->below("my%20brand")->lock("my brand").error().kind, ErrorKind::busy);
  first.reset();
  EXPECT_TRUE(place->tree()->below("my%20brand")->lock("my brand"));
  open()->keep(sample_page("members", 0, "{\"a\":1}"));
  EXPECT_EQ(pages_in(*open_to_read()).size(), 1U);
}

TEST_P(Contract, AnIdStaysAndANewArchiveHasANewOne) {
  const std::string id = open()->about().id;
  EXPECT_EQ(open()->about().id, id);
  EXPECT_NE(value_of_result(AccountArchive::open(*place->tree(), "other", false))->about().id, id);
}

INSTANTIATE_TEST_SUITE_P(Archive, Contract,
                         testing::Values(Kind{"Folder", [] { return std::unique_ptr<ArchiveTestPlace>(new FolderTestPlace); }},
                                         Kind{"S3", [] { return std::unique_ptr<ArchiveTestPlace>(new S3TestPlace); }}),
                         [](const auto& each) { return std::string(each.param.name); });

}  // namespace
}  // namespace chimplift
