// Where the bytes of a file may come from.
#include "pull/file_work.hpp"

#include <gtest/gtest.h>

#include "archive/folder_tree.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "inventory/file_ledger.hpp"
#include "mailchimp/catalogue.hpp"
#include "net/fetch.hpp"
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

  static WantedFile wanted(const std::string& kind, const std::string& id, const std::string& url) {
    WantedFile file;
    file.kind = kind;
    file.id = id;
    file.url = url;
    return file;
  }

  FileRecord kept(const std::string& kind, const std::string& id) {
    EXPECT_TRUE(archive_->flush());
    Result<FileLedger> ledger = read_file_ledger(*archive_);
    EXPECT_TRUE(ledger && ledger->files.contains({kind, id})) << id;
    return ledger ? ledger->files[{kind, id}] : FileRecord();
  }

  TemporaryFolder folder_;
  std::unique_ptr<AccountArchive> archive_;
  std::unique_ptr<FileWork> work_;
};

class FilesAnswered : public Files {
 protected:
  void answer(int status, const std::string& body = "", const std::string& type = "");
  std::unique_ptr<Download> download;
};

TEST_F(Files, OfMailchimpsAreNotFetchedWithoutTlsWhereTheyBeganWithIt) {
  EXPECT_EQ(redirected("stored_files", "https://mcusercontent.com/a.png", "https://cdn.example.com/a.png"), FileWork::Next::again);
  const std::pair<std::string, std::string> without_tls[] = {{"stored_files", "mcusercontent.com/b.png"},
                                                             {"images", "gallery.mailchimp.com/c.png"}};
  for (const auto& [kind, address] : without_tls) {
    EXPECT_EQ(redirected(kind, "https://" + address, "http://" + address), FileWork::Next::done);
    const FileRecord record = kept(kind, "https://" + address);
    EXPECT_EQ(record.outcome, FileOutcome::failed);
    EXPECT_EQ(record.reason, "it redirects to an address without TLS");
    EXPECT_EQ(record.path, "");
  }
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

TEST_F(Files, AtAnAddressWithABlankAreFetchedAndKeepTheirAddress) {
  RawServer server([](RawServer::Connection& c, const std::string&) { return c.answer(200, "logo", "Content-Type: image/png\r\n"); });
  work_ = std::make_unique<FileWork>(*archive_, server.url("/3.0"), false);
  const std::string url = server.url("/My Logo.png");
  ASSERT_TRUE(work_->add({wanted("stored_files", "1", url), wanted("images", url, url)}, {}, 0));
  while (std::unique_ptr<Download> download = work_->next(true)) {
    Result<HttpRequest> request = work_->request(*download);
    ASSERT_TRUE(request);
    EXPECT_EQ(work_->take(download, fetch(std::move(*request)), 0), FileWork::Next::done);
  }
  for (const FileRecord& record : {kept("stored_files", "1"), kept("images", url)}) {
    EXPECT_EQ(record.outcome, FileOutcome::fetched) << record.reason;
    EXPECT_EQ(record.source_url, url);
    EXPECT_EQ(record.sha256, sha256_hex("logo"));
    EXPECT_TRUE(record.path.ends_with(".png")) << record.path;
  }
  for (const std::string& head : server.heads()) EXPECT_TRUE(head.starts_with("GET /My%20Logo.png HTTP/1.1\r\n")) << head;
}

/// A link to itself stands for a bad sector, or for S3 that does not answer: fetching all anew would mend neither.
TEST_F(Files, ThatCannotBeLookedAtAreNotTakenForMissing) {
  FileRecord had;
  had.path = "stored_files/1.png";
  had.bytes = 4;
  had.outcome = FileOutcome::fetched;
  had.source_url = "https://mcusercontent.com/1.png";
  const std::filesystem::path there = folder_ / "brand/files/stored_files/1.png";
  std::filesystem::create_directories(there.parent_path());
  std::filesystem::create_symlink("1.png", there);
  const Result<bool> is_there = archive_->has_file(had);
  ASSERT_FALSE(is_there);
  EXPECT_EQ(is_there.error().kind, ErrorKind::destination);
  const Result<void> added = work_->add({wanted("stored_files", "1", had.source_url)}, {{{"stored_files", "1"}, had}}, 0);
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().message, is_there.error().message);
  EXPECT_EQ(work_->next(true), nullptr);
}

TEST_F(Files, WithAMergeTagInTheirAddressAreNotAskedForAndNamed) {
  const std::string url = "https://mcusercontent.com/t.png?u=*|UNIQID|*";
  ASSERT_TRUE(work_->add({wanted("images", url, url)}, {}, 0));
  EXPECT_EQ(work_->next(true), nullptr);
  EXPECT_TRUE(work_->is_done());
  EXPECT_EQ(work_->ended(), work_->known());
  const FileRecord record = kept("images", url);
  EXPECT_EQ(record.outcome, FileOutcome::skipped);
  EXPECT_NE(record.reason.find("merge tag"), std::string::npos) << record.reason;
  // A later run, which knows that, writes it down no second time.
  FileWork later(*archive_, "https://us1.api.mailchimp.com/3.0", false);
  const i64 before = archive_->durable();
  ASSERT_TRUE(later.add({wanted("images", url, url)}, {{{"images", url}, record}}, 1'000'000));
  EXPECT_TRUE(archive_->flush());
  EXPECT_EQ(archive_->durable(), before);
  EXPECT_EQ(later.ended(), later.known());
}

TEST_F(Files, OfAllHostsOfMailchimpsAreGapsWhereTheyCannotBeHad) {
  const std::map<std::string, FileOutcome> outcomes = {{"https://us9.campaign-archive1.com/a.png", FileOutcome::failed},
                                                       {"https://brand.us4.list-manage2.com/b.png", FileOutcome::failed},
                                                       {"https://brand.mailchimpsites.com/c.png", FileOutcome::failed},
                                                       {"https://images.example.com/d.png", FileOutcome::skipped}};
  for (const auto& [url, outcome] : outcomes) {
    ASSERT_TRUE(work_->add({wanted("images", url, url)}, {}, 0));
    std::unique_ptr<Download> download = work_->next(true);
    ASSERT_TRUE(download && work_->request(*download));
    HttpResponse response;
    response.status = 500;
    while (work_->take(download, response, 0) == FileWork::Next::later) ASSERT_TRUE(work_->request(*download));
    work_->give_up(download, 0);
    EXPECT_EQ(kept("images", url).outcome, outcome) << url;
  }
}

/// An answer to the next download: what it did with it.
void FilesAnswered::answer(int status, const std::string& body, const std::string& type) {
  download = work_->next(true);
  ASSERT_TRUE(download);
  while (download) {
    const Result<HttpRequest> request = work_->request(*download);
    ASSERT_TRUE(request);
    HttpResponse response;
    response.status = status;
    response.content_type = type;
    ASSERT_TRUE(request->sink(body));
    const FileWork::Next next = work_->take(download, response, 0);
    if (next != FileWork::Next::later) return;
  }
}

// A cache on the way keeps a 404 for ten seconds, say, and the file is the last thing that a run asks for.
TEST_F(FilesAnswered, OfWhichMailchimpSaysTheSizeAreNotTakenForGoneAtOnce) {
  WantedFile file = wanted("stored_files", "1", "https://mcusercontent.com/1.png");
  file.expected_bytes = 4;
  ASSERT_TRUE(work_->add({file}, {}, 0));
  answer(404);
  EXPECT_EQ(work_->next(true), nullptr) << "time has to pass";
  EXPECT_TRUE(work_->waits_for_refused());
  EXPECT_FALSE(work_->is_done());
  work_->take_up_refused();
  answer(200, "1234", "image/png");
  EXPECT_EQ(kept("stored_files", "1").outcome, FileOutcome::fetched);
  EXPECT_TRUE(work_->is_done());
  // The time that has passed was not this one's.
  file.id = "2";
  ASSERT_TRUE(work_->add({file}, {}, 0));
  answer(404);
  EXPECT_TRUE(work_->waits_for_refused());
}

TEST_F(FilesAnswered, ThatAreAMessageInsteadGoOverNothingThatTheArchiveHas) {
  for (const bool has_size : {true, false}) {
    const std::string id = has_size ? "1" : "2";
    FileRecord had;
    had.path = "stored_files/" + id + ".png";
    had.bytes = 4;
    had.content_type = "image/png";
    had.outcome = FileOutcome::fetched;
    had.source_url = "https://mcusercontent.com/old.png";
    if (has_size) had.expected_bytes = 4;
    const std::filesystem::path there = folder_ / "brand/files" / had.path;
    std::filesystem::create_directories(there.parent_path());
    ASSERT_TRUE(write_file(there, "1234"));
    WantedFile file = wanted("stored_files", id, "https://mcusercontent.com/new.png");
    file.expected_bytes = had.expected_bytes;
    ASSERT_TRUE(work_->add({file}, {{{"stored_files", id}, had}}, 0));
    answer(200, "<p>We will be right back</p>", "text/html");
    EXPECT_EQ(kept("stored_files", id).outcome, FileOutcome::failed);
    EXPECT_EQ(*read_file(there), "1234");
  }
}

TEST_F(FilesAnswered, ThatAreAMessageOfAnotherSizeThanMailchimpSaysAreGaps) {
  WantedFile file = wanted("stored_files", "1", "https://mcusercontent.com/1.pdf");
  file.expected_bytes = 4;
  ASSERT_TRUE(work_->add({file}, {}, 0));
  answer(200, "<p>We will be right back</p>", "text/html");
  const FileRecord record = kept("stored_files", "1");
  EXPECT_EQ(record.outcome, FileOutcome::failed);
  EXPECT_NE(record.reason.find("text/html"), std::string::npos) << record.reason;
  // One that is as large as Mailchimp says is what there is, whatever it looks like.
  file.id = "2";
  file.expected_bytes = 0;
  ASSERT_TRUE(work_->add({file}, {}, 0));
  answer(200, "", "image/png");
  EXPECT_EQ(kept("stored_files", "2").outcome, FileOutcome::fetched);
}

// Mailchimp's images lie on Amazon's S3, which says 403 of what is not there. A gateway that blocks this address says it of all.
TEST_F(FilesAnswered, ThatAreForbiddenWhereNothingComesFromAreGaps) {
  const std::string url = "https://gallery.mailchimp.com/b.png";
  ASSERT_TRUE(work_->add({wanted("images", url, url)}, {}, 0));
  answer(403);
  work_->take_up_refused();
  answer(403);
  EXPECT_EQ(kept("images", url).outcome, FileOutcome::failed);
  EXPECT_TRUE(work_->is_done());
}

// A block may begin while the run goes on: what came before it says nothing. So what is forbidden is asked for alone, and behind it files
// that came.
TEST_F(FilesAnswered, ThatAreForbiddenAreMissingOnlyWhereTheServerStillGivesOthers) {
  const std::string host = "https://mcusercontent.com/";
  ASSERT_TRUE(
      work_->add({wanted("images", host + "a.png", host + "a.png"), wanted("images", host + "large.png", host + "large.png")}, {}, 0));
  answer(200, "1234", "image/png");
  answer(200, "12345", "image/png");
  int number = 0;
  for (const std::string answers : {"200", "403 200", "page 200", "403 403 403 403 403"}) {
    SCOPED_TRACE(answers);
    const std::string url = host + std::to_string(++number) + ".png";
    ASSERT_TRUE(work_->add({wanted("images", url, url)}, {}, 0));
    answer(403);
    work_->take_up_refused();
    answer(403);
    EXPECT_FALSE(work_->is_done());
    std::unique_ptr<Download> alone = work_->next(true);
    ASSERT_TRUE(alone);
    EXPECT_EQ(alone->url, url);
    EXPECT_EQ(work_->next(true), nullptr) << "nothing else is asked for beside it";
    ASSERT_TRUE(work_->request(*alone));
    HttpResponse forbidden;
    forbidden.status = 403;
    EXPECT_EQ(work_->take(alone, forbidden, 0), FileWork::Next::done);
    for (const std::string& word : split(answers, ' ')) {
      EXPECT_FALSE(work_->is_done());
      if (word == "200") answer(200, "1234", "image/png");
      if (word == "403") answer(403);
      if (word == "page") answer(200, "<p>Who are you?</p>", "text/html");
    }
    EXPECT_EQ(kept("images", url).outcome, answers.ends_with("200") ? FileOutcome::missing : FileOutcome::failed);
    EXPECT_TRUE(work_->is_done());
    EXPECT_EQ(work_->ended(), work_->known());
    // With these it has given five or more, and five are what is asked for at most.
    ASSERT_TRUE(work_->add({wanted("images", url + "1", url + "1")}, {}, 0));
    answer(200, "123", "image/png");
    ASSERT_TRUE(work_->add({wanted("images", url + "2", url + "2")}, {}, 0));
    answer(200, "123", "image/png");
  }
}

// A later run has all others, and asks for none of them. The control may redirect, as all of that host may.
TEST_F(FilesAnswered, ThatWereForbiddenBeforeAreStillMissingWhereTheServerGivesWhatTheArchiveHas) {
  const std::string host = "https://mcusercontent.com/";
  FileRecord had;
  had.kind = "images";
  had.id = had.source_url = host + "a.png";
  had.path = "campaigns/images/a.png";
  had.bytes = 4;
  had.content_type = "image/png";
  had.outcome = FileOutcome::fetched;
  std::filesystem::create_directories(folder_ / "brand/files/campaigns/images");
  ASSERT_TRUE(write_file(folder_ / "brand/files" / had.path, "1234"));
  const std::string url = host + "b.png";
  ASSERT_TRUE(work_->add({wanted("images", had.id, had.id), wanted("images", url, url)}, {{{"images", had.id}, had}}, 0));
  answer(403);
  work_->take_up_refused();
  answer(403);
  answer(403);
  std::unique_ptr<Download> control = work_->next(true);
  ASSERT_TRUE(control && work_->request(*control));
  EXPECT_EQ(control->url, had.id);
  HttpResponse redirect;
  redirect.status = 302;
  redirect.location = "https://storage.example.com/a.png";
  ASSERT_EQ(work_->take(control, redirect, 0), FileWork::Next::again);
  const Result<HttpRequest> request = work_->request(*control);
  ASSERT_TRUE(request && request->sink("1234"));
  EXPECT_EQ(request->url, redirect.location);
  HttpResponse image;
  image.status = 200;
  image.content_type = "image/png";
  EXPECT_EQ(work_->take(control, image, 0), FileWork::Next::done);
  EXPECT_EQ(kept("images", url).outcome, FileOutcome::missing);
  EXPECT_TRUE(work_->is_done());
}

// A coding that nobody knows, or one that the bytes do not have: a browser shows the picture.
TEST_F(FilesAnswered, OfWhichTheCodingCannotBeUndoneAreTakenAsTheyAreSent) {
  const std::string url = "https://mcusercontent.com/a.png";
  ASSERT_TRUE(work_->add({wanted("images", url, url)}, {}, 0));
  download = work_->next(true);
  HttpResponse unknown;
  unknown.status = 200;
  unknown.error = TransportError::interrupted;
  while (true) {
    const Result<HttpRequest> request = work_->request(*download);
    ASSERT_TRUE(request);
    if (request->coding == Coding::exact) break;
    ASSERT_EQ(work_->take(download, unknown, 0), FileWork::Next::later);
  }
  EXPECT_EQ(download->attempts, 3);
}

TEST_F(FilesAnswered, ThatComeTheThirdTimeAreThere) {
  const std::string host = "https://mcusercontent.com/";
  ASSERT_TRUE(work_->add({wanted("images", host + "a.png", host + "a.png"), wanted("images", host + "b.png", host + "b.png")}, {}, 0));
  answer(200, "1234", "image/png");
  answer(403);
  work_->take_up_refused();
  answer(403);
  answer(200, "12345", "image/png");
  EXPECT_EQ(kept("images", host + "b.png").outcome, FileOutcome::fetched);
  EXPECT_TRUE(work_->is_done());
}

// An address of a storage server may hold for minutes, a maintenance page for an hour: the file's own address leads to where it is now.
TEST_F(Files, ThatFailWhereARedirectLedAreAskedForAtTheirOwnAddressAgain) {
  const std::string url = "https://mcusercontent.com/1.png";
  ASSERT_TRUE(work_->add({wanted("images", url, url)}, {}, 0));
  std::unique_ptr<Download> download = work_->next(true);
  for (const bool is_message : {false, true}) {
    ASSERT_TRUE(work_->request(*download));
    HttpResponse redirect;
    redirect.status = 302;
    redirect.location = "https://maintenance.example.com/";
    ASSERT_EQ(work_->take(download, redirect, 0), FileWork::Next::again);
    const Result<HttpRequest> request = work_->request(*download);
    ASSERT_TRUE(request);
    EXPECT_EQ(request->url, redirect.location);
    ASSERT_TRUE(request->sink("<p>We will be right back</p>"));
    HttpResponse response;
    response.status = is_message ? 200 : 503;
    response.content_type = "text/html";
    ASSERT_EQ(work_->take(download, response, 0), FileWork::Next::later);
    EXPECT_EQ(download->url, url);
  }
}

TEST_F(Files, ThatWereLostAreAskedForWhereTheyCameFromUnlessAPageNamesThem) {
  const std::string before = "https://mcusercontent.com/a.png";
  const std::string now = "https://mcusercontent.com/b.png";
  work_->add_lost({wanted("stored_files", "1", before), wanted("stored_files", "2", before), wanted("images", before, before)});
  EXPECT_EQ(work_->next(false), nullptr) << "a page may still name them";
  EXPECT_FALSE(work_->is_done());
  ASSERT_TRUE(work_->add({wanted("stored_files", "1", now)}, {}, 0));
  std::vector<std::pair<std::string, std::string>> asked;
  while (std::unique_ptr<Download> download = work_->next(true)) {
    asked.emplace_back(download->wanted.id, download->url);
    ASSERT_TRUE(work_->request(*download));
    HttpResponse response;
    response.status = 200;
    work_->take(download, response, 0);
    if (download) work_->give_up(download, 0);
  }
  EXPECT_EQ(asked, (std::vector<std::pair<std::string, std::string>>{{"1", now}, {"2", before}, {before, before}}));
  EXPECT_TRUE(work_->is_done());
  EXPECT_EQ(work_->ended(), work_->known());
}

TEST_F(Files, AreAskedForWithoutTheWhiteSpaceAroundTheirAddress) {
  const Discoverer discoverer(*find_stream("stored_files"));
  const std::string page = R"({"files":[{"id":1,"full_size_url":" //x/My Logo.png\n"}]})";
  const Discovery found = discoverer.discover({}, page, *read_page(page, discoverer.shape()));
  ASSERT_EQ(found.files.size(), 1U);
  EXPECT_EQ(found.files[0].url, "https://x/My Logo.png");
}

}  // namespace
}  // namespace chimplift
