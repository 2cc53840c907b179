// Whose fault is it when a page fails again and again: the page's, or has the whole server gone? An hour without a network must not end as
// a thousand gaps. What fails while other pages come is given up at once. Where nothing else goes well either, the account itself is
// asked for, and nothing more until it answers: at once, and the fault is the page's; later, and everything is asked for anew; not at all,
// and the run ends, to be started again.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "client/refusals.hpp"
#include "mailchimp/account.hpp"
#include "mailchimp/answer.hpp"
#include "net/http.hpp"
#include "run/settings.hpp"

namespace chimplift {

class Reachability {
 public:
  /// Something that failed too often.
  struct Doubtful {
    std::function<void()> give_up;
    std::function<void()> ask_again;
  };
  struct Hooks {
    std::function<void(HttpRequest, std::function<void(const HttpResponse&)>)> send;  // as soon as a slot is free
    std::function<void(const std::string&)> trouble;                                  // out of reach, and why
    std::function<void(const Answer&)> lost;                                          // the run cannot go on
    std::function<void(const Secret& key, const Answer&)> key_refused;                // nor without another key: go_on() then
    std::function<void()> judged;  // everything doubtful was given up or is to be asked for again
  };

  Reachability(HttpLoop& loop, const Account& account, const Settings& settings, Hooks hooks);

  /// A page came, or the server was heard of otherwise.
  void note_success();
  /// A file came, perhaps from another server: it says nothing of pages.
  void note_file();
  /// Judges a page that has failed since then (steady milliseconds), now or when the server has been asked.
  void doubt(i64 failing_since, Doubtful doubtful);
  /// The same of a file.
  void doubt_file(i64 failing_since, Doubtful doubtful);
  /// True while the server is being asked whether it answers: nothing else may be sent.
  [[nodiscard]] bool is_asking() const { return is_asking_; }
  /// Asks again, where a refused key kept it from going on.
  void go_on();
  /// Stops asking.
  void stop() { stopped_ = true; }

 private:
  [[nodiscard]] i64 last_success() const { return std::max(last_page_, last_file_); }
  void judge_or_ask(bool is_its_own_fault, Doubtful doubtful);
  void ask();
  void take(const HttpResponse& response, const Secret& key);
  void judge();

  HttpLoop* loop_;
  const Account* account_;
  i64 patience_millis_;
  Pace pace_;
  Hooks hooks_;
  std::vector<Doubtful> doubtful_;
  bool is_asking_ = false;
  bool was_out_of_reach_ = false;
  bool needs_key_ = false;  // asks again when there is another one
  bool stopped_ = false;
  Refusals refusals_;
  i64 last_page_;  // steady milliseconds, as they came
  i64 last_file_;
};

}  // namespace chimplift
