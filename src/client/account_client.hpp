// The requests to one account: at most ten at once, asked again after what passes, and with no key but one that opens this account. Whoever
// has something to ask says what the answers are good for; all that concerns the account as a whole is decided here.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/key_proof.hpp"
#include "client/key_renewal.hpp"
#include "client/reachability.hpp"
#include "client/refusals.hpp"
#include "client/slots.hpp"
#include "client/tries.hpp"
#include "mailchimp/account.hpp"
#include "mailchimp/answer.hpp"
#include "net/http.hpp"
#include "run/retry.hpp"
#include "run/settings.hpp"

namespace chimplift {

/// Everything is called on the loop's thread. The loop, and what the hooks use, must outlive the client. Once it has stopped nothing is
/// called any more, though requests are still under way.
class AccountClient {
 public:
  struct Hooks {
    /// Records that were read before, by which a key is known to be of the same account where nobody has said which account it must be. An
    /// error is lost().
    std::function<Result<std::vector<KnownRecord>>()> known_records;
    /// Once, before the first ready(): the key opens this account, whose id is "" where Mailchimp does not say. An error is lost().
    std::function<Result<void>(const std::string& id)> begin;
    /// There may be a free slot or something new to decide: ask, as long as can_send(), and see whether all is done.
    std::function<void()> ready;
    /// The account cannot be asked any more. The client has stopped.
    std::function<void(Error)> lost;
  };
  /// What becomes of the run where the first key is not refused, and yet the question whose it is gets no answer. For a key that took the
  /// place of another that is always the end, and so it is where the archive says which account it must be. Where Mailchimp answers that
  /// the key's role may not see the account, a key is used as long as nobody has said which account it must be.
  enum class UnansweredFirstKey { ends, is_used };
  enum class Next { done, again };

  struct Question {
    std::string_view table;  // that it is about; for people and the log
    std::string path_and_query;
    /// Takes a page that was asked for at `requested_at` (microseconds). An error's message says why the body is not what was asked for,
    /// and it is asked for again.
    std::function<Result<void>(const HttpResponse& response, i64 requested_at)> page;
    /// Judges what waiting does not help against: missing, not_permitted, refused, too_large; and too_slow, where less can be asked for.
    std::function<Next(const Answer& answer)> other;
    /// It failed too often, while the server was there.
    std::function<void(const std::string& reason)> give_up;
    /// False drops the question, which was to be asked again. Where it is not set, every question is.
    std::function<bool()> is_wanted = {};
  };

  AccountClient(HttpLoop& loop, const Account& account, const Settings& settings, AccountProgress& progress,
                UnansweredFirstKey unanswered_first_key, Hooks hooks);

  /// Asks whose the key is, and begins. `account_id`: of the account that every key must open; "" where it is not known. The error is
  /// usage where a key opens another one, permission where it does not say which, or nothing tells that it is the same.
  void start(std::string account_id);
  void stop();

  /// True where a slot is free and nothing about the account as a whole is being asked or waited for.
  [[nodiscard]] bool can_send() const;
  /// Only where can_send().
  void ask(Question question);
  /// Sends a question that is to be asked again. Only where can_send(). False where there is none.
  bool ask_again();
  /// Sends the request of a file, which carries no key and may go to any server. Only where can_send().
  void send_file(HttpRequest request, std::function<void(const HttpResponse&)> done);
  /// Judges a file of Mailchimp's that has failed too often since then (steady milliseconds), now or when the server has been asked.
  void doubt_file(i64 failing_since, Reachability::Doubtful doubtful) { reachability_.doubt_file(failing_since, std::move(doubtful)); }
  /// A file came.
  void note_file() { reachability_.note_file(); }
  /// Calls `work` when it is time for another attempt after so many failures, of which `response` was the last.
  void after_failure(int failures, const HttpResponse& response, std::function<void()> work);

  /// True where nothing is under way, waiting, cooling down, or to be asked again, and nothing about the account is being asked.
  [[nodiscard]] bool is_idle() const;
  [[nodiscard]] int in_flight() const { return slots_.in_flight(); }
  /// Shows and logs why an answer was not what was asked for. `table`: "" for the account itself.
  void note_trouble(std::string_view table, const std::string& reason);

 private:
  /// A question and how it has fared.
  struct Asked {
    Question question;
    Tries tries;
    Refusals refusals;
    i64 failing_since = 0;  // steady milliseconds of the first failure
    i64 sent_at = 0;        // of the last try
    std::string redirected_to = {};
  };

  Reachability::Hooks reachability_hooks();
  KeyRenewal::Hooks renewal_hooks();
  KeyProof::Hooks proof_hooks();
  void send_when_free(HttpRequest request, std::function<void(const HttpResponse&)> done);

  void identify();
  void ask_whose_key(const std::string& url);
  void take_account(const HttpResponse& response, const std::string& url, const Secret& key);
  void admit(const std::string& id);
  void go_on_with(const std::string& id);

  void send(const std::shared_ptr<Asked>& asked);
  [[nodiscard]] bool asks_for_too_much(const Asked& asked, const HttpResponse& response) const;
  void ask_for_less(const std::shared_ptr<Asked>& asked, const HttpResponse& response, const std::string& reason);
  void ask_anew(const std::shared_ptr<Asked>& asked);
  void take(const std::shared_ptr<Asked>& asked, const HttpResponse& response, i64 requested_at, const Secret& key);
  void ask_with_another_key(const std::shared_ptr<Asked>& asked, const Secret& refused, const Answer& answer);
  void ask_whether_disabled(const std::shared_ptr<Asked>& asked, const Answer& said);
  void fail_once(const std::shared_ptr<Asked>& asked, const HttpResponse& response, const Answer& answer);

  void call_ready();
  void lose(Error error);
  [[nodiscard]] std::string account_url() const;
  [[nodiscard]] Error account_error(const Answer& answer) const;

  HttpLoop* loop_;
  const Account* account_;
  AccountProgress* progress_;
  UnansweredFirstKey unanswered_first_key_;
  Hooks hooks_;
  std::string origin_;
  Pace pace_;
  Backoff backoff_;
  Slots slots_;
  Reachability reachability_;
  KeyProof proof_;

  std::deque<std::shared_ptr<Asked>> again_;
  int waiting_ = 0;             // for their next attempt
  int failures_in_a_row_ = 0;   // of whatever questions, since the last page
  std::string account_id_;      // that every key must open; "" where nobody has said
  bool is_identifying_ = true;  // nothing else is sent meanwhile
  Tries tries_;                 // of that question
  Refusals refusals_;           // of the key, meanwhile
  bool is_renewed_ = false;     // the key is not the first one
  bool has_begun_ = false;
  bool stopped_ = false;
  KeyRenewal renewal_;  // last: its thread ends before the rest does
};

}  // namespace chimplift
