// Pulling one account: ten slots, filled as long as there is work. All of it runs on the loop's thread; the archive's writer has its own.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "archive/account_archive.hpp"
#include "client/account_client.hpp"
#include "pull/file_work.hpp"
#include "pull/work.hpp"
#include "run/settings.hpp"

namespace chimplift {

class AccountPull {
 public:
  AccountPull(HttpLoop& loop, const Account& account, const Settings& settings, AccountArchive& archive, AccountProgress& progress);

  /// Asks who the key belongs to; when that goes well, takes up what the archive has and begins to pull.
  void start();
  /// The archive has made something durable, or failed to.
  void wake() { pump(); }
  /// True when nothing is left to do, or nothing more can be done.
  [[nodiscard]] bool is_done() const { return done_; }
  /// What ended the pull before its time.
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }
  /// True where this pull finished a reading that had begun long ago: its first pages are too old by now, and another pull reads them anew.
  [[nodiscard]] bool is_outdated() const { return outdates_ && done_ && !error_ && !work_.has_gaps(); }

 private:
  using SharedDownload = std::shared_ptr<std::unique_ptr<Download>>;

  Result<void> take_account(const std::string& account_id);
  Result<void> resume(const std::string& account_id);
  void pump();
  bool send_next();

  void ask(PageTask next);
  Result<void> take_page(PageTask& task, const HttpResponse& response, i64 requested_at);
  void keep_page(const PageTask& task, const PageContents& contents, const HttpResponse& response, i64 requested_at, i64 received_at);
  AccountClient::Next take_other(const PageTask& task, const Answer& answer);

  void send(std::unique_ptr<Download> download);
  void take(const SharedDownload& download, const HttpResponse& response);
  void ask_later(const SharedDownload& download, const HttpResponse& response);

  void finish_when_done();
  bool begin_second_round();
  void abort(Error error);
  void show_progress();

  const Account* account_;
  AccountArchive* archive_;
  AccountProgress* progress_;
  TakenAccounts* taken_accounts_;
  Work work_;
  FileWork files_;
  std::deque<SharedDownload> files_again_;
  std::deque<SharedDownload> files_aside_;  // that failed too often: asked for once more when nothing else is left
  bool outdates_ = false;
  bool done_ = false;
  std::optional<Error> error_;
  AccountClient client_;  // last: its hooks use the rest
};

}  // namespace chimplift
