// Which files are asked for, and what happens where pages say different things of one.
#include <gtest/gtest.h>

#include "inventory/ledger_view.hpp"
#include "pull/file_work.hpp"
#include "support/small_archive.hpp"

namespace chimplift {
namespace {

class FileWorkTest : public testing::Test {
 protected:
  FileWorkTest() : small("stored_files"), work(*small.archive, "https://us12.api.mailchimp.com/3.0", false) {}

  static WantedFile body(const std::string& content) {
    WantedFile file;
    file.kind = "campaigns";
    file.id = "c1.html";
    file.content = content;
    return file;
  }
  static WantedFile address(const std::string& url, std::optional<i64> bytes = {}) {
    WantedFile file;
    file.kind = "stored_files";
    file.id = "7";
    file.url = url;
    file.expected_bytes = bytes;
    return file;
  }
  /// sha256 of the body that the ledger names last; "" where it names none.
  std::string kept() {
    EXPECT_TRUE(small.archive->flush());
    const LedgerView view = *view_ledger(*small.archive);
    const auto file = view.files.records.find({"campaigns", "c1.html"});
    return file == view.files.records.end() ? "" : file->second.sha256;
  }
  FileRecords known() { return view_ledger(*small.archive)->files.records; }
  /// The address that is asked for next; "" where none is.
  std::string next() {
    const std::unique_ptr<Download> download = work.next(true);
    return download ? download->url : "";
  }

  SmallArchive small;
  FileWork work;
};

TEST_F(FileWorkTest, OfABodyThatCameTwiceTheLastIsKept) {
  work.add({body("old"), body("new")}, {}, 0);
  EXPECT_EQ(kept(), sha256_hex("new"));
  work.add({body("newer")}, {}, 0);
  EXPECT_EQ(kept(), sha256_hex("newer"));
  work.add({body("new")}, {}, 0);
  EXPECT_EQ(kept(), sha256_hex("new")) << "and it may be what it was";
}

TEST_F(FileWorkTest, WhatThePagesSaidBeforeIsNotKeptAgainByALaterRun) {
  work.add({body("old"), body("new")}, {}, 0);
  ASSERT_EQ(kept(), sha256_hex("new"));
  FileWork later(*small.archive, "https://us12.api.mailchimp.com/3.0", false);
  later.add({body("old"), body("new")}, known(), 0);
  EXPECT_EQ(kept(), sha256_hex("new"));
}

TEST_F(FileWorkTest, AFileWithAnotherAddressOrSizeIsAskedForAgain) {
  work.add({address("https://x/1.png")}, {}, 0);
  work.add({address("https://x/1.png")}, {}, 0);
  EXPECT_EQ(next(), "https://x/1.png");
  EXPECT_EQ(next(), "");
  work.add({address("https://x/2.png")}, {}, 0);
  work.add({address("https://x/3.png")}, {}, 0);
  EXPECT_EQ(next(), "https://x/3.png");
  EXPECT_EQ(next(), "") << "what is no more said is not asked for";
  work.add({address("https://x/3.png", 5)}, {}, 0);
  EXPECT_EQ(next(), "https://x/3.png");
}

TEST_F(FileWorkTest, ARecordWithoutTheAddressOfItsFileIsNamed) {
  const Discoverer discoverer(*find_stream("stored_files"));
  const std::string page = R"({"files":[{"id":1,"full_size_url":"https://x/1.png"},{"id":2,"full_size_url":""},{"id":3},{"name":"x"}]})";
  const Discovery found = discoverer.discover({}, page, *read_page(page, discoverer.shape()));
  EXPECT_EQ(found.files.size(), 1U);
  EXPECT_EQ(found.without_address, (std::vector<std::string>{"2", "3", ""}));
}

}  // namespace
}  // namespace chimplift
