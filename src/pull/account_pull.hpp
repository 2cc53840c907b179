// Pulling one account: ten slots, filled as long as there is work. All of it runs on the loop's thread; the archive's writer has its own.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "archive/account_archive.hpp"
#include "client/key_renewal.hpp"
#include "client/reachability.hpp"
#include "client/slots.hpp"
#include "mailchimp/answer.hpp"
#include "net/http.hpp"
#include "pull/file_work.hpp"
#include "pull/work.hpp"
#include "run/retry.hpp"
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
  void send_when_free(HttpRequest request, std::function<void(const HttpResponse&)> done);
  void ask_account(int attempts, const std::string& url);
  void take_account(const HttpResponse& response, int attempts, const std::string& url, const Secret& key);
  void admit(const std::string& id);
  void resume();

  void pump();
  bool send_next();
  void send(std::shared_ptr<PageTask> task);
  void take(const std::shared_ptr<PageTask>& task, const HttpResponse& response, i64 requested_at, const Secret& key);
  /// False where the page cannot be asked for in smaller ones.
  bool asks_for_less(const std::shared_ptr<PageTask>& task, const Answer& answer);
  void take_page(const std::shared_ptr<PageTask>& task, const HttpResponse& response, i64 requested_at);
  void ask_again(const std::shared_ptr<PageTask>& task, const HttpResponse& response, const std::string& reason);
  void ask_again(const std::shared_ptr<std::unique_ptr<Download>>& download, const HttpResponse& response);
  Reachability::Hooks hooks();
  void send(std::unique_ptr<Download> download);
  void take(const std::shared_ptr<std::unique_ptr<Download>>& download, const HttpResponse& response);

  void finish_when_done();
  void abort(Error error);
  void note_trouble(const std::string& reason, const Stream* stream);
  void show_progress();
  [[nodiscard]] HttpRequest request_for(const PageTask& task) const;
  [[nodiscard]] Error account_error(const Answer& answer) const;

  HttpLoop* loop_;
  const Account* account_;
  AccountArchive* archive_;
  AccountProgress* progress_;
  std::string origin_;
  Work work_;
  FileWork files_;
  Pace pace_;
  Backoff backoff_;
  Slots slots_;

  int waiting_ = 0;  // for their next attempt
  std::deque<std::shared_ptr<PageTask>> again_;
  std::deque<std::shared_ptr<std::unique_ptr<Download>>> files_again_;
  Reachability reachability_;
  std::string account_id_;         // as Mailchimp calls it; "" where it would not say
  bool is_asking_account_ = true;  // nothing else is sent meanwhile
  bool resumed_ = false;
  bool outdates_ = false;
  bool done_ = false;
  std::optional<Error> error_;
  KeyRenewal renewal_;  // last: its thread ends before the rest does
};

}  // namespace chimplift
