// Where the bytes of a file may come from.
#include "sync/file_work.hpp"

#include <gtest/gtest.h>

#include "archive/folder_tree.hpp"
#include "support/temporary_folder.hpp"

namespace chimplift {
namespace {

class Files : public testing::Test {
 protected:
  Files() {
    archive_ = std::move(*AccountArchive::open(*folder_tree(folder_.path()), "brand", false));
    work_ = std::make_unique<FileWork>(*archive_, "https://us1.api.mailchimp.com/3.0", false);
  }

  /// What becomes of a file at that address that redirects to that one.
  FileWork::Next redirected(const std::string& kind, const std::string& from, const std::string& to) {
    WantedFile wanted;
    wanted.kind = kind;
    wanted.id = from;
    wanted.url = from;
    work_->add({wanted}, {}, 0);
    std::unique_ptr<Download> download = work_->next(true);
    EXPECT_TRUE(download && work_->request(*download));
    HttpResponse response;
    response.status = 302;
    response.location = to;
    const FileWork::Next next = work_->take(download, response, 0);
    EXPECT_TRUE(!download || download->url == to);
    return next;
  }

  TemporaryFolder folder_;
  std::unique_ptr<AccountArchive> archive_;
  std::unique_ptr<FileWork> work_;
};

TEST_F(Files, OfMailchimpsAreNotFetchedWithoutTlsWhereTheyBeganWithIt) {
  EXPECT_EQ(redirected("stored_files", "https://mcusercontent.com/a.png", "https://cdn.example.com/a.png"), FileWork::Next::again);
  EXPECT_EQ(redirected("stored_files", "https://mcusercontent.com/b.png", "http://mcusercontent.com/b.png"), FileWork::Next::done);
  EXPECT_EQ(redirected("images", "https://gallery.mailchimp.com/c.png", "http://gallery.mailchimp.com/c.png"), FileWork::Next::done);
  // Somebody else's is no part of the account; it may come as it comes.
  EXPECT_EQ(redirected("images", "https://images.example.com/d.png", "http://images.example.com/d.png"), FileWork::Next::again);
}

TEST_F(Files, ThatRedirectWithoutEndAreLeft) {
  WantedFile wanted;
  wanted.kind = "stored_files";
  wanted.id = "1";
  wanted.url = "https://mcusercontent.com/0";
  work_->add({wanted}, {}, 0);
  std::unique_ptr<Download> download = work_->next(true);
  HttpResponse response;
  response.status = 302;
  int asked = 0;
  while (download && ++asked < 100) {
    ASSERT_TRUE(work_->request(*download));
    response.location = "https://mcusercontent.com/" + std::to_string(asked);
    work_->take(download, response, 0);
  }
  EXPECT_EQ(asked, 6);
}

}  // namespace
}  // namespace chimplift
