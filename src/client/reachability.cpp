#include "client/reachability.hpp"

#include <utility>

#include "base/clock.hpp"
#include "client/request.hpp"
#include "inventory/account_identity.hpp"
#include "net/url.hpp"

namespace chimplift {

Reachability::Reachability(HttpLoop& loop, const Account& account, const Settings& settings, Hooks hooks)
    : loop_(&loop),
      account_(&account),
      patience_millis_(settings.patience_millis),
      pace_(settings.pace),
      hooks_(std::move(hooks)),
      last_page_(system_clock().steady_millis()),
      last_file_(last_page_) {}

void Reachability::note_success() { last_page_ = system_clock().steady_millis(); }

void Reachability::note_file() { last_file_ = system_clock().steady_millis(); }

void Reachability::doubt(i64 failing_since, Doubtful doubtful) { judge_or_ask(last_page_ > failing_since, std::move(doubtful)); }

void Reachability::doubt_file(i64 failing_since, Doubtful doubtful) { judge_or_ask(last_success() > failing_since, std::move(doubtful)); }

void Reachability::judge_or_ask(bool is_its_own_fault, Doubtful doubtful) {
  if (is_its_own_fault) {
    doubtful.give_up();
    return;
  }
  doubtful_.push_back(std::move(doubtful));
  if (is_asking_) return;
  is_asking_ = true;
  ask();
}

void Reachability::ask() {
  if (stopped_) return;
  const Secret key = account_->key.now();
  hooks_.send(request_to(account_->api_base + std::string(kAccountQuestion), key, pace_), [this, key](const HttpResponse& response) {
    if (!stopped_) take(response, key);
  });
}

void Reachability::go_on() {
  if (std::exchange(needs_key_, false)) ask();
}

void Reachability::take(const HttpResponse& response, const Secret& key) {
  const Answer answer = meaning_of(response, parse_url(account_->api_base)->origin());
  refusals_.note(answer.meaning, key);
  switch (answer.meaning) {
    case Meaning::page:
    case Meaning::not_permitted:
    case Meaning::missing:
    case Meaning::redirected:
      judge();
      return;
    case Meaning::key_refused:
      if (!refusals_.are_believed()) break;
      [[fallthrough]];
    case Meaning::disabled:
      refusals_ = {};
      needs_key_ = account_->key.now() == key;
      needs_key_ ? hooks_.key_refused(key, answer) : ask();
      return;
    default:
      break;
  }
  was_out_of_reach_ = true;
  hooks_.trouble("out of reach: " + answer.reason);
  if (system_clock().steady_millis() - last_success() > patience_millis_) {
    hooks_.lost(answer);
    return;
  }
  loop_->after(pace_.reachability_millis, [this] { ask(); });
}

void Reachability::judge() {
  is_asking_ = false;
  note_success();
  const bool was_out_of_reach = std::exchange(was_out_of_reach_, false);
  for (const Doubtful& doubtful : std::exchange(doubtful_, {})) (was_out_of_reach ? doubtful.ask_again : doubtful.give_up)();
  hooks_.judged();
}

}  // namespace chimplift
