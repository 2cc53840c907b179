#include "client/account_client.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "client/hidden_account.hpp"
#include "client/request.hpp"
#include "inventory/account_identity.hpp"
#include "net/url.hpp"

namespace chimplift {
namespace {

bool is_about_account(const AccountClient::Question& question) {
  return question.path_and_query.substr(0, question.path_and_query.find('?')) == kAccountPath;
}

/// Nothing came, or nothing that Mailchimp said. Too many requests, and a key that is refused, are its own words.
bool is_like_an_outage(Meaning meaning) {
  return meaning == Meaning::temporary || meaning == Meaning::wordless || meaning == Meaning::blocked;
}

u64 seed_of(const std::string& name) { return std::hash<std::string>()(name) ^ static_cast<u64>(system_clock().now_micros()); }

}  // namespace

AccountClient::AccountClient(HttpLoop& loop, const Account& account, const Settings& settings, AccountProgress& progress,
                             UnansweredFirstKey unanswered_first_key, Hooks hooks)
    : loop_(&loop),
      account_(&account),
      progress_(&progress),
      unanswered_first_key_(unanswered_first_key),
      hooks_(std::move(hooks)),
      origin_(parse_url(account.api_base)->origin()),
      pace_(settings.pace),
      backoff_(seed_of(account.name), pace_.first_wait_millis, pace_.longest_wait_millis),
      slots_(loop, pace_, [this] { call_ready(); }),
      reachability_(loop, account, settings, reachability_hooks()),
      proof_(account, pace_, proof_hooks()),
      renewal_(loop, account, renewal_hooks()) {}

Reachability::Hooks AccountClient::reachability_hooks() {
  return {.send = [this](HttpRequest request,
                         std::function<void(const HttpResponse&)> done) { send_when_free(std::move(request), std::move(done)); },
          .trouble = [this](const std::string& reason) { note_trouble("", reason); },
          .lost = [this](const Answer& answer) { lose(account_error(answer)); },
          .key_refused = [this](const Secret& key, const Answer& answer) { renewal_.begin(key, answer); },
          .judged = [this] { call_ready(); }};
}

KeyRenewal::Hooks AccountClient::renewal_hooks() {
  return {.renewed =
              [this] {
                if (stopped_) return;
                is_renewed_ = true;
                identify();
              },
          .unchanged = [this](const Answer& answer) { lose(account_error(answer)); }};
}

KeyProof::Hooks AccountClient::proof_hooks() {
  return {.send = [this](HttpRequest request,
                         std::function<void(const HttpResponse&)> done) { send_when_free(std::move(request), std::move(done)); },
          .after_failure = [this](int failures, const HttpResponse& response,
                                  std::function<void()> work) { after_failure(failures, response, std::move(work)); },
          .trouble = [this](const std::string& reason) { note_trouble("", reason); },
          .key_refused = [this](const Secret& key, const Answer& answer) { renewal_.begin(key, answer); },
          .failed = [this](const Answer& answer) { lose(account_error(answer)); },
          .not_proven = [this](Error error) { lose(std::move(error)); }};
}

void AccountClient::stop() {
  stopped_ = true;
  reachability_.stop();
}

void AccountClient::lose(Error error) {
  if (stopped_) return;
  stop();
  hooks_.lost(std::move(error));
}

Error AccountClient::account_error(const Answer& answer) const {
  return error_of(answer, fmt::format("account \"{}\" at {}", account_->name, account_->api_base));
}

void AccountClient::note_trouble(std::string_view table, const std::string& reason) {
  progress_->set_trouble(table.empty() ? reason : fmt::format("{}: {}", table, reason));
  log_debug("An answer was not a page.", {{"account", account_->name}, {"stream", std::string(table)}, {"reason", reason}});
}

std::string AccountClient::account_url() const { return fmt::format("{}{}", account_->api_base, kAccountQuestion); }

// ---- whose key it is

void AccountClient::start(std::string account_id) {
  account_id_ = std::move(account_id);
  identify();
}

void AccountClient::identify() {
  is_identifying_ = true;
  tries_ = {};
  refusals_ = {};
  ask_whose_key(account_url());
}

/// What is asked about the account as a whole waits for a slot, and then goes before all else.
void AccountClient::send_when_free(HttpRequest request, std::function<void(const HttpResponse&)> done) {
  slots_.when_free([this, request = std::move(request), done = std::move(done)] {
    if (stopped_) return;
    slots_.take();
    ++progress_->requests;
    loop_->send(request, [this, done](const HttpResponse& response) {
      slots_.release(response);
      if (!stopped_) done(response);
    });
  });
}

void AccountClient::ask_whose_key(const std::string& url) {
  const Secret key = account_->key.now();
  send_when_free(request_to(url, key, pace_), [this, url, key](const HttpResponse& response) { take_account(response, url, key); });
}

void AccountClient::take_account(const HttpResponse& response, const std::string& url, const Secret& key) {
  const bool may_stay_unknown = account_id_.empty() && unanswered_first_key_ == UnansweredFirstKey::is_used && !is_renewed_;
  Answer answer = meaning_of(response, origin_);
  refusals_.note(answer.meaning, key);
  switch (answer.meaning) {
    case Meaning::page:
      if (const std::string id = account_id_in(response.body); !id.empty()) {
        admit(id);
        return;
      }
      // Something in between answered: that the key is one of this account has to be known before anything is kept.
      answer = {Meaning::temporary, "an answer about the account that does not say which one it is", ""};
      break;
    case Meaning::key_refused:
      if (!refusals_.are_believed()) break;
      [[fallthrough]];
    case Meaning::disabled:
      renewal_.begin(key, answer);
      return;
    case Meaning::not_permitted:
      admit("");
      return;               // a role may not see the account and yet read its campaigns
    case Meaning::missing:  // every account has this path: it is not the API that was asked
    case Meaning::refused:
      lose(account_error(answer));
      return;
    case Meaning::too_large:
      if (!may_stay_unknown) break;
      admit("");
      return;
    default:
      break;
  }
  tries_.note(answer.meaning);
  if (!tries_.may_go_on()) {
    may_stay_unknown ? admit("") : lose(account_error(answer));
    return;
  }
  note_trouble("", answer.reason);
  const std::string next = answer.meaning == Meaning::redirected ? answer.location : url;
  after_failure(tries_.failures, response, [this, next] { ask_whose_key(next); });
}

/// The key is good: the run begins, or goes on. It must be one of the account that the archive is of, and a new key likewise: else one
/// account's pages would be mixed up with another's, and what the other does not have would look like gone.
void AccountClient::admit(const std::string& id) {
  if (!account_id_.empty() && id.empty()) {
    lose(hidden_account(account_->name, account_id_));
    return;
  }
  if (!account_id_.empty() && id != account_id_) {
    lose(has_begun_ ? wrong_new_key(account_->name) : wrong_account(account_->name, account_id_, id));
    return;
  }
  if (!account_id_.empty()) {
    go_on_with(id);
    return;
  }
  Result<std::vector<KnownRecord>> known = hooks_.known_records();
  if (!known) {
    lose(known.error());
    return;
  }
  proof_.begin(std::move(*known), [this, id] { go_on_with(id); });
}

void AccountClient::go_on_with(const std::string& id) {
  if (!id.empty()) account_id_ = id;
  if (!has_begun_) {
    if (Result<void> begun = hooks_.begin(id); !begun) {
      lose(begun.error());
      return;
    }
    has_begun_ = true;
    reachability_.note_success();  // reading a long ledger takes time in which nobody was asked
  }
  is_identifying_ = false;
  reachability_.go_on();
  call_ready();
}

// ---- questions and files

bool AccountClient::can_send() const {
  return !stopped_ && !is_identifying_ && !reachability_.is_asking() && !renewal_.is_under_way() && slots_.has_free();
}

bool AccountClient::is_idle() const {
  return !is_identifying_ && !reachability_.is_asking() && !renewal_.is_under_way() && slots_.are_all_free() && waiting_ == 0 &&
         again_.empty();
}

void AccountClient::call_ready() {
  if (!stopped_ && !is_identifying_) hooks_.ready();
}

void AccountClient::ask(Question question) {
  auto asked = std::make_shared<Asked>();
  asked->question = std::move(question);
  send(asked);
}

bool AccountClient::ask_again() {
  while (!again_.empty()) {
    const std::shared_ptr<Asked> asked = again_.front();
    again_.pop_front();
    if (asked->question.is_wanted && !asked->question.is_wanted()) continue;
    send(asked);
    return true;
  }
  return false;
}

void AccountClient::send(const std::shared_ptr<Asked>& asked) {
  const std::string url = asked->redirected_to.empty() ? account_->api_base + asked->question.path_and_query : asked->redirected_to;
  const Secret key = account_->key.now();
  const i64 requested_at = system_clock().now_micros();
  asked->sent_at = system_clock().steady_millis();
  slots_.take();
  ++progress_->requests;
  loop_->send(request_to(url, key, pace_), [this, asked, requested_at, key](const HttpResponse& response) {
    slots_.release(response);
    progress_->bytes += response.bytes;
    if (!stopped_) take(asked, response, requested_at, key);
    call_ready();
  });
}

/// A request that takes too long is not always answered with 504: the network in between cuts it with a 502 (docs/mailchimp.md,
/// "Gateways"), or nothing comes at all. A quick 502 is trouble of the moment, and so may be the first slow one.
bool AccountClient::asks_for_too_much(const Asked& asked, const HttpResponse& response) const {
  if (asked.tries.failures == 0) return false;
  if (response.error == TransportError::timed_out) return true;
  return response.status == 502 && system_clock().steady_millis() - asked.sent_at >= pace_.server_limit_millis / 2;
}

/// Unless it is the server that is out of reach: no smaller page comes then either.
void AccountClient::ask_for_less(const std::shared_ptr<Asked>& asked, const HttpResponse& response, const std::string& reason) {
  const Answer answer{Meaning::too_slow, reason, {}};
  reachability_.doubt(asked->failing_since, {.give_up =
                                                 [this, asked, response, answer] {
                                                   if (asked->question.other(answer) == Next::again) fail_once(asked, response, answer);
                                                 },
                                             .ask_again = [this, asked] { ask_anew(asked); }});
}

/// As if it had not been asked before.
void AccountClient::ask_anew(const std::shared_ptr<Asked>& asked) {
  asked->tries = {};
  asked->refusals = {};
  again_.push_back(asked);
}

void AccountClient::take(const std::shared_ptr<Asked>& asked, const HttpResponse& response, i64 requested_at, const Secret& key) {
  const Answer answer = meaning_of(response, origin_);
  asked->refusals.note(answer.meaning, key);
  if (asks_for_too_much(*asked, response)) {
    ask_for_less(asked, response, answer.reason);
    return;
  }
  switch (answer.meaning) {
    case Meaning::page:
      if (const Result<void> taken = asked->question.page(response, requested_at); !taken) {
        fail_once(asked, response, {Meaning::temporary, taken.error().message, {}});
      } else {
        failures_in_a_row_ = 0;
        reachability_.note_success();
      }
      return;
    case Meaning::missing:
    case Meaning::not_permitted:
    case Meaning::refused:
    case Meaning::too_large:
    case Meaning::too_slow:
      if (asked->question.other(answer) == Next::done) return;
      break;
    case Meaning::redirected:
      asked->redirected_to = answer.location;
      break;
    case Meaning::key_refused:
      if (!asked->refusals.are_believed()) break;
      [[fallthrough]];
    case Meaning::disabled:
      if (answer.meaning == Meaning::disabled && !is_about_account(asked->question)) {
        ask_whether_disabled(asked, answer);
        return;
      }
      ask_with_another_key(asked, key, answer);
      return;
    case Meaning::throttled:
    case Meaning::temporary:
    case Meaning::wordless:
    case Meaning::blocked:
      break;
  }
  fail_once(asked, response, answer);
}

void AccountClient::ask_with_another_key(const std::shared_ptr<Asked>& asked, const Secret& refused, const Answer& answer) {
  asked->tries = {};
  again_.push_back(asked);
  renewal_.begin(refused, answer);
}

/// What a path says of the account may be about a part of it: the account itself is asked. Where it is there, the answer is one more way to
/// say that the path is not permitted.
void AccountClient::ask_whether_disabled(const std::shared_ptr<Asked>& asked, const Answer& said) {
  const Secret key = account_->key.now();
  send_when_free(request_to(account_url(), key, pace_), [this, asked, said, key](const HttpResponse& response) {
    const Answer answer = meaning_of(response, origin_);
    const bool is_there =
        answer.meaning == Meaning::not_permitted || (answer.meaning == Meaning::page && !account_id_in(response.body).empty());
    if (answer.meaning == Meaning::disabled) {
      ask_with_another_key(asked, key, answer);
    } else if (!is_there) {
      fail_once(asked, response, {Meaning::temporary, said.reason, {}});
    } else if (asked->question.other({Meaning::not_permitted, said.reason, {}}) == Next::again) {
      fail_once(asked, response, {Meaning::temporary, said.reason, {}});
    }
    call_ready();
  });
}

void AccountClient::fail_once(const std::shared_ptr<Asked>& asked, const HttpResponse& response, const Answer& answer) {
  if (asked->tries.failures == 0) asked->failing_since = system_clock().steady_millis();
  asked->tries.note(answer.meaning);
  ++progress_->retries;
  note_trouble(asked->question.table, answer.reason);
  if (asked->tries.may_go_on()) {
    const auto try_again = [this, asked, response] {
      after_failure(asked->tries.failures, response, [this, asked] { again_.push_back(asked); });
    };
    if (!is_like_an_outage(answer.meaning) || ++failures_in_a_row_ < kMostInARow) {
      try_again();
      return;
    }
    failures_in_a_row_ = 0;
    reachability_.doubt(asked->failing_since, {.give_up = try_again, .ask_again = [this, asked] { ask_anew(asked); }});
    return;
  }
  reachability_.doubt(
      asked->failing_since,
      {.give_up = [asked, reason = answer.reason] { asked->question.give_up(fmt::format("{}, {} times", reason, asked->tries.failures)); },
       .ask_again = [this, asked] { ask_anew(asked); }});
}

/// A file takes one of the ten while it is under way, and none when it has ended: no work at Mailchimp's API is left behind.
void AccountClient::send_file(HttpRequest request, std::function<void(const HttpResponse&)> done) {
  slots_.take();
  ++progress_->requests;
  loop_->send(std::move(request), [this, done = std::move(done)](const HttpResponse& response) {
    slots_.release();
    progress_->bytes += response.bytes;
    if (!stopped_) done(response);
    call_ready();
  });
}

void AccountClient::after_failure(int failures, const HttpResponse& response, std::function<void()> work) {
  ++waiting_;
  loop_->after(wait_millis(pace_, backoff_.millis(failures), response), [this, work = std::move(work)] {
    --waiting_;
    if (stopped_) return;
    work();
    call_ready();
  });
}

}  // namespace chimplift
